using McpActors.Configuration;
using McpActors.Connections;
using ModelContextProtocol.Protocol;

namespace McpActors.Routing;

/// <summary>Whether running a call twice does no harm (design, section 5). What is not known to be safe is not. Pure.</summary>
internal sealed class CallSafety(IReadOnlyList<NamePattern> idempotentTools)
{
    /// <param name="request">What is to be run.</param>
    /// <param name="vouched">The caller's word, which goes before everything else.</param>
    /// <param name="markedRepeatable">Whether the server that is to run it marks the tool so, and is trusted.</param>
    public bool IsSafe(CallRequest request, bool? vouched, bool markedRepeatable)
    {
        if (vouched is { } word)
            return word;
        if (request.Method != RequestMethods.ToolsCall)
            return IsReadByProtocol(request.Method);
        if (markedRepeatable)
            return true;
        foreach (var pattern in idempotentTools)
        {
            if (pattern.Matches(request.Name!))
                return true;
        }
        return false;
    }

    private static bool IsReadByProtocol(string method) =>
        method is RequestMethods.ResourcesRead or RequestMethods.PromptsGet or RequestMethods.CompletionComplete
            or RequestMethods.Ping or RequestMethods.ServerDiscover
        || method.EndsWith("/list", StringComparison.Ordinal);
}
