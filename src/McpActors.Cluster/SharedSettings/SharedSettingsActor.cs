using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Event;
using McpActors.Clustering.Json;
using McpActors.Pool;
using McpActors.Resilience;
using McpActors.Telemetry;

namespace McpActors.Clustering.SharedSettings;

/// <summary>
/// Keeps changes at runtime the same on all nodes: writes the changes of its pool to Distributed Data, and sends the pool the changes of
/// other nodes, also those from before this node joined. Of two concurrent writes the last one wins on every node
/// (<see cref="LWWDictionary{TKey,TValue}"/>). The changes are kept in memory; only the files of the nodes outlive the cluster. The entry
/// of a removed server is kept for a day, so that nodes that cannot be reached learn of it; then the leader removes it.
/// </summary>
internal sealed class SharedSettingsActor : ReceiveActor, IWithTimers
{
    private sealed record PruneDue : INoSerializationVerificationNeeded;

    private static readonly LWWDictionaryKey<string, string> Key = new("mcp-pool");

    /// <summary>Writes to most nodes at once. The others receive it by gossip, also after a timeout.</summary>
    private static readonly WriteMajority Writing = new(TimeSpan.FromSeconds(3));

    /// <summary>How long the removal of a server is kept.</summary>
    public static readonly TimeSpan RemovalKept = TimeSpan.FromDays(1);

    private static readonly TimeSpan PruneInterval = TimeSpan.FromHours(1);

    private readonly PoolClock _clock = PoolClock.Of(Context.System);
    private readonly PoolMetrics _metrics = PoolMetrics.Of(Context.System);
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // The value of each entry that the pool has.
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    // How many writes of each entry are pending. Until they end, the replicator's value is older than the pool's.
    private readonly Dictionary<string, int> _writing = new(StringComparer.Ordinal);

    // The number of the last change of the pool.
    private long _lastNumber;

    public SharedSettingsActor()
    {
        Receive<LastChange>(OnLastChange);
        Receive<SharedChange>(Write);
        Receive<IUpdateResponse>(written => OnWritten((string)written.Request));
        Receive<Changed>(changed => Read(changed.Get(Key)));
        Receive<GetSuccess>(found => Read(found.Get(Key)));
        Receive<IGetResponse>(_ => { });
        Receive<PruneDue>(_ => Prune());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props { get; } = Akka.Actor.Props.Create(() => new SharedSettingsActor());

    // Changes of the pool

    private void Write(SharedChange change)
    {
        _lastNumber = change.Number;
        Context.Parent.Tell(new ChangesReceived(change.Number));
        var entry = change.Entry;
        var value = change switch
        {
            ServerDefined defined => Text(new StoredServer(defined.Revision, new NodeServer(defined.Server))),
            ServerTakenOut => Text(new StoredServer(0, null) { RemovedAt = _clock.WallTime }),
            OperatorIntentChanged intent => intent.Intent == OperatorIntent.None ? null : Text(intent.Intent),
            RoutingChanged routing => Text(routing.Routing),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "unknown change"),
        };
        if (_known.GetValueOrDefault(entry) == value)
            return;
        Know(entry, value);
        Update(entry, value);
    }

    private void Update(string entry, string? value)
    {
        _writing[entry] = _writing.GetValueOrDefault(entry) + 1;
        var cluster = _cluster;
        _replicator.Tell(Dsl.Update(
            Key, LWWDictionary<string, string>.Empty, Writing, entry,
            all => value is null ? all.Remove(cluster, entry) : all.SetItem(cluster, entry, value)));
    }

    private void Know(string entry, string? value)
    {
        if (value is null)
            _known.Remove(entry);
        else
            _known[entry] = value;
    }

    // Every node has learned of a removal by now, or has been removed from the cluster.
    private void Prune()
    {
        if (_cluster.State.RoleLeader(McpClusterSettings.Role) != _cluster.SelfAddress)
            return;
        var before = _clock.WallTime - RemovalKept;
        foreach (var (entry, value) in _known.ToArray())
        {
            if (entry.StartsWith(SharedChange.ServerPrefix, StringComparison.Ordinal)
                && TryRead(entry, value) is { Server: null } removed && !(removed.RemovedAt > before))
            {
                Know(entry, null);
                Update(entry, null);
            }
        }
    }

    private void OnWritten(string entry)
    {
        // The response to a write from before a crash of this actor.
        if (!_writing.TryGetValue(entry, out var pending))
            return;
        if (pending > 1)
        {
            _writing[entry] = pending - 1;
            return;
        }
        _writing.Remove(entry);
        // A concurrent write of another node may have won.
        _replicator.Tell(Dsl.Get(Key, ReadLocal.Instance));
    }

