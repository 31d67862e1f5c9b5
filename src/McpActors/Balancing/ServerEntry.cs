using Akka.Actor;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Telemetry;

namespace McpActors.Balancing;

/// <summary>The router's view of one server: its circuit's actor, the last report, and exact counts. Owned by the router alone.</summary>
internal sealed class ServerEntry
{
    // The share of each new answer in the moving average, which forgets old answers after some twenty calls.
    private const double LatencyShare = 0.1;

    private static readonly TimeSpan QuantileHalfWindow = TimeSpan.FromSeconds(30);

    private readonly LatencyHistogram _latencies = new(QuantileHalfWindow);
    private double? _latencyMs;

    public ServerEntry(ServerSettings settings, IActorRef circuit, int ordinal)
    {
        Settings = settings;
        Circuit = circuit;
        Labels = new ServerLabels(settings);
        Candidate = new Candidate(this, ordinal);
    }

    public ServerSettings Settings { get; }

    public string Name => Settings.Name;

    public ServerLabels Labels { get; }

    public IActorRef Circuit { get; }

    public Candidate Candidate { get; }

    public ServerReport Report { get; set; } = new(new ConnectionReport(), CircuitState.Closed, "", null, false);

    /// <summary>The attempt that is the one trial call of the half-open circuit; null when none is under way.</summary>
    public long? TrialAttempt { get; set; }

    /// <summary>The server asked its clients to pause until then; null: no pause. See <c>ServerPauses</c>.</summary>
    public DateTimeOffset? PausedUntil { get; set; }

    public bool IsConnected => Report.Connection.Status == ServerStatus.Connected || Report.Connection.Resuming;

    public bool IsBlockedByCircuit =>
        Report.Circuit is CircuitState.Open or CircuitState.Isolated
        || (Report.Circuit == CircuitState.HalfOpen && TrialAttempt is not null);

    /// <summary>It was replaced or removed: calls that chose it earlier are not sent to it.</summary>
    public bool HasLeft { get; set; }

    public bool IsAvailable => !HasLeft && IsConnected && !Report.Draining && !IsBlockedByCircuit && PausedUntil is null;

    /// <summary>It runs calls and does not answer probes.</summary>
    public bool IsSlow => Report.Connection.IsSlow;

    /// <summary>The session that its connection has with the server; null when the server keeps no state between calls.</summary>
    public long? Session => Report.Connection.Session;

    /// <summary>Available but for an open circuit.</summary>
    public bool IsUsableInPanic => IsConnected && !Report.Draining && PausedUntil is null && Report.Circuit != CircuitState.Isolated;

    /// <summary>Whether its catalogue has the tool, prompt or resource; null while the catalogue is unknown.</summary>
    public bool? Has(Offer offer) => Report.Connection.Catalogue?.Has(offer);

    /// <summary>Whether it is known not to have the tool or prompt. A resource that it does not list it may have all the same.</summary>
    public bool Lacks(Offer offer) => offer.IsAlwaysListed && Has(offer) == false;

    /// <summary>Whether it lacks the tool or prompt by lists that it gave on its present connection.</summary>
    public bool LacksForCertain(Offer offer) =>
        Report.Connection is { Status: ServerStatus.Connected, HasAllLists: true } && Lacks(offer);

    /// <summary>Whether its annotations mark the tool as repeatable and are trusted.</summary>
    public bool MarksRepeatable(string tool) =>
        Settings.TrustAnnotations
        && Report.Connection.Catalogue?.Tools?.TryGetValue(tool, out var known) == true
        && known.Repeatable;

    public long Calls { get; private set; }

    public long Failures { get; private set; }

    /// <summary>Counts an attempt that is sent.</summary>
    public void CountStart() => Candidate.InFlight++;

    /// <summary>Counts the end of an attempt.</summary>
    public void CountEnd(AttemptResult result, TimeSpan elapsed, DateTimeOffset now)
    {
        Candidate.InFlight--;
        Calls++;
        if (result.Failed == true)
            Failures++;
        if (result.Outcome is not (AttemptOutcome.Succeeded or AttemptOutcome.ToolError or AttemptOutcome.ServerError))
            return;
        _latencyMs = _latencyMs is { } average
            ? average + (LatencyShare * (elapsed.TotalMilliseconds - average))
            : elapsed.TotalMilliseconds;
        _latencies.Record(elapsed, now);
    }

