using System.Globalization;
using System.Text;
using McpActors.Chaos.Accounting;

namespace McpActors.Chaos.Cluster;

/// <summary>The result of one run with a cluster, as a table.</summary>
/// <param name="Heading">The parameters of the run.</param>
/// <param name="Count">The count of all calls.</param>
/// <param name="Faults">The number of faults by name.</param>
internal sealed record ClusterReport(string Heading, NodeCount Count, IReadOnlyDictionary<string, int> Faults)
{
    private static readonly string[] Columns =
    [
        "fault", "faults", "calls", "answered", "saved by another node", "ran twice*", "invented*", "unknown, not run", "unknown, run",
        "denied*", "other error, not run", "safe failed*", "lost in order*",
    ];

    /// <summary>Calls that the nodes still held after the load.</summary>
    public required int InFlight { get; init; }

    /// <summary>Processes that were left after the nodes had ended.</summary>
    public required int Left { get; init; }

    /// <summary>How often two processes of a server of which the cluster must have one connection were seen.</summary>
    public required int TwoAtOnce { get; init; }

    /// <summary>The times from a fault until the servers of the node served elsewhere.</summary>
    public required IReadOnlyList<string> Recoveries { get; init; }

    /// <summary>The sum of all numbers that must be 0.</summary>
    public long Violations => Count.Total.Violations + InFlight + Left + TwoAtOnce;

    public override string ToString()
    {
        var text = new StringBuilder();
        text.AppendLine(Heading).AppendLine();
        text.AppendLine($"| {string.Join(" | ", Columns)} |");
        text.AppendLine($"|---|{string.Concat(Enumerable.Repeat("---:|", Columns.Length - 1))}");
        foreach (var (fault, tally) in Count.ByFault)
            AppendRow(text, fault, Faults.GetValueOrDefault(fault), tally);
        AppendRow(text, "total", Faults.Values.Sum(), Count.Total);
        text.AppendLine().AppendLine("* must be 0");
        text.Append(CultureInfo.InvariantCulture, $"in flight afterwards* {InFlight}, processes left* {Left}, ");
        text.Append(CultureInfo.InvariantCulture, $"looks that saw two connections* {TwoAtOnce}; ");
        text.AppendLine($"from the fault until its servers served elsewhere: {string.Join(", ", Recoveries)}");
        foreach (var example in Count.Examples)
            text.AppendLine(example);
        return text.Append(Violations == 0 ? "all that must be 0 is 0" : $"FAILED: {Violations} where there must be 0").ToString();
    }

    private static void AppendRow(StringBuilder text, string name, int faults, Tally t) => text.AppendLine(
        $"| {name} | {faults} | {t.Calls} | {t.Answered} | {t.Saved} | {t.RanTwice} | {t.Invented} | {t.UnknownNotRun} "
        + $"| {t.UnknownRun} | {t.Denied} | {t.OtherwiseFailed} | {t.SafeFailed} | {t.Unanswered} |");
}
