using System.Text;
using System.Text.Json;
using Akka.Actor;
using McpActors.Configuration;

namespace McpActors.Chaos.Hostile;

/// <summary>
/// Messages that a careless or hostile program can send to a pool, none of which may harm anybody but its sender. A function of the random
/// source alone. No message changes the pool, and no call runs one of the numbered calls.
/// </summary>
internal static class HostileMessages
{
    /// <summary>The strategy that throws.</summary>
    public const string Strategy = "hostile";

    private const string HalfPair = "\ud800";

    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 20_000 };

    private static readonly string[] Names =
    [
        "", " ", "/", ".", "..", "router", HalfPair, "read" + HalfPair, "a\0b", "\r\nread", "\u202eread", "größe", "tools/call", "tools/",
        "ping", "no such tool", "*", "regex:.", new string('x', 200_000),
    ];

    private static readonly string[] Methods = ["tools/call", "resources/read", "prompts/get", "tools/list", "x/y"];

    private static readonly TimeSpan[] Times =
    [
        TimeSpan.Zero, TimeSpan.FromTicks(1), TimeSpan.FromTicks(-1), TimeSpan.MinValue, TimeSpan.MaxValue, TimeSpan.FromDays(400),
        Timeout.InfiniteTimeSpan,
    ];

    /// <summary>One message, by its name.</summary>
    public static (string Kind, object Message) Next(Random random)
    {
        var kind = random.Next(7);
        return kind switch
        {
            0 => ("name", NamedCall(Pick(random, Names), random)),
            1 => ("arguments", new CallTool("no-such-tool", Json(random))),
            2 => ("parameters", new Execute(Pick(random, Methods), Json(random))),
            3 => ("options", new CallTool("read", Argument, Options(random))),
            4 => ("null", Null(random)),
            5 => ("command", Command(random)),
            _ => ("explanation", new Explain((PoolCall)(random.Next(2) == 0
                ? new CallTool(Pick(random, Names), Json(random), Options(random))
                : NamedCall(Pick(random, Names), random)))),
        };
    }

    // The number of no call of the load.
    private static JsonElement Argument { get; } = JsonSerializer.SerializeToElement(new { number = -1 });

    private static PoolCall NamedCall(string name, Random random) => random.Next(4) switch
    {
        0 => new CallTool(name),
        1 => new ReadResource(name),
        2 => new GetPrompt(name),
        _ => new Execute(name),
    };

    private static JsonElement Json(Random random)
    {
        switch (random.Next(8))
        {
            case 0:
                var document = JsonDocument.Parse("""{ "name": "read", "arguments": { "number": -1 } }""");
                var root = document.RootElement;
                document.Dispose();
                return root;
            case 1:
                return default;
            case 2:
                return Parse($$"""{ "name": "read", "arguments": {{Nested(Pick(random, [61, 62, 63, 64, 65, 1000, 10_000]))}} }""");
            case 3:
                return Parse("""{ "name": "read", "name": "act", "_meta": {}, "_meta": 1, "arguments": {} }""");
            case 4:
                return Parse("""{ "name": "\ud800", "uri": "\udc00", "arguments": { "\ud800": "\ud800" } }""");
            case 5:
                return Parse("""{ "name": "read", "arguments": { "number": 1e400, "other": -0.0000000000000000000000000000001e-400 } }""");
            case 6:
                return Parse(Pick(random, ["[]", "null", "1", "\"text\"", "true", """{ "name": null }""", """{ "name": 1, "uri": [] }"""]));
            default:
                return JsonSerializer.SerializeToElement(new { name = new string('中', 100_000) });
        }
    }

    private static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json, Deep);
        return document.RootElement.Clone();
    }

    private static string Nested(int depth) => new StringBuilder().Insert(0, "[", depth).Append(']', depth).ToString();

    private static CallOptions Options(Random random) => random.Next(9) switch
    {
        0 => new() { Timeout = Pick(random, Times) },
        1 => new() { Timeout = TimeSpan.FromSeconds(1), MaxTimeout = Pick(random, Times) },
        2 => new() { Hedge = new Hedging { After = Pick(random, Times) } },
        3 => new() { Hedge = new Hedging { Quantile = Pick(random, [double.NaN, double.PositiveInfinity, -1, 0, 1, 2]) } },
        4 => new() { Server = Pick(random, Names) },
        5 => new() { Group = Pick(random, Names) },
        6 => new() { Strategy = Pick(random, [.. Names, Strategy, Strategy, Strategy]), Timeout = TimeSpan.FromSeconds(1) },
        7 => new() { CallId = Pick(random, [.. Names, "same", "same"]), Mode = (CallMode)99, AffinityKey = Pick(random, Names) },
        _ => new() { ProgressTo = ActorRefs.Nobody, Progress = new Throws(), AffinityKey = HalfPair, AffinityRequired = true },
    };

    private static object Null(Random random) => random.Next(7) switch
    {
        0 => new CallTool(null!),
        1 => new Execute(null!),
        2 => new ReadResource(null!),
        3 => new GetPrompt(null!),
        4 => new CancelCall(null!),
        5 => new Explain(null!),
        _ => new Explain(new CallTool(null!)),
    };

    private static PoolCommand Command(Random random) => random.Next(9) switch
    {
        0 => new AddServer(null!),
        1 => new AddServer(new ServerSettings { Name = Pick(random, ["a\0b", ".", "..", "$a", "router", "", HalfPair]), Command = "true" }),
        2 => new AddServer(new ServerSettings { Name = "x", Group = Pick(random, ["a\0b", "", HalfPair]), Command = "true" }),
        3 => new AddServer(new ServerSettings { Name = "x", Args = null!, Environment = null!, Headers = null! }),
        4 => new UpdateServer(new ServerSettings { Name = "no-such-server", Command = "true" }),
        5 => new RemoveServer(Pick(random, ["no-such-server", null!, "a\0b"])),
        6 => new DrainServer(Pick(random, ["no-such-server", null!, HalfPair])),
        7 => new ApplyConfiguration(Pick(random, [null!, new PoolSettings { Servers = null! }, new PoolSettings { Servers = [null!] }])),
        _ => new ApplyConfiguration(new PoolSettings { LoadBalancing = "no-such-strategy", CallTimeout = Pick(random, Times) }),
    };

    private static T Pick<T>(Random random, T[] among) => among[random.Next(among.Length)];

    private sealed class Throws : IProgress<CallProgress>
    {
        public void Report(CallProgress value) => throw new InvalidOperationException("a listener that throws");
    }
}
