using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Akka.Actor;
using Akka.Cluster;
using Akka.DistributedData;
using Akka.Event;
using McpActors.Clustering.Wire;
using McpActors.Pool;
using McpActors.Resilience;

namespace McpActors.Clustering.SharedSettings;

/// <summary>
/// Keeps what is changed while the pools run the same on all nodes: writes what its pool tells it into Distributed Data, and tells its pool what others wrote, also
/// long before this node came. Of two writes at once the last one wins everywhere (<see cref="LWWDictionary{TKey,TValue}"/>). In memory: the files of the nodes are
/// what lasts beyond the cluster.
/// </summary>
internal sealed class SharedSettingsActor : ReceiveActor
{
    private static readonly LWWDictionaryKey<string, string> Key = new("mcp-pool");

    /// <summary>Most nodes have it at once; the others hear of it by gossip, also when this time is up.</summary>
    private static readonly WriteMajority Writing = new(TimeSpan.FromSeconds(3));

    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly IActorRef _replicator = DistributedData.Get(Context.System).Replicator;
    private readonly WireJson _json = WireJson.For((ExtendedActorSystem)Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();

    // What the pool knows of each entry.
    private readonly Dictionary<string, string> _known = new(StringComparer.Ordinal);

    // Entries on their way to the replicator: what it says of them meanwhile is older than what the pool has.
    private readonly Dictionary<string, int> _writing = new(StringComparer.Ordinal);

    // The number of the last change that the pool told.
    private long _heard;

    public SharedSettingsActor()
    {
        Receive<LastChange>(last => Listen(last.Number));
        Receive<SharedChange>(Write);
        Receive<IUpdateResponse>(written => OnWritten((string)written.Request));
        Receive<Changed>(changed => Read(changed.Get(Key)));
        Receive<GetSuccess>(found => Read(found.Get(Key)));
        Receive<IGetResponse>(_ => { });
    }

    public static Props Props { get; } = Akka.Actor.Props.Create(() => new SharedSettingsActor());

    // What the pool did

    private void Write(SharedChange change)
    {
        _heard = change.Number;
        var entry = change.Entry;
        var value = change switch
        {
            ServerDefined defined => Text(new SharedServer(defined.Revision, NodeServer.Of(defined.Server))),
            ServerTakenOut => Text(new SharedServer(0, null)),
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
        // One that was written before a crash is none that is waited for.
        if (!_writing.TryGetValue(entry, out var times))
            return;
        if (times > 1)
        {
            _writing[entry] = times - 1;
            return;
        }
        _writing.Remove(entry);
        // Somebody may have written it at the same time and have won.
        _replicator.Tell(Dsl.Get(Key, ReadLocal.Instance));
    }

    // What others did

    private void Listen(long heard)
    {
        _heard = heard;
        _replicator.Tell(Dsl.Subscribe(Key, Self));
    }

    private void Read(LWWDictionary<string, string> all)
    {
        var news = all.Entries
            .Where(entry => !_writing.ContainsKey(entry.Key) && _known.GetValueOrDefault(entry.Key) != entry.Value)
            // A server starts as operators left it, and is there before a route names it.
            .OrderBy(entry => entry.Key.StartsWith(SharedChange.IntentPrefix, StringComparison.Ordinal) ? 0 : entry.Key == SharedChange.RoutingEntry ? 2 : 1)
            .ToArray();
        foreach (var (entry, value) in news)
        {
            _known[entry] = value;
            try
            {
                if (ToChange(entry, value) is { } change)
                    Context.Parent.Tell(change with { Number = _heard });
            }
            catch (JsonException e)
            {
                _log.Error(e, "What the cluster says of {Entry} cannot be read by this version; it is left as it is here", entry);
            }
        }
    }

    private SharedChange? ToChange(string entry, string value)
    {
        if (entry.StartsWith(SharedChange.ServerPrefix, StringComparison.Ordinal))
        {
            var shared = Read(value, _json.SharedServer);
            return shared.Server is { } server ? new ServerDefined(server.ToSettings(), shared.Revision) : new ServerTakenOut(entry[SharedChange.ServerPrefix.Length..]);
        }
        if (entry.StartsWith(SharedChange.IntentPrefix, StringComparison.Ordinal))
            return new OperatorIntentChanged(entry[SharedChange.IntentPrefix.Length..], Read(value, _json.OperatorIntent));
        // An entry of a newer version is none of ours.
        return entry == SharedChange.RoutingEntry ? new RoutingChanged(Read(value, _json.SharedRouting)) : null;
    }

    private static T Read<T>(string value, JsonTypeInfo<T> type) => JsonSerializer.Deserialize(value, type) ?? throw new JsonException("it is null");

    private string Text(SharedServer server) => JsonSerializer.Serialize(server, _json.SharedServer);

    private string Text(OperatorIntent intent) => JsonSerializer.Serialize(intent, _json.OperatorIntent);

    private string Text(SharedRouting routing) => JsonSerializer.Serialize(routing, _json.SharedRouting);

    // Lifecycle

    protected override void PreStart() => Context.Parent.Tell(new LastChangeWanted());
}

/// <summary>A server as it is kept; without <paramref name="Server"/> it was taken out.</summary>
internal sealed record SharedServer(long Revision, NodeServer? Server);
