using Akka.Actor;

namespace McpActors.Pool;

/// <summary>
/// Answers queries about the catalogues of all servers as one. The merged catalogue is made outside of the actor when somebody asks for
/// it, and kept until a catalogue changes. Part of the <see cref="PoolActor"/> and used by it alone.
/// </summary>
/// <param name="self">The pool actor; receives <see cref="Merged"/>.</param>
/// <param name="read">The servers, in configured order.</param>
internal sealed class PoolCatalogue(IActorRef self, Func<IReadOnlyCollection<CatalogueSource>> read)
{
    /// <summary>The catalogues as they were at some time are merged.</summary>
    /// <param name="Version">The version of the catalogues.</param>
    /// <param name="Catalogue">Null: it could not be made.</param>
    /// <param name="Problem">Why not.</param>
    public sealed record Merged(long Version, MergedCatalogue? Catalogue, Exception? Problem) : INoSerializationVerificationNeeded;

    private sealed record Query(IActorRef Sender, Func<MergedCatalogue, object> Part, long Version);

    // Over all pools of the process: a version that an earlier instance of the actor asked for is none of this one.
    private static long _lastVersion;

    private readonly List<Query> _queries = [];
    private long _version = Interlocked.Increment(ref _lastVersion);
    private long? _merging;
    private MergedCatalogue? _merged;

    /// <summary>A catalogue changed, or a server left.</summary>
    public void Changed()
    {
        _version = Interlocked.Increment(ref _lastVersion);
        _merged = null;
    }

    /// <summary>Sends the part of the catalogue, now or when it is made.</summary>
    public void Answer(IActorRef sender, Func<MergedCatalogue, object> part)
    {
        if (_merged is { } catalogue)
        {
            sender.Tell(part(catalogue));
            return;
        }
        _queries.Add(new Query(sender, part, _version));
        if (_merging is null)
            Merge();
    }

    private void Merge()
    {
        var (version, catalogues) = (_version, read());
        _merging = version;
        _ = Task.Run(() => MergedCatalogue.Of(catalogues)).PipeTo(
            self,
            success: catalogue => new Merged(version, catalogue, null),
            failure: problem => new Merged(version, null, problem));
    }

    public void OnMerged(Merged merged)
    {
        if (merged.Version != _merging)
            return;
        _merging = null;
        if (merged.Version == _version)
            _merged = merged.Catalogue;
        // A query that came after the change of a catalogue waits for the next one.
        foreach (var query in _queries.Where(query => query.Version <= merged.Version))
            query.Sender.Tell(merged.Catalogue is { } catalogue ? query.Part(catalogue) : new Status.Failure(merged.Problem));
        _queries.RemoveAll(query => query.Version <= merged.Version);
        if (_queries.Count > 0)
            Merge();
    }
}
