using System.Globalization;

namespace McpActors.Tests.Failures;

/// <summary>When a call moves to another server after such an answer.</summary>
internal enum Moves
{
    /// <summary>Never: every server would answer the same, or it is a result.</summary>
    Never,

    /// <summary>Only a call that may run twice, because it may have run.</summary>
    OnlyIfSafe,

    /// <summary>Always: the server did not run it, or reports a failure.</summary>
    Always,
}

/// <summary>One row of the failure table as an HTTP server shows it.</summary>
/// <param name="Name">The answer, in words.</param>
/// <param name="Script">Sends the answer.</param>
/// <param name="Outcome">The outcome of the attempt.</param>
/// <param name="Moves">When the call moves to another server.</param>
/// <param name="Alone">The error of an unsafe call when there is no other server; null: the answer is a result.</param>
internal sealed record HttpAnswerRow(string Name, Script Script, AttemptOutcome Outcome, Moves Moves, PoolErrorKind? Alone)
{
    /// <summary>A date one minute in the future, in the format of RFC 9110.</summary>
    private static string InAMinute => TimeProvider.System.GetUtcNow().AddMinutes(1).ToString("R", CultureInfo.InvariantCulture);

    public static IReadOnlyDictionary<string, HttpAnswerRow> All { get; } = new HttpAnswerRow[]
    {
        Never("400", Scripts.Status(400), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("400 with a JSON-RPC error", Scripts.Error(-32600, 400), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("400 with a server error", Scripts.Error(-32000, 400), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("404 with invalid params", Scripts.Error(-32602, 404), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("413", Scripts.Status(413), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("414", Scripts.Status(414), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("415", Scripts.Status(415), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("422", Scripts.Status(422), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("invalid request", Scripts.Error(-32600), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("parse error", Scripts.Error(-32700), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("invalid params", Scripts.Error(-32602), AttemptOutcome.Rejected, PoolErrorKind.Rejected),
        Never("a tool's own error", Scripts.Result("it failed", isError: true), AttemptOutcome.ToolError, null),

        Always("301", Scripts.Status(301), AttemptOutcome.Refused, PoolErrorKind.AllServersFailed),
        Always("307", Scripts.Status(307), AttemptOutcome.Refused, PoolErrorKind.AllServersFailed),
        Always("401", Scripts.Status(401), AttemptOutcome.Refused, PoolErrorKind.AllServersFailed),
        Always("403", Scripts.Status(403), AttemptOutcome.Refused, PoolErrorKind.AllServersFailed),
        Always("404 without a session", Scripts.Status(404), AttemptOutcome.Refused, PoolErrorKind.AllServersFailed),
        Always("404 with method not found", Scripts.Error(-32601, 404), AttemptOutcome.NotSupported, PoolErrorKind.AllServersFailed),
        Always("400 with method not found", Scripts.Error(-32601, 400), AttemptOutcome.NotSupported, PoolErrorKind.AllServersFailed),
        Always("403 with a JSON-RPC error", Scripts.Error(-32602, 403), AttemptOutcome.Refused, PoolErrorKind.AllServersFailed),
        Always("404 with a server error", Scripts.Error(-32000, 404), AttemptOutcome.ServerError, PoolErrorKind.OutcomeUnknown),
        Always(
            "404 with a page",
            Scripts.Body("text/html", "<html>No page -32601</html>", 404),
            AttemptOutcome.Refused,
            PoolErrorKind.AllServersFailed),
        Always("405", Scripts.Status(405), AttemptOutcome.Refused, PoolErrorKind.AllServersFailed),
        Always("429", Scripts.Status(429), AttemptOutcome.Refused, PoolErrorKind.Overloaded),
        Always("429 with seconds", Scripts.Status(429, "60"), AttemptOutcome.Refused, PoolErrorKind.Overloaded),
        Always(
            "429 with a date",
            (context, request) => Scripts.Status(429, InAMinute)(context, request),
            AttemptOutcome.Refused,
            PoolErrorKind.Overloaded),
        Always("503 with seconds", Scripts.Status(503, "60"), AttemptOutcome.Refused, PoolErrorKind.Overloaded),
        Always(
            "503 with a date",
            (context, request) => Scripts.Status(503, InAMinute)(context, request),
            AttemptOutcome.Refused,
            PoolErrorKind.Overloaded),
        Always("resource not found", Scripts.Error(-32002), AttemptOutcome.NotSupported, PoolErrorKind.AllServersFailed),
        Always("a code of the server's own", Scripts.Error(-32099), AttemptOutcome.ServerError, PoolErrorKind.OutcomeUnknown),
        Always("method not found", Scripts.Error(-32601), AttemptOutcome.NotSupported, PoolErrorKind.AllServersFailed),
        Always("internal error", Scripts.Error(-32603), AttemptOutcome.ServerError, PoolErrorKind.OutcomeUnknown),

        IfSafe("300", Scripts.Status(300)),
        IfSafe("302", Scripts.Status(302)),
        IfSafe("303", Scripts.Status(303)),
        IfSafe("304", Scripts.Status(304)),
        IfSafe("408", Scripts.Status(408)),
        IfSafe("500", Scripts.Status(500)),
        IfSafe("500 with a JSON-RPC error", Scripts.Error(-32603, 500)),
        IfSafe("502", Scripts.Status(502)),
        IfSafe("502 with a page", Scripts.Body("text/html", "<html>Bad gateway; -32601</html>", 502)),
        IfSafe("503", Scripts.Status(503)),
        IfSafe("504", Scripts.Status(504)),
        IfSafe("reset after the request was read", Scripts.Reset),
        IfSafe("stream reset before the reply", Scripts.ResetStream),
        IfSafe("stream closed without a reply", Scripts.EndedStream),
        IfSafe("wrong id", Scripts.WrongId),
        IfSafe("malformed JSON", Scripts.Body("application/json", "{\"jsonrpc\":\"2.0\",\"id\":")),
        IfSafe("malformed JSON in a stream", Scripts.Body("text/event-stream", "data: {\"jsonrpc\n\n")),
        IfSafe("JSON that is not JSON-RPC", Scripts.Body("application/json", "{\"ok\":true}")),
        IfSafe("HTML", Scripts.Body("text/html", "<html>Welcome!</html>")),
        IfSafe("empty 200", Scripts.Body("application/json", "")),
        IfSafe("empty 202", Scripts.Status(202)),
        IfSafe("empty 204", Scripts.Status(204)),
    }.ToDictionary(row => row.Name);

    private static HttpAnswerRow Never(string name, Script script, AttemptOutcome outcome, PoolErrorKind? alone) =>
        new(name, script, outcome, Moves.Never, alone);

    private static HttpAnswerRow Always(string name, Script script, AttemptOutcome outcome, PoolErrorKind alone) =>
        new(name, script, outcome, Moves.Always, alone);

    private static HttpAnswerRow IfSafe(string name, Script script) =>
        new(name, script, AttemptOutcome.Lost, Moves.OnlyIfSafe, PoolErrorKind.OutcomeUnknown);
}
