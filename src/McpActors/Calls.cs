using System.Text.Json;

namespace McpActors;

/// <summary>
/// A message that asks the pool to run something on a server. The pool answers it exactly once with a <see cref="CallReply"/>. The
/// hierarchy is closed: only this library can add a kind.
/// </summary>
/// <param name="Options">Where and how the call may run; null for the defaults of the route and the pool.</param>
public abstract record PoolCall(CallOptions? Options)
{
    /// <summary>The method, tool, URI or prompt that the call names, as its caller wrote it.</summary>
    internal abstract string? Subject { get; }
}

/// <summary>
/// Runs a method on one server of the pool. The reply is <see cref="CallCompleted"/> or <see cref="CallFailed"/>, never an exception.
/// </summary>
/// <param name="Method">
/// An MCP method (one with a <c>/</c>, or <c>ping</c>), sent as it is; any other word is the name of a tool and is sent as
/// <c>tools/call</c>.
/// </param>
/// <param name="Params">The parameters of the method, or the arguments of the tool: a JSON object, or null for none.</param>
/// <param name="Options">Where and how the call may run; null for the defaults of the route and the pool.</param>
public sealed record Execute(string Method, JsonElement? Params = null, CallOptions? Options = null) : PoolCall(Options)
{
    internal override string? Subject => Method;
}

/// <summary>Calls a tool: <see cref="Execute"/> for a name that may itself hold a <c>/</c>.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">Its arguments: a JSON object, or null for none.</param>
/// <param name="Options">Where and how the call may run.</param>
public sealed record CallTool(string Name, JsonElement? Arguments = null, CallOptions? Options = null) : PoolCall(Options)
{
    internal override string? Subject => Name;
}

/// <summary>Reads a resource (<c>resources/read</c>).</summary>
/// <param name="Uri">The resource's URI.</param>
/// <param name="Options">Where and how the call may run.</param>
public sealed record ReadResource(string Uri, CallOptions? Options = null) : PoolCall(Options)
{
    internal override string? Subject => Uri;
}

/// <summary>Gets a prompt (<c>prompts/get</c>).</summary>
/// <param name="Name">The prompt's name.</param>
/// <param name="Arguments">Its arguments: a JSON object, or null for none.</param>
/// <param name="Options">Where and how the call may run.</param>
public sealed record GetPrompt(string Name, JsonElement? Arguments = null, CallOptions? Options = null) : PoolCall(Options)
{
    internal override string? Subject => Name;
}

/// <summary>
/// Cancels the call with that id: its attempt is cancelled on the one server that has it and the caller gets
/// <see cref="PoolErrorKind.Cancelled"/>. Answered with <see cref="CommandAccepted"/>, or <see cref="CommandRefused"/> when no such call is
/// running.
/// </summary>
/// <param name="CallId">The <see cref="CallOptions.CallId"/> the call was sent with.</param>
public sealed record CancelCall(string CallId);

/// <summary>Progress that a server reports for a call in flight; sent to <see cref="CallOptions.ProgressTo"/>.</summary>
/// <param name="CallId">The call's <see cref="CallOptions.CallId"/>; null when it has none.</param>
/// <param name="Server">The server that reports.</param>
/// <param name="Progress">The progress so far; grows with each report.</param>
/// <param name="Total">The value of <paramref name="Progress"/> at the end; null when the server does not know it.</param>
/// <param name="Message">The server's message; null when it sent none.</param>
public sealed record CallProgress(string? CallId, string Server, double Progress, double? Total, string? Message);
