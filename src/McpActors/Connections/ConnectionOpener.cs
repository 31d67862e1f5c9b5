using Akka.Actor;
using McpActors.Configuration;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// Opens connections for its actor, one at a time, and waits for the end of old ones. The actor passes the events on.
/// </summary>
/// <param name="self">Receives <see cref="ConnectionEvent.SecretsRead"/>, <see cref="ConnectionEvent.Opened"/>,
/// <see cref="ConnectionEvent.OpenFailed"/> and what the server announces, and <see cref="OldConnectionClosed"/> whenever a closing has
/// ended.</param>
/// <param name="server">The server.</param>
/// <param name="pool">Time-outs.</param>
/// <param name="connector">Opens connections.</param>
/// <param name="memory">What the actor keeps over a crash.</param>
/// <param name="runner">Receives progress.</param>
/// <param name="redactor">Removes the server's secrets.</param>
/// <param name="time">The clock for time limits.</param>
internal sealed class ConnectionOpener(
    IActorRef self,
    ServerSettings server,
    PoolSettings pool,
    Connector connector,
    ConnectionMemory memory,
    AttemptRunner runner,
    CurrentRedactor redactor,
    TimeProvider time)
{
    private Task<Redactor>? _reading;
    private PendingConnection? _pending;
    private volatile string? _output;

    /// <summary>The last line that the program of the connection that is being opened wrote to stderr; null before the first.</summary>
    public string? Output => _output;

    /// <summary>
    /// Reads the secrets of the server for its next connection. Not on the actor's thread: they may be files, and a file on a hanging file
    /// system never ends.
    /// </summary>
    public void ReadSecrets(long generation)
    {
        // A reading that hangs is awaited again: each new one would cost another thread.
        if (_reading is not { IsCompleted: false })
            _reading = Task.Run(() => Redactor.For(server));
        _ = _reading.WaitAsync(pool.ConnectTimeout, time).PipeTo(
            self,
            success: read => new ConnectionEvent.SecretsRead(generation, read),
            failure: e => new ConnectionEvent.OpenFailed(generation, e is TimeoutException ? SecretsHang(e) : e));
    }

    private TimeoutException SecretsHang(Exception cause) => new(
        $"its secrets could not be read within {pool.ConnectTimeout.TotalSeconds:0.#} s; check the file system that their files are on",
        cause);

    /// <summary>Opens a connection, whose secrets have been read.</summary>
    public void Open(long generation)
    {
        var cancellation = new CancellationTokenSource();
        var changes = new ChangeAnnouncements(self, generation);
        _output = null;
        var wanted = new Opening(server, redactor, memory.PinnedVersion, OnNotification, memory.Report.FailedConnects > 0)
        {
            OnOutput = line => _output = line,
        };
        // The transport reads the secrets too.
        var opening = Task.Run(() => connector.OpenAsync(wanted, cancellation.Token));
        _pending = new PendingConnection(cancellation, opening, time);
        _ = opening.PipeTo(
            self,
            success: opened => new ConnectionEvent.Opened(generation, opened),
            failure: e => new ConnectionEvent.OpenFailed(generation, e));

        void OnNotification(JsonRpcNotification notification)
        {
            if (notification.Method == NotificationMethods.ProgressNotification)
                runner.Progress(notification);
            else
                changes.Announce();
        }
    }

    /// <summary>The connection opened or failed, and the actor has the outcome.</summary>
    public void Complete()
    {
        _pending?.Complete();
        _pending = null;
    }

    /// <summary>Gives up the connection that is being opened, if there is one; its end counts as that of an old one.</summary>
    public void Abandon()
    {
        if (_pending is { } pending)
            AwaitEndOf(pending.AbandonAsync(pool.CloseTimeout));
        _pending = null;
    }

    /// <summary>Ends an old connection and its attempts.</summary>
    /// <param name="old">The connection.</param>
    /// <param name="reason">Why, for the callers of its attempts.</param>
    /// <param name="awaitsRefusals">Its requests in flight may still be refused.</param>
    /// <param name="isReplaced">A new connection follows. It does not wait for the end of an HTTP session, which is a request of its own.
    /// </param>
    public void Close(Connection old, string reason, bool awaitsRefusals, bool isReplaced)
    {
        AwaitEndOf(CloseAsync());

        async Task CloseAsync()
        {
            try
            {
                if (awaitsRefusals)
                    await runner.SettleAsync().ConfigureAwait(false);
                runner.EndAll($"the connection to {server.Name} ended: {reason}");
            }
            finally
            {
                var closing = old.CloseAsync(pool.CloseTimeout);
                if (!isReplaced || !old.IsHttp)
                    await closing.ConfigureAwait(false);
            }
        }
    }

    /// <summary>Waits for the end of an old connection.</summary>
    public void AwaitEndOf(Task closing)
    {
        memory.Close(closing);
        AwaitGone();
    }

    /// <summary>Waits until every old connection is gone, also those of an earlier instance of the actor.</summary>
    public void AwaitGone() =>
        memory.Gone.PipeTo(self, success: () => OldConnectionClosed.Instance, failure: _ => OldConnectionClosed.Instance);
}
