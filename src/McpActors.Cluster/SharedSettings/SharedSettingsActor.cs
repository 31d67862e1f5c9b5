using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Event;
using McpActors.Clustering.Json;
using McpActors.Pool;
using McpActors.Resilience;

namespace McpActors.Clustering.SharedSettings;

/// <summary>
/// Keeps changes at runtime the same on all nodes: writes the changes of its pool to Distributed Data, and sends the pool the changes of
/// other nodes, also those from before this node joined. Of two concurrent writes the last one wins on every node
/// (<see cref="LWWDictionary{TKey,TValue}"/>). The changes are kept in memory; only the files of the nodes outlive the cluster.
/// </summary>
internal sealed class SharedSettingsActor : ReceiveActor
{
    private static readonly LWWDictionaryKey<string, string> Key = new("mcp-pool");

    /// <summary>Writes to most nodes at once. The others receive it by gossip, also after a timeout.</summary>
    private static readonly WriteMajority Writing = new(TimeSpan.FromSeconds(3));

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
    }

    public static Props Props { get; } = Akka.Actor.Props.Create(() => new SharedSettingsActor());

    // Changes of the pool

    private void Write(SharedChange change)
    {
        _lastNumber = change.Number;
        var entry = change.Entry;
        var value = change switch
        {
            ServerDefined defined => Text(new StoredServer(defined.Revision, new NodeServer(defined.Server))),
            ServerTakenOut => Text(new StoredServer(0, null)),
            OperatorIntentChanged intent => Text(intent.Intent),
            RoutingChanged routing => Text(routing.Routing),
            _ => throw new ArgumentOutOfRangeException(nameof(change), change, "unknown change"),
        };
        if (_known.GetValueOrDefault(entry) == value)
            return;
        _known[entry] = value;
        _writing[entry] = _writing.GetValueOrDefault(entry) + 1;
        var cluster = _cluster;
        _replicator.Tell(Dsl.Update(Key, LWWDictionary<string, string>.Empty, Writing, entry, all => all.SetItem(cluster, entry, value)));
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
        var changed = all.Entries
            .Where(entry => !_writing.ContainsKey(entry.Key) && _known.GetValueOrDefault(entry.Key) != entry.Value)
            .OrderBy(entry => OrderOf(entry.Key))
            .ToArray();
        foreach (var (entry, value) in changed)
        {
            _known[entry] = value;
            try
            {
                if (ToChange(entry, value) is { } change)
                    Context.Parent.Tell(change with { Number = _lastNumber });
            }
            catch (JsonException e)
            {
                _log.Error(e, "This version cannot read the cluster's value of {Entry}; this node keeps its own", entry);
            }
        }
    }

    // Intents come first, because a server starts in the state that operators want, and routing last, because routes name servers.
    private static int OrderOf(string entry) => entry switch
    {
        _ when entry.StartsWith(SharedChange.IntentPrefix, StringComparison.Ordinal) => 0,
        SharedChange.RoutingEntry => 2,
        _ => 1,
    };

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
        return entry == SharedChange.RoutingEntry ? new RoutingChanged(Read(value, SharedSettingsJson.Default.SharedRouting)) : null;
    }

    private static T Read<T>(string value, JsonTypeInfo<T> type) =>
        JsonSerializer.Deserialize(value, type) ?? throw new JsonException("the value is null");

    private static string Text(StoredServer server) => JsonSerializer.Serialize(server, SharedSettingsJson.Default.StoredServer);

    private static string Text(OperatorIntent intent) => JsonSerializer.Serialize(intent, SharedSettingsJson.Default.OperatorIntent);

    private static string Text(SharedRouting routing) => JsonSerializer.Serialize(routing, SharedSettingsJson.Default.SharedRouting);

    // Lifecycle

    protected override void PreStart() => Context.Parent.Tell(new LastChangeWanted());
}

/// <summary>The stored value of a server; <paramref name="Server"/> is null after it was removed.</summary>
internal sealed record StoredServer(long Revision, NodeServer? Server);
