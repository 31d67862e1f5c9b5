using System.ComponentModel;
using System.Text.Json;

namespace McpActors.Host.Api.Contract;

/// <summary>The answer of <c>POST /api/execute</c> when a server answered.</summary>
internal sealed record ExecuteReply(
    [property: Description("The JSON-RPC result as the server sent it. The error of a tool (isError: true) is a result too.")]
    JsonElement Result,
    [property: Description("The server that answered.")] string Server,
    [property: Description("Every attempt in order, the successful one last.")] IReadOnlyList<AttemptReply> Attempts,
    [property: Description("The time from the receipt of the call to its answer, in milliseconds.")] double ElapsedMs)
{
    public static ExecuteReply From(CallCompleted executed) =>
        new(executed.Result, executed.Server, AttemptReply.From(executed.Attempts), Milliseconds.Of(executed.Elapsed));
}

/// <summary>One attempt of a call on one server.</summary>
internal sealed record AttemptReply(
    [property: Description("The name of the server.")] string Server,
    [property: Description("How it ended.")] AttemptOutcome Outcome,
    [property: Description("The error; absent when it succeeded.")] string? Error,
    [property: Description("Its duration in milliseconds.")] double ElapsedMs)
{
    public static IReadOnlyList<AttemptReply> From(IReadOnlyList<Attempt> attempts) =>
        [.. attempts.Select(a => new AttemptReply(a.Server, a.Outcome, a.Error, Milliseconds.Of(a.Elapsed)))];
}

/// <summary>The answer to a request that failed. A call that reached the pool also has its attempts and its duration.</summary>
internal sealed record ErrorReply(
    [property: Description("The error.")] ErrorBody Error,
    [property: Description("The attempts of the call, in order.")] IReadOnlyList<AttemptReply>? Attempts = null,
    [property: Description("The duration of the call in milliseconds.")] double? ElapsedMs = null)
{
    public static ErrorReply From(CallFailed failed) =>
        new(ErrorBody.From(failed.Error), AttemptReply.From(failed.Attempts), Milliseconds.Of(failed.Elapsed));

    public static ErrorReply Of(string kind, string message) => new(new ErrorBody(kind, message));
}

/// <summary>An error: its kind for programs, its message for people.</summary>
internal sealed record ErrorBody(
    [property: Description("Stable, for programs: a kind of the pool, Refused (a command), Unauthorized, or InternalError (a bug).")]
    string Kind,
    [property: Description("What happened, to which server, and what to do.")] string Message)
{
    /// <summary>The kind of a command that was refused.</summary>
    public const string Refused = "Refused";

    /// <summary>The kind of a bug of the worker.</summary>
    public const string InternalError = "InternalError";

    [Description("Of a call: whether a server may have run it, or did; false: none did. Absent for other requests.")]
    public bool? MayHaveRun { get; init; }

    [Description("The server's JSON-RPC error code.")]
    public int? Code { get; init; }

    [Description("The server's JSON-RPC error data.")]
    public JsonElement? Data { get; init; }

    [Description("The time to wait before trying again, in milliseconds.")]
    public double? RetryAfterMs { get; init; }

    [Description("The server that the error is about.")]
    public string? Server { get; init; }

    [Description("Why each server could not take the call.")]
    public IReadOnlyList<ServerReasonReply>? Servers { get; init; }

    public static ErrorBody From(PoolError error) => new(error.Kind.ToString(), error.Message)
    {
        MayHaveRun = error.MayHaveRun,
        Code = error.Code,
        Data = error.Data,
        RetryAfterMs = error.RetryAfter is { } wait ? Milliseconds.Of(wait) : null,
        Server = error.Server,
        Servers = error.Servers.Count == 0 ? null : [.. error.Servers.Select(s => new ServerReasonReply(s.Server, s.Reason))],
    };
}

/// <summary>Why one server could not take a call.</summary>
internal sealed record ServerReasonReply(
    [property: Description("The name of the server.")] string Server,
    [property: Description("The reason.")] string Reason);

/// <summary>The answer to a command that was accepted.</summary>
internal sealed record DoneReply([property: Description("Always true.")] bool Done)
{
    [Description("The blocks of the file whose change takes effect at the next start of the worker.")]
    public IReadOnlyList<string>? AtNextStart { get; init; }
}

/// <summary>Durations in JSON: milliseconds with at most three decimals.</summary>
internal static class Milliseconds
{
    public static double Of(TimeSpan time) => Math.Round(time.TotalMilliseconds, 3);
}
