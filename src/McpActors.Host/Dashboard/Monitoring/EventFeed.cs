using McpActors.Host.Dashboard.Calling;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>What an entry of the feed is about.</summary>
public enum FeedTopic
{
    /// <summary>Calls that went on to another server.</summary>
    Failover,

    /// <summary>A circuit that opened, closed or was isolated.</summary>
    Circuit,

    /// <summary>A connection that was made or lost; a server that joined or left.</summary>
    Server,

    /// <summary>A changed configuration file that was applied, or refused.</summary>
    Configuration,
}

/// <summary>How an entry of the feed looks.</summary>
public enum FeedTone
{
    Good,
    Neutral,
    Warning,
    Bad,
}

/// <summary>One entry of the feed.</summary>
/// <param name="Id">Grows with each entry; stays when the entry is counted up.</param>
/// <param name="At">When it happened, last if it happened several times.</param>
/// <param name="Topic">What it is about.</param>
/// <param name="Tone">How it looks.</param>
/// <param name="Server">The server it is about; empty for the whole pool.</param>
/// <param name="Text">What happened, in a sentence.</param>
/// <param name="Detail">Why, if known.</param>
/// <param name="Count">How often it happened in a row.</param>
/// <param name="Next">The server a call went on to; null for anything else.</param>
public sealed record FeedEntry(
    long Id, DateTimeOffset At, FeedTopic Topic, FeedTone Tone, string Server, string Text, string? Detail = null, int Count = 1, string? Next = null)
{
    /// <summary>Whether it has to do with a server.</summary>
    public bool Concerns(string server) => Server == server || Next == server;
}

/// <summary>The last events of the pool in words, the newest first. What repeats itself is counted, not listed. Thread-safe.</summary>
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

    /// <summary>Takes in an event; some say nothing that is worth an entry.</summary>
    public void Add(PoolEvent news)
    {
        if (Describe(news) is { } entry)
            Add(entry);
    }

    /// <summary>Takes in a configuration that was not applied.</summary>
    public void AddRefused(string problem, DateTimeOffset at) => Add(new FeedEntry(
        0, at, FeedTopic.Configuration, FeedTone.Bad, "", "The changed configuration was not applied; the pool stays as it is", problem));

    private void Add(FeedEntry entry)
    {
        lock (_gate)
        {
            if (_entries.First is { Value: var newest } && IsAgain(newest, entry))
            {
                _entries.First.Value = newest with { At = entry.At, Count = newest.Count + 1 };
                return;
            }

            _entries.AddFirst(entry with { Id = ++_lastId });
            if (_entries.Count > Kept)
                _entries.RemoveLast();
        }
    }

    private static bool IsAgain(FeedEntry before, FeedEntry now) => (before.Topic, before.Text, before.Detail) == (now.Topic, now.Text, now.Detail);

    private static FeedEntry? Describe(PoolEvent news) => news switch
    {
        CallFailedOver e => new(
            0, e.At, FeedTopic.Failover, FeedTone.Warning, e.From, $"{e.Method} went on from {e.From} to {e.To}", OutcomeWords.Of(e.Outcome).Text, Next: e.To),
        CircuitStateChanged e => OfCircuit(e),
        ServerStatusChanged { To: ServerStatus.Connected } e => new(0, e.At, FeedTopic.Server, FeedTone.Good, e.Server, $"{e.Server} is connected"),
        ServerStatusChanged { To: ServerStatus.Error } e => new(0, e.At, FeedTopic.Server, FeedTone.Bad, e.Server, $"{e.Server} failed", e.Reason),
        ServerStatusChanged { To: ServerStatus.Disconnected } e =>
            new(0, e.At, FeedTopic.Server, FeedTone.Neutral, e.Server, $"{e.Server} is disconnected", e.Reason),
        ConfigurationApplied e when e.Describe().Length > 0 => new(0, e.At, FeedTopic.Configuration, FeedTone.Good, "", "The configuration was applied", e.Describe()),
        ServerAdded e => new(0, e.At, FeedTopic.Server, FeedTone.Neutral, e.Server, $"{e.Server} joined the pool"),
        ServerRemoved e => new(0, e.At, FeedTopic.Server, FeedTone.Neutral, e.Server, $"{e.Server} left the pool"),
        _ => null,
    };

    private static FeedEntry OfCircuit(CircuitStateChanged e)
    {
        var (tone, text) = e.To switch
        {
            CircuitState.Closed => (FeedTone.Good, $"The circuit of {e.Server} closed: calls go to it again"),
            CircuitState.Open => (FeedTone.Bad, $"The circuit of {e.Server} opened: calls are kept away from it"),
            CircuitState.HalfOpen => (FeedTone.Warning, $"The circuit of {e.Server} is half open: one call tries it"),
            _ => (FeedTone.Neutral, $"{e.Server} is isolated: no calls until its circuit is reset"),
        };
        return new(0, e.At, FeedTopic.Circuit, tone, e.Server, text, e.Reason);
    }
}
