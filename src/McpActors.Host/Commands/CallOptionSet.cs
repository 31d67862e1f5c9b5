using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary>The options of a call on the command line: those of <c>POST /api/execute</c>.</summary>
internal sealed class CallOptionSet
{
    private readonly Option<string?> _server = Text("--server", "name", "Run on this server only; the call never moves to another.");
    private readonly Option<string?> _group = Text("--group", "name", "Use this group instead of the one that the routes select.");
    private readonly Option<CallMode?> _mode = new("--mode")
    {
        Description = "balanced: the strategy chooses the first server; failover: servers in order of priority. Default: balanced",
        HelpName = "balanced|failover",
        CustomParser = ReadMode,
    };

    private readonly Option<string?> _strategy = Text("--strategy", "name", "Use this strategy, not the configured one: round-robin, …");
    private readonly Option<TimeSpan?> _timeout =
        DurationOption.Create("--timeout", "Time limit of the whole call, such as 500ms, 30s or 2m. Default: the pool's call-timeout");

    private readonly Option<TimeSpan?> _maxTimeout =
        DurationOption.Create("--max-timeout", "Each progress report of the server restarts the time limit, up to this total.");

    private readonly Option<bool> _idempotent = new("--idempotent") { Description = "Declare that the call is safe to repeat." };
    private readonly Option<string?> _affinityKey = Text("--affinity-key", "key", "Calls with the same key go to the same server.");
    private readonly Option<bool> _affinityRequired = new("--affinity-required")
    {
        Description = "Run in the session that served this key before, or fail with SessionLost.",
    };

    private readonly Option<TimeSpan?> _hedgeAfter =
        DurationOption.Create(
            "--hedge-after", "Send a call that is safe to repeat to a second server if the first has not answered by then.");

    private readonly Option<double?> _hedgeQuantile = new("--hedge-quantile")
    {
        Description = "The same, once the first has taken longer than this quantile of the tool's recent hedged calls, such as 0.95.",
        HelpName = "quantile",
        CustomParser = ReadQuantile,
    };

    private readonly Option<string?> _callId = Text("--call-id", "id", "Your own id for the call, unique among the running calls.");

    /// <summary>Adds these options to a command.</summary>
    public static CallOptionSet AddTo(Command command)
    {
        var set = new CallOptionSet();
        Option[] all =
        [
            set._server, set._group, set._mode, set._strategy, set._timeout, set._maxTimeout, set._idempotent,
            set._affinityKey, set._affinityRequired, set._hedgeAfter, set._hedgeQuantile, set._callId,
        ];
        foreach (var option in all)
            command.Options.Add(option);
        return set;
    }

    /// <summary>The options that were given; null when there are none.</summary>
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
        given.AddError($"--mode: '{word}' is not valid; expected balanced or failover.");
        return null;
    }

    private static double? ReadQuantile(ArgumentResult given)
    {
        var word = given.Tokens[0].Value;
        if (double.TryParse(word, NumberStyles.Float, CultureInfo.InvariantCulture, out var quantile) && quantile is > 0 and < 1)
            return quantile;
        given.AddError($"--hedge-quantile: '{word}' is not valid; expected a number above 0 and below 1, such as 0.95.");
        return null;
    }

    private static Option<string?> Text(string name, string value, string description) =>
        new(name) { Description = description, HelpName = value };

    private static long? Milliseconds(TimeSpan? time) => time is { } given ? (long)given.TotalMilliseconds : null;
}
