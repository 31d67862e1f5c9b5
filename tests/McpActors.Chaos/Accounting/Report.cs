using System.Globalization;
using System.Text;
using System.Text.Json;

namespace McpActors.Chaos.Accounting;

/// <summary>The result of a run.</summary>
internal sealed record Report
{
    public required int Seed { get; init; }

    public required int Seconds { get; init; }

    public required int Callers { get; init; }

    /// <summary>The number of faults of each kind.</summary>
    public required IReadOnlyDictionary<string, int> Faults { get; init; }

    public required IReadOnlyDictionary<string, Tally> ByFault { get; init; }

    public required Tally Total { get; init; }

    public required double CallsPerSecond { get; init; }

    /// <summary>Must be 0: attempts that the pool still counts as running when every caller has its reply.</summary>
    public required int InFlightAfterwards { get; init; }

    /// <summary>Must be 0: servers that were not in service again some time after the last fault.</summary>
    public required int NotRecovered { get; init; }

    /// <summary>Must be 0: processes of the pool that outlive it.</summary>
    public required int ProcessesLeft { get; init; }

    /// <summary>Messages of hostile callers.</summary>
    public required long HostileSent { get; init; }

    /// <summary>Must be 0: messages of hostile callers without a reply in time.</summary>
    public required long HostileUnanswered { get; init; }

    /// <summary>Must be 0: errors in the log of the actor system, which only an unexpected failure of an actor is.</summary>
    public required long ActorFailures { get; init; }

    /// <summary>Servers that became unavailable without a fault: late effects of a fault, or an overloaded machine.</summary>
    public required IReadOnlyList<string> FellOutWithoutFault { get; init; }

    public required IReadOnlyList<string> Examples { get; init; }

    public long Violations => Total.Violations + InFlightAfterwards + NotRecovered + ProcessesLeft + HostileUnanswered + ActorFailures;

    public string ToJson() => JsonSerializer.Serialize(this, JsonOptions);

    private static readonly JsonSerializerOptions JsonOptions = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public string ToText()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"seed {Seed}, {Seconds} s, {Callers} callers, {CallsPerSecond:0} calls a second");
        text.AppendLine();
        text.AppendLine(
            "| fault | faults | calls | answered | saved | ran twice* | invented* | unknown, not run | unknown, run | denied* "
            + "| other error, not run | safe failed* | unanswered* | late ms |");
        text.AppendLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var (fault, tally) in ByFault)
            Row(text, fault, Faults.GetValueOrDefault(fault), tally);
        Row(text, "total", Faults.Values.Sum(), Total);
        text.AppendLine();
        text.AppendLine("* must be 0");
        text.AppendLine(
            $"in flight afterwards* {InFlightAfterwards}, servers not recovered* {NotRecovered}, processes left* {ProcessesLeft}, "
            + $"fell out of service without a fault {FellOutWithoutFault.Count}");
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"hostile messages {HostileSent}, unanswered* {HostileUnanswered}, actors that failed* {ActorFailures}");
        foreach (var example in FellOutWithoutFault.Concat(Examples))
            text.AppendLine(example);
        text.Append(Violations == 0 ? "all that must be 0 is 0" : $"FAILED: {Violations} where there must be 0");
        return text.ToString();
    }

    private static void Row(StringBuilder text, string name, int faults, Tally t) => text.AppendLine(
        $"| {name} | {faults} | {t.Calls} | {t.Answered} | {t.Saved} | {t.RanTwice} | {t.Invented} | {t.UnknownNotRun} "
        + $"| {t.UnknownRun} | {t.Denied} "
        + $"| {t.OtherwiseFailed} | {t.SafeFailed} | {t.Unanswered} | {t.WorstLateMs:0} |");
}