    /// <summary>Why it cannot take a call; null when it can.</summary>
    public string? WhyUnavailable(Offer? needed, DateTimeOffset now)
    {
        if (Report.Draining)
            return "it is being drained";
        if (!IsConnected)
            return WhyDisconnected(now);
        if (IsBlockedByCircuit)
            return WhyBlocked(now);
        if (PausedUntil is { } until)
            return $"it asked its clients to pause for another {Seconds(until - now)}";
        return needed is { } offer && Lacks(offer) ? $"it has no {offer.Kind} {offer.Name}" : null;
    }

    private string WhyDisconnected(DateTimeOffset now)
    {
        var connection = Report.Connection;
        return connection.Status switch
        {
            ServerStatus.Error => $"Error: {connection.Reason ?? connection.LastError}"
                + (connection.NextReconnect is { } next ? $"; next attempt in {Seconds(next - now)}" : ""),
            ServerStatus.Disconnected => connection.Reason ?? "not connected yet",
            var status => status.ToString(),
        };
    }

    private string WhyBlocked(DateTimeOffset now) => Report.Circuit switch
    {
        CircuitState.Isolated => "isolated by an operator",
        CircuitState.HalfOpen => "its circuit is half open and a trial call is under way",
        _ => $"its circuit is open ({Report.CircuitReason})"
            + (Report.OpenUntil is { } until ? $" for another {Seconds(until - now)}" : ""),
    };

    private static string Seconds(TimeSpan left) => $"{Math.Max(0, left.TotalSeconds):0.0} s";

    public ServerInfo Describe(DateTimeOffset now, PoolClock clock)
    {
        var connection = Report.Connection;
        return new ServerInfo
        {
            Name = Settings.Name,
            DisplayName = Settings.DisplayName,
            Endpoint = Settings.Endpoint,
            Group = Settings.Group,
            Priority = Settings.Priority,
            Weight = Settings.Weight,
            Status = connection.Status,
            Circuit = Report.Circuit,
            Draining = Report.Draining,
            Node = Report.HeldBy is { } node ? NodeName.Of(node) : null,
            InFlight = Candidate.InFlight,
            Calls = Calls,
            Failures = Failures,
            Latency = _latencyMs is { } average ? TimeSpan.FromMilliseconds(average) : null,
            LatencyP50 = _latencies.Quantile(0.5, now),
            LatencyP99 = _latencies.Quantile(0.99, now),
            ProtocolVersion = connection.ProtocolVersion,
            ServerName = connection.ServerName,
            ServerVersion = connection.ServerVersion,
            LastError = connection.LastError,
            LastErrorAt = connection.LastErrorAt,
            NextReconnect = connection.NextReconnect is { } next ? clock.ToWallTime(next) : null,
            Restarts = connection.Restarts,
            PausedUntil = PausedUntil is { } pause ? clock.ToWallTime(pause) : null,
            Tools = connection.Catalogue?.Tools?.Count,
            Remarks = Settings.Remarks.Count == 0 ? Remarks : [.. Remarks, .. Settings.Remarks],
            IsListed = connection.IsListed,
        };
    }

    private IReadOnlyList<string> Remarks
    {
        get
        {
            if (Report.Connection is { Status: ServerStatus.Connecting, StartOutput: { } output })
                return [$"its program starts, and writes: {output}"];
            var ofLists = Report.Connection.Status == ServerStatus.Connected ? Report.Connection.Remarks : [];
            return IsSlow
                ? [$"does not answer probes while {WorkOf(Candidate.InFlight)}; new ones go to other servers", .. ofLists]
                : ofLists;
        }
    }

    private static string WorkOf(int count) => count switch
    {
        0 => "its lists are read",
        1 => "1 call runs",
        _ => $"{count} calls run",
    };
}
