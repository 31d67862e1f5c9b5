using System.Text.Json;

namespace McpActors.Tests.Interop;

/// <summary>A server that others have published, one way to reach it, and a call of one of its tools.</summary>
/// <param name="Name">Its name in the pool.</param>
/// <param name="Module">The module that Node runs.</param>
/// <param name="Arguments">Its arguments; <c>{NAME}</c> stands for the URL of another server, <c>{NAME.port}</c> for its port.</param>
/// <param name="Call">The call.</param>
internal sealed record PublishedServer(string Name, string Module, IReadOnlyList<string> Arguments, ToolCall Call)
{
    /// <summary>Where it listens, such as <c>http://127.0.0.1/mcp</c>; null for a server over stdio.</summary>
    public Uri? Uri { get; init; }

    /// <summary>Its variables.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>It is nginx in front of others.</summary>
    public bool NeedsNginx => Name.StartsWith("nginx-", StringComparison.Ordinal);

    /// <summary>It starts when the others listen, because its arguments name them.</summary>
    public bool IsInFront => Arguments.Any(argument => argument.Contains('{', StringComparison.Ordinal));
}

/// <summary>A call of a tool.</summary>
/// <param name="Tool">The tool.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Answer">A part of its answer.</param>
internal sealed record ToolCall(string Tool, JsonElement Arguments, string Answer);