    // Changes of other nodes

    private void OnLastChange(LastChange last)
    {
        _lastNumber = last.Number;
        _replicator.Tell(Dsl.Subscribe(Key, Self));
    }

    private void Read(LWWDictionary<string, string> all)
    {
        var entries = all.Entries;
        var changed = entries
            .Where(entry => _known.GetValueOrDefault(entry.Key) != entry.Value)
            .Select(entry => (entry.Key, (string?)entry.Value))
            .Concat(_known.Keys.Where(entry => !entries.ContainsKey(entry)).Select(entry => (entry, (string?)null)))
            .Where(entry => !_writing.ContainsKey(entry.Item1))
            .OrderBy(entry => OrderOf(entry.Item1))
            .ToArray();
        foreach (var (entry, value) in changed)
        {
            var before = _known.GetValueOrDefault(entry);
            Know(entry, value);
            try
            {
                if ((value is null ? ToRemoval(entry, before) : ToChange(entry, value)) is { } change)
                    Context.Parent.Tell(change with { Number = _lastNumber });
            }
            catch (Exception e) when (e is JsonException or ArgumentException or NotSupportedException or InvalidOperationException)
            {
                _log.Error(e, "This version cannot read the cluster's value of {Entry}; this node keeps its own", entry);
            }
        }
        _metrics.SharedEntries = entries.Count;
    }

    // Intents come first, because a server starts in the state that operators want, and routing last, because routes name servers.
    private static int OrderOf(string entry) => entry switch
    {
        _ when entry.StartsWith(SharedChange.IntentPrefix, StringComparison.Ordinal) => 0,
        SharedChange.RoutingEntry => 2,
        _ => 1,
    };

    // A removed intent is none. The removal of a server was kept for a day; this node has not seen it if it still knows the server.
    private SharedChange? ToRemoval(string entry, string? before) =>
        entry.StartsWith(SharedChange.IntentPrefix, StringComparison.Ordinal)
            ? new OperatorIntentChanged(entry[SharedChange.IntentPrefix.Length..], OperatorIntent.None)
        : entry.StartsWith(SharedChange.ServerPrefix, StringComparison.Ordinal) && TryRead(entry, before) is { Server: not null }
            ? new ServerTakenOut(entry[SharedChange.ServerPrefix.Length..])
        : null;

    private StoredServer? TryRead(string entry, string? value)
    {
        try
        {
            return value is null ? null : Read(value, SharedSettingsJson.Default.StoredServer);
        }
        catch (JsonException)
        {
            _log.Debug("The value of {Entry} is of another version", entry);
            return null;
        }
    }

    private static SharedChange? ToChange(string entry, string value)
    {
        if (entry.StartsWith(SharedChange.ServerPrefix, StringComparison.Ordinal))
        {
            var stored = Read(value, SharedSettingsJson.Default.StoredServer);
            return stored.Server is { } server
                ? new ServerDefined(server.ToSettings(), stored.Revision)
                : new ServerTakenOut(entry[SharedChange.ServerPrefix.Length..]);
        }
        if (entry.StartsWith(SharedChange.IntentPrefix, StringComparison.Ordinal))
        {
            return new OperatorIntentChanged(
                entry[SharedChange.IntentPrefix.Length..], Read(value, SharedSettingsJson.Default.OperatorIntent));
        }
        // Entries of a newer version are ignored.
        return entry == SharedChange.RoutingEntry ? new RoutingChanged(Read(value, SharedSettingsJson.Default.PoolRouting)) : null;
    }

    private static T Read<T>(string value, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(value, type) ?? throw new JsonException("the value is null");

    private static string Text(StoredServer server) => JsonSerializer.Serialize(server, SharedSettingsJson.Default.StoredServer);

    private static string Text(OperatorIntent intent) => JsonSerializer.Serialize(intent, SharedSettingsJson.Default.OperatorIntent);

    private static string Text(PoolRouting routing) => JsonSerializer.Serialize(routing, SharedSettingsJson.Default.PoolRouting);

    // Lifecycle

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(PruneDue), new PruneDue(), PruneInterval);
        Context.Parent.Tell(new LastChangeWanted());
    }
}

/// <summary>The stored value of a server; <paramref name="Server"/> is null after it was removed.</summary>
internal sealed record StoredServer(long Revision, NodeServer? Server)
{
    /// <summary>When it was removed; null while it is there.</summary>
    public DateTimeOffset? RemovedAt { get; init; }
}
