using System.CommandLine;
using System.CommandLine.Parsing;
using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary>Where and how a call may run: the options of <c>POST /api/execute</c> as they are typed.</summary>
internal sealed class CallOptionSet
{
    private readonly Option<string?> _server = Text("--server", "name", "Exactly this server. The call is then never moved to another one.");
    private readonly Option<string?> _group = Text("--group", "name", "This group, whatever the routes say.");
    private readonly Option<CallMode?> _mode = new("--mode")
    {
        Description = "balanced: the strategy picks the first server; failover: the best priority first, then downwards. Default: balanced",
        HelpName = "balanced|failover",
        CustomParser = ReadMode,
    };

    private readonly Option<string?> _strategy = Text("--strategy", "name", "A strategy, such as round-robin, instead of the configured one.");
    private readonly Option<TimeSpan?> _timeout =
        DurationOption.Create("--timeout", "How long the whole call may take, such as 500ms, 30s or 2m. Default: the pool's call-timeout");

    private readonly Option<TimeSpan?> _maxTimeout =
        DurationOption.Create("--max-timeout", "Progress reported by the server grants the call its time-out anew, up to this much in all.");

    private readonly Option<bool> _idempotent = new("--idempotent") { Description = "You vouch that running it twice does no harm." };
    private readonly Option<string?> _affinityKey = Text("--affinity-key", "key", "Calls with the same key go to the same server.");
    private readonly Option<bool> _affinityRequired = new("--affinity-required")
    {
        Description = "A key that was served before runs in that very session, or fails with SessionLost.",
    };

    private readonly Option<TimeSpan?> _hedgeAfter =
        DurationOption.Create("--hedge-after", "A call that is safe to repeat goes to a second server when the first has not answered after so long.");

    private readonly Option<double?> _hedgeQuantile = new("--hedge-quantile")
    {
        Description = "The same, when the first takes longer than this share of the tool's hedged calls of late did, such as 0.95.",
        HelpName = "share",
    };

    private readonly Option<string?> _callId = Text("--call-id", "id", "An id of your own, unique among the running calls.");

    /// <summary>Gives a command these options.</summary>
    public static CallOptionSet AddTo(Command command)
    {
        var set = new CallOptionSet();
        Option[] all =
        [
            set._server, set._group, set._mode, set._strategy, set._timeout, set._maxTimeout, set._idempotent, set._affinityKey, set._affinityRequired,
            set._hedgeAfter, set._hedgeQuantile, set._callId,
        ];
        foreach (var option in all)
            command.Options.Add(option);
        return set;
    }

    /// <summary>What was given; null: nothing.</summary>
    public ExecuteOptions? Read(ParseResult given)
    {
        var options = new ExecuteOptions
        {
            Server = given.GetValue(_server),
            Group = given.GetValue(_group),
            Mode = given.GetValue(_mode),
            Strategy = given.GetValue(_strategy),
            TimeoutMs = Milliseconds(given.GetValue(_timeout)),
            MaxTimeoutMs = Milliseconds(given.GetValue(_maxTimeout)),
            Idempotent = given.GetValue(_idempotent) ? true : null,
            AffinityKey = given.GetValue(_affinityKey),
            AffinityRequired = given.GetValue(_affinityRequired) ? true : null,
            HedgeAfterMs = Milliseconds(given.GetValue(_hedgeAfter)),
            HedgeQuantile = given.GetValue(_hedgeQuantile),
            CallId = given.GetValue(_callId),
        };
        return options == new ExecuteOptions() ? null : options;
    }

    private static CallMode? ReadMode(ArgumentResult given)
    {
        var word = given.Tokens[0].Value;
        foreach (var mode in Enum.GetValues<CallMode>())
        {
            if (word.Equals($"{mode}", StringComparison.OrdinalIgnoreCase))
                return mode;
        }
        given.AddError($"--mode: '{word}' is neither balanced nor failover.");
        return null;
    }

    private static Option<string?> Text(string name, string value, string description) => new(name) { Description = description, HelpName = value };

    private static long? Milliseconds(TimeSpan? time) => time is { } given ? (long)given.TotalMilliseconds : null;
}
