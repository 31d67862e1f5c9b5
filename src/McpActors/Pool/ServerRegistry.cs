using System.Diagnostics.CodeAnalysis;
using Akka.Actor;

namespace McpActors.Pool;

/// <summary>
/// The servers of a pool: under each name the one that serves, beside it perhaps a replacement that still connects, and those that leave.
/// Not thread-safe.
/// </summary>
internal sealed class ServerRegistry
{
    private readonly Dictionary<string, PooledServer> _serving = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, PooledServer> _byCircuit = [];
    private MergedCatalogue? _catalogue;
    private int _lastOrdinal = -1;

    /// <summary>Every server that serves, in configured order.</summary>
    public IEnumerable<PooledServer> Serving => _serving.Values.OrderBy(server => server.Ordinal);

    /// <summary>Every circuit there is, also of replacements and of servers that leave.</summary>
    public IEnumerable<IActorRef> Circuits => _byCircuit.Keys;

    public bool AreAllClosed => _byCircuit.Values.All(server => server.IsClosed);

    /// <summary>The catalogues of all servers as one; computed again after <see cref="CatalogueChanged"/>.</summary>
    public MergedCatalogue Catalogue =>
        _catalogue ??= MergedCatalogue.Of([.. Serving.Select(server => (server.Name, server.Report.Connection.Catalogue))]);

    public void CatalogueChanged() => _catalogue = null;

    public bool TryFind(string name, [NotNullWhen(true)] out PooledServer? server) => _serving.TryGetValue(name, out server);

    public bool TryFind(IActorRef circuit, [NotNullWhen(true)] out PooledServer? server) => _byCircuit.TryGetValue(circuit, out server);

    /// <summary>Adds a server that does not serve yet.</summary>
    /// <param name="known">Its settings.</param>
    /// <param name="circuit">The actor of its circuit.</param>
    /// <param name="replaces">The server whose place it takes; null: a new place after all others.</param>
    public PooledServer Add(KnownServer known, IActorRef circuit, PooledServer? replaces)
    {
        var server = new PooledServer(known, circuit, replaces?.Ordinal ?? ++_lastOrdinal) { Replaces = replaces };
        replaces?.Replacement = server;
        _byCircuit.Add(circuit, server);
        return server;
    }

    /// <summary>From now on this server serves under its name.</summary>
    public void Serve(PooledServer server)
    {
        _serving[server.Name] = server;
        if (server.Replaces is { } old)
            old.Replacement = null;
        server.Replaces = null;
    }

    /// <summary>Takes a server, and the replacement it may have, out of those that serve.</summary>
    public bool Remove(string name, [NotNullWhen(true)] out PooledServer? server)
    {
        _catalogue = null;
        return _serving.Remove(name, out server);
    }

    /// <summary>The server leaves; it stays known until its circuit has stopped.</summary>
    public static void Leave(PooledServer server)
    {
        server.IsLeaving = true;
        if (ReferenceEquals(server.Replaces?.Replacement, server))
            server.Replaces!.Replacement = null;
    }

    /// <summary>The circuit has stopped.</summary>
    public bool Forget(IActorRef circuit, [NotNullWhen(true)] out PooledServer? server)
    {
        if (!_byCircuit.Remove(circuit, out server))
            return false;
        if (ReferenceEquals(server.Replaces?.Replacement, server))
            server.Replaces!.Replacement = null;
        return true;
    }
}
