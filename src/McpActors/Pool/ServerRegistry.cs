using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using McpActors.Resilience;

namespace McpActors.Pool;

/// <summary>
/// The servers of a pool: under each name the one that serves, beside it perhaps a replacement that still connects, and those that leave.
/// Not thread-safe.
/// </summary>
internal sealed class ServerRegistry
{
    private readonly Dictionary<string, PooledServer> _serving = new(StringComparer.Ordinal);
    private readonly Dictionary<IActorRef, PooledServer> _byCircuit = [];
    private readonly SortedDictionary<int, PooledServer> _inOrder = [];
    private int _notClosed;
    private int _lastOrdinal = -1;

    /// <summary>Every server that serves, in configured order.</summary>
    public IEnumerable<PooledServer> Serving => _inOrder.Values;

    /// <summary>Every circuit there is, also of replacements and of servers that leave.</summary>
    public IEnumerable<IActorRef> Circuits => _byCircuit.Keys;

    /// <summary>No connection of any circuit is left.</summary>
    public bool AreAllClosed => _notClosed == 0;

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
        _notClosed++;
        return server;
    }

    /// <summary>Notes what a circuit reports.</summary>
    public void Report(PooledServer server, ServerReport report)
    {
        var wasClosed = server.IsClosed;
        server.Report = report;
        _notClosed += (wasClosed ? 1 : 0) - (server.IsClosed ? 1 : 0);
    }

    /// <summary>From now on this server serves under its name.</summary>
    public void Serve(PooledServer server)
    {
        _serving[server.Name] = server;
        _inOrder[server.Ordinal] = server;
        if (server.Replaces is { } old)
            old.Replacement = null;
        server.Replaces = null;
    }

    /// <summary>Takes a server, and the replacement it may have, out of those that serve.</summary>
    public bool Remove(string name, [NotNullWhen(true)] out PooledServer? server)
    {
        if (!_serving.Remove(name, out server))
            return false;
        _inOrder.Remove(server.Ordinal);
        return true;
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
        if (!server.IsClosed)
            _notClosed--;
        if (ReferenceEquals(server.Replaces?.Replacement, server))
            server.Replaces!.Replacement = null;
        return true;
    }
}
