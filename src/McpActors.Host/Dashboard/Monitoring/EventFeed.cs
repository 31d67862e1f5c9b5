using McpActors.Host.Dashboard.Calling;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>The subject of an entry of the feed.</summary>
public enum FeedTopic
{
    /// <summary>Calls that moved to another server.</summary>
    Failover,

    /// <summary>A circuit that opened, closed or was isolated.</summary>
    Circuit,

    /// <summary>A connection that was made or lost; a server that joined or left.</summary>
    Server,

    /// <summary>A changed configuration file that was applied or rejected.</summary>
    Configuration,
}

/// <summary>The colour of an entry of the feed.</summary>
public enum FeedTone
{
    Good,
    Neutral,
    Warning,
    Bad,
}

/// <summary>One entry of the feed.</summary>
/// <param name="Id">Grows with each entry; a repetition keeps it.</param>
/// <param name="At">The time; of the last repetition, if any.</param>
/// <param name="Topic">Its subject.</param>
/// <param name="Tone">Its colour.</param>
/// <param name="Server">The server; empty for the whole pool.</param>
/// <param name="Text">The event, in a sentence.</param>
/// <param name="Detail">The reason, if known.</param>
/// <param name="Count">How often it occurred in a row.</param>
/// <param name="Next">The server to which a call moved; else null.</param>
public sealed record FeedEntry(
    long Id, DateTimeOffset At, FeedTopic Topic, FeedTone Tone, string Server, string Text,
    string? Detail = null, int Count = 1, string? Next = null)
{
    /// <summary>Whether it concerns a server.</summary>
    public bool Concerns(string server) => Server == server || Next == server;
}

/// <summary>The last events of the pool as sentences, the newest first. Repetitions are counted, not listed. Thread-safe.</summary>
internal sealed class EventFeed
{
    /// <summary>How many entries are kept.</summary>
    public const int Kept = 200;

    private readonly Lock _gate = new();
    private readonly LinkedList<FeedEntry> _entries = new();
    private long _lastId;

    /// <summary>The entries, the newest first.</summary>
    public IReadOnlyList<FeedEntry> Entries
    {
        get
        {
            lock (_gate)
                return [.. _entries];
        }
    }

    /// <summary>Adds an event; not every kind of event has an entry.</summary>
    public void Add(PoolEvent happened)
    {
        if (Describe(happened) is { } entry)
            Add(entry);
    }

    /// <summary>Adds a configuration that was rejected.</summary>
    public void AddRejected(string problem, DateTimeOffset at) => Add(new FeedEntry(
        0, at, FeedTopic.Configuration, FeedTone.Bad, "", "The changed configuration was rejected; the pool keeps its current settings",
        problem));

    private void Add(FeedEntry entry)
    {
        lock (_gate)
        {
            if (_entries.First is { Value: var newest } && IsRepetition(newest, entry))
            {
                _entries.First.Value = newest with { At = entry.At, Count = newest.Count + 1 };
                return;
            }

            _entries.AddFirst(entry with { Id = ++_lastId });
            if (_entries.Count > Kept)
                _entries.RemoveLast();
        }
    }

    private static bool IsRepetition(FeedEntry before, FeedEntry now) =>
        (before.Topic, before.Text, before.Detail) == (now.Topic, now.Text, now.Detail);

    private static FeedEntry? Describe(PoolEvent happened) => happened switch
    {
        CallFailedOver e => new(
            0, e.At, FeedTopic.Failover, FeedTone.Warning, e.From, $"{e.Method} moved from {e.From} to {e.To}",
            OutcomeWords.Of(e.Outcome).Text, Next: e.To),
        CircuitStateChanged e => OfCircuit(e),
        ServerStatusChanged { To: ServerStatus.Connected } e =>
            new(0, e.At, FeedTopic.Server, FeedTone.Good, e.Server, $"{e.Server} is connected"),
        ServerStatusChanged { To: ServerStatus.Error } e =>
            new(0, e.At, FeedTopic.Server, FeedTone.Bad, e.Server, $"{e.Server} failed", e.Reason),
        ServerStatusChanged { To: ServerStatus.Disconnected } e =>
            new(0, e.At, FeedTopic.Server, FeedTone.Neutral, e.Server, $"{e.Server} is disconnected", e.Reason),
        ConfigurationApplied e when e.Describe().Length > 0 =>
            new(0, e.At, FeedTopic.Configuration, FeedTone.Good, "", "The configuration was applied", e.Describe()),
        ServerAdded e => new(0, e.At, FeedTopic.Server, FeedTone.Neutral, e.Server, $"{e.Server} joined the pool"),
        ServerRemoved e => new(0, e.At, FeedTopic.Server, FeedTone.Neutral, e.Server, $"{e.Server} left the pool"),
        _ => null,
    };

    private static FeedEntry OfCircuit(CircuitStateChanged e)
    {
        var (tone, text) = e.To switch
        {
            CircuitState.Closed => (FeedTone.Good, $"The circuit of {e.Server} closed: it gets calls again"),
            CircuitState.Open => (FeedTone.Bad, $"The circuit of {e.Server} opened: it gets no calls"),
            CircuitState.HalfOpen => (FeedTone.Warning, $"The circuit of {e.Server} is half open: one trial call is sent"),
            _ => (FeedTone.Neutral, $"{e.Server} is isolated: it gets no calls until its circuit is reset"),
        };
        return new(0, e.At, FeedTopic.Circuit, tone, e.Server, text, e.Reason);
    }
}
