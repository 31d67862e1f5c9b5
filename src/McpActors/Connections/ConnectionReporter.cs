using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;

namespace McpActors.Connections;

/// <summary>
/// Reports the state of a connection to its circuit and logs its problems, without the server's secrets. Belongs to one actor.
/// </summary>
/// <param name="server">The server's name.</param>
/// <param name="memory">Keeps the last report.</param>
/// <param name="clock">The time at which errors happen.</param>
/// <param name="log">The actor's log.</param>
/// <param name="circuit">Receives each report that differs from the last one.</param>
/// <param name="redactor">Removes the server's secrets.</param>
internal sealed class ConnectionReporter(
    string server, ConnectionMemory memory, PoolClock clock, ILoggingAdapter log, IActorRef circuit, CurrentRedactor redactor)
{
    /// <summary>A server decides how long its error messages are.</summary>
    private const int LongestError = 1000;

    private const int LongestOutput = 200;

    /// <summary>The last report.</summary>
    public ConnectionReport Last => memory.Report;

    public void Report(ConnectionReport report)
    {
        if (report == Last)
            return;
        if (report.LastError != Last.LastError || report.Reason != Last.Reason)
            report = report with { LastError = Redact(report.LastError), Reason = Redact(report.Reason) };
        memory.Report = report;
        circuit.Tell(report);
    }

    /// <summary>A program that starts has written this to stderr.</summary>
    public void ReportOutput(string? line) =>
        Report(Last with { StartOutput = ShortText.Of(redactor.Redact(line), LongestOutput) });

    /// <summary>The server does not answer ping.</summary>
    public void ReportWithoutPing() =>
        log.Info("Server {Server} does not answer ping; from now on it is probed with tools/list", server);

    /// <summary>A probe failed that is no reason to give the connection up.</summary>
    public void ReportFailedProbe(Exception cause)
    {
        var reason = FailureClassifier.Words(cause);
        log.Warning("Server {Server} failed a probe: {Reason}", server, Redact(reason));
        Report(Last.WithError($"a probe failed: {reason}", clock.WallTime));
    }

    /// <summary>The server runs calls, or answers a list, and does not answer probes.</summary>
    public void ReportSlow(Exception cause, int calls)
    {
        if (Last.IsSlow)
            return;
        var reason = FailureClassifier.Words(cause);
        var work = calls > 0 ? $"it runs calls ({calls})" : "its lists are read";
        log.Warning(
            "Server {Server} does not answer probes while {Work}; new calls go to other servers if there are any: {Reason}",
            server, work, Redact(reason));
        Report(Last.WithError($"a probe failed: {reason}", clock.WallTime) with { IsSlow = true });
    }

    /// <summary>The server has answered, perhaps after it was slow.</summary>
    public void ReportQuick() => Report(Last with { IsSlow = false });

    /// <summary>The lists were read, or could not be.</summary>
    public void ReportLists(CatalogueReading reading)
    {
        var remarks = Last.Remarks.SequenceEqual(reading.Remarks) ? Last.Remarks : reading.Remarks;
        if (!ReferenceEquals(remarks, Last.Remarks) && remarks.Count > 0)
            log.Warning("Server {Server}: {Remarks}", server, string.Join("; ", remarks));
        else if (!ReferenceEquals(remarks, Last.Remarks))
            log.Info("Server {Server}: its lists have no problems any more", server);
        Report(Last with { Catalogue = reading.Catalogue, Remarks = remarks, IsListed = true, HasAllLists = reading.Failures.Count == 0 });
    }

    // In this order: half a secret is not recognized.
    private string? Redact(string? words) => words is null ? null : ShortText.Of(redactor.Redact(words), LongestError);
}
