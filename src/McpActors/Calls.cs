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

    internal const string DisposedParameters =
        "the parameters belong to a JsonDocument that was disposed; clone the element before the document is disposed";

    /// <summary>
    /// What a check of the parameters has found on the caller's thread; null while they are not checked. It never crosses processes.
    /// </summary>
    internal ParametersCheck? Check { get; init; }

    /// <summary>The parameters were checked on the caller's thread: an actor does not look into them.</summary>
    internal bool IsChecked => Check is not null;

    /// <summary>The parameters or arguments, as the caller gave them; null for none.</summary>
    internal virtual JsonElement? Parameters => null;

    /// <summary>
    /// The same call with parameters that stay readable when the caller disposes their document; copied only where that can happen.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The document was disposed.</exception>
    internal virtual PoolCall WithOwnParameters() => this;

    private protected static JsonElement Owned(JsonElement given) =>
        given.ValueKind == JsonValueKind.Undefined ? given : given.Clone();
}

/// <summary>What a check has found in the parameters of a call.</summary>
/// <param name="Size">Their size, as <see cref="JsonText.SizeOf"/> counts.</param>
/// <param name="Problem">Why they cannot be written; null when they can.</param>
internal readonly record struct ParametersCheck(long Size, string? Problem);

/// <summary>
/// Runs a method on one server of the pool. The reply is <see cref="CallCompleted"/> or <see cref="CallFailed"/>, never an exception.
/// Methods and names have at most 512 characters, URIs of resources 8 192; parameters are nested at most 60 levels deep, hold no half of a
/// surrogate pair, and have no key twice at their top, in <c>arguments</c> or in <c>_meta</c>: else the error is
/// <see cref="PoolErrorKind.InvalidRequest"/>.
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

    internal override JsonElement? Parameters => Params;

    internal override PoolCall WithOwnParameters() => Params is { } given ? this with { Params = Owned(given) } : this;
}

/// <summary>Calls a tool: <see cref="Execute"/> for a name that may itself hold a <c>/</c>.</summary>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">Its arguments: a JSON object, or null for none.</param>
/// <param name="Options">Where and how the call may run.</param>
public sealed record CallTool(string Name, JsonElement? Arguments = null, CallOptions? Options = null) : PoolCall(Options)
{
    internal override string? Subject => Name;

    internal override JsonElement? Parameters => Arguments;

    internal override PoolCall WithOwnParameters() => Arguments is { } given ? this with { Arguments = Owned(given) } : this;
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

    internal override JsonElement? Parameters => Arguments;

    internal override PoolCall WithOwnParameters() => Arguments is { } given ? this with { Arguments = Owned(given) } : this;
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
/// <param name="Progress">
/// The progress so far; grows with each report of one attempt. A retry starts from its own beginning, so the value may fall.
/// </param>
/// <param name="Total">The value of <paramref name="Progress"/> at the end; null when the server does not know it.</param>
/// <param name="Message">The server's message; null when it sent none.</param>
public sealed record CallProgress(string? CallId, string Server, double Progress, double? Total, string? Message);
