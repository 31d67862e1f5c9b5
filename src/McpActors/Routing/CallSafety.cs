using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;
using ModelContextProtocol.Protocol;

namespace McpActors.Routing;

/// <summary>
/// Whether a call may run twice without harm. A call is unsafe unless its caller, its method, the configuration or its server's annotations
/// make it safe. See <c>docs/reliability.md</c>. Pure.
/// </summary>
internal sealed class CallSafety(IReadOnlyList<NamePattern> idempotentTools)
{
    /// <summary>Whether the call is safe on every server.</summary>
    /// <param name="request">The call.</param>
    /// <param name="vouched">The caller's own statement, which overrides every other rule.</param>
    public bool IsSafe(CallRequest request, bool? vouched)
    {
        if (vouched is { } word)
            return word;
        if (request.Method != RequestMethods.ToolsCall)
            return IsRead(request.Method);
        foreach (var pattern in idempotentTools)
        {
            if (pattern.Matches(request.Name!))
                return true;
        }
        return false;
    }

    /// <summary>Whether the call is safe on this server, whose annotations of the tool count unless the caller stated otherwise.</summary>
    /// <param name="server">The server.</param>
    /// <param name="request">The call.</param>
    /// <param name="vouched">The caller's own statement.</param>
    /// <param name="safe">Whether the call is safe on every server (<see cref="IsSafe"/>).</param>
    public static bool IsSafeOn(ServerEntry server, CallRequest request, bool? vouched, bool safe) =>
        safe || (vouched is null && request.Tool is { } tool && server.MarksRepeatable(tool));

    private static bool IsRead(string method) =>
        method is RequestMethods.ResourcesRead or RequestMethods.PromptsGet or RequestMethods.CompletionComplete
            or RequestMethods.Ping or RequestMethods.ServerDiscover
        || method.EndsWith("/list", StringComparison.Ordinal);
}
