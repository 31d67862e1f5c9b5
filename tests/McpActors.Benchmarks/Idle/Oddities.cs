using System.Diagnostics;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace McpActors.Benchmarks.Idle;

/// <summary>What is odd about a server.</summary>
/// <param name="Name">The server's name in the pool.</param>
/// <param name="Words">The oddity, for people.</param>
/// <param name="Answer">The odd answer to a request; null for the ordinary one.</param>
internal sealed record Oddity(string Name, string Words, Func<OddRequest, Task<OddAnswer?>>? Answer = null)
{
    /// <summary>How long an idle connection stays open.</summary>
    public TimeSpan KeepAlive { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>The session that the server knows now; null for a server without sessions.</summary>
    public Func<string>? Session { get; init; }
}

/// <summary>A request to an odd server.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Count">How many requests of this method there were, with this one.</param>
/// <param name="Http">The HTTP request and its answer.</param>
internal sealed record OddRequest(string Method, int Count, HttpContext Http);

/// <summary>An answer of an odd server.</summary>
/// <param name="Result">The result; null for an error.</param>
/// <param name="Code">The code of the error.</param>
/// <param name="Before">A notification that comes first, on an event stream.</param>
internal sealed record OddAnswer(JsonNode? Result, int Code = -32601, JsonNode? Before = null)
{
    public static OddAnswer Refused => new(Result: null);

    public static OddAnswer Of(string result) => new(JsonNode.Parse(result)!);
}

/// <summary>The oddities that the measurement has.</summary>
internal static class Oddities
{
    private static readonly TimeSpan SessionTime = TimeSpan.FromMinutes(1);

    public static IReadOnlyList<Oddity> All { get; } =
    [
        new("plain", "nothing"),
        new("silent-ping", "does not answer `ping`", On("ping", async request =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, request.Http.RequestAborted)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return null;
        })),
        new("refused-ping", "answers `ping` with -32601", On("ping", OddAnswer.Refused)),
        new("broken-ping", "answers `ping` with HTTP 500", On("ping", Status(StatusCodes.Status500InternalServerError))),
        new("missing-list", "offers tools, and answers `tools/list` with -32601", On("tools/list", OddAnswer.Refused)),
        new("broken-list", "answers `tools/list` with HTTP 500", On("tools/list", Status(StatusCodes.Status500InternalServerError))),
        new("endless-pages", "every page names a next one", On("tools/list", request => Task.FromResult<OddAnswer?>(
            OddAnswer.Of($$"""{ "tools": [{ "name": "echo" }], "nextCursor": "{{request.Count}}" }""")))),
        new("announces", "announces a change with every listing", On("tools/list", _ => Task.FromResult<OddAnswer?>(
            OddAnswer.Of("""{ "tools": [{ "name": "echo" }] }""") with
            {
                Before = JsonNode.Parse("""{ "jsonrpc": "2.0", "method": "notifications/tools/list_changed" }"""),
            }))),
        new("nameless-tool", "lists a tool without a name", On(
            "tools/list", OddAnswer.Of("""{ "tools": [{ "name": "echo" }, { "inputSchema": 7 }] }"""))),
        new("forgetful", "forgets its session every minute") { Session = () => $"{Stopwatch.GetTimestamp() / SessionTicks}" },
        new("hasty", "closes a connection that is idle for a second") { KeepAlive = TimeSpan.FromSeconds(1) },
    ];

    private static long SessionTicks => (long)(SessionTime.TotalSeconds * Stopwatch.Frequency);

    private static Func<OddRequest, Task<OddAnswer?>> On(string method, Func<OddRequest, Task<OddAnswer?>> answer) =>
        request => request.Method == method ? answer(request) : Task.FromResult<OddAnswer?>(null);

    private static Func<OddRequest, Task<OddAnswer?>> On(string method, OddAnswer answer) =>
        On(method, _ => Task.FromResult<OddAnswer?>(answer with { Result = answer.Result?.DeepClone() }));

    private static Func<OddRequest, Task<OddAnswer?>> Status(int status) => request =>
    {
        request.Http.Response.StatusCode = status;
        return Task.FromResult<OddAnswer?>(null);
    };
}
