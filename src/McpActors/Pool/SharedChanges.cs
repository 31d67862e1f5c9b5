using Akka.Actor;

namespace McpActors.Pool;

/// <summary>
/// Numbers the changes that are made to this pool and sends them to the other nodes of the cluster, where there is one. The numbers tell
/// which of the changes from other nodes are older than a change of the same entry that was made here. Not thread-safe.
/// </summary>
internal sealed class SharedChanges
{
    private readonly Dictionary<string, long> _lastByEntry = new(StringComparer.Ordinal);

    /// <summary>The actor that sends changes to the other nodes.</summary>
    public IActorRef Target { get; set; } = ActorRefs.Nobody;

    /// <summary>The number of the last change that was made here; 0 before the first.</summary>
    public long Last { get; private set; }

    public void Share(SharedChange change)
    {
        _lastByEntry[change.Entry] = ++Last;
        Target.Tell(change with { Number = Last });
    }

    /// <summary>A newer change of the same entry was made here; the other nodes have it already.</summary>
    public bool IsOutdated(SharedChange change) => _lastByEntry.GetValueOrDefault(change.Entry) > change.Number;
}
