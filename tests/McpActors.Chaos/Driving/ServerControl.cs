using System.Net;
using System.Net.Sockets;

namespace McpActors.Chaos.Driving;

/// <summary>
/// One life of a server: its process, and the connection that carries commands to it. The end of the connection ends the process.
/// </summary>
/// <param name="Name">The server.</param>
/// <param name="Pid">The process.</param>
/// <param name="Port">The port on which it listens; 0 on stdio.</param>
/// <param name="Writer">The connection to it.</param>
internal sealed record ServerLife(string Name, int Pid, int Port, StreamWriter Writer)
{
    /// <summary>Sends a command; commands to a process that has ended are lost.</summary>
    public async Task TellAsync(string order)
    {
        try
        {
            await Writer.WriteLineAsync(order);
            await Writer.FlushAsync();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The process has been killed.
        }
    }
}

/// <summary>Receives a report from every server process when it is ready. Thread-safe.</summary>
internal sealed class ServerControl : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Lock _gate = new();
    private readonly List<ServerLife> _lives = [];
    private readonly List<(Func<ServerLife, bool> Wanted, TaskCompletionSource<ServerLife> Found)> _waiting = [];

    public ServerControl()
    {
        _listener.Start();
        _ = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The number of running processes.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _lives.Count;
        }
    }

    /// <summary>The number of running processes of one server.</summary>
    public int CountOf(string server)
    {
        lock (_gate)
            return _lives.Count(life => life.Name == server);
    }

    /// <summary>The latest life of a server; null when it has none.</summary>
    public ServerLife? Find(string server)
    {
        lock (_gate)
            return _lives.LastOrDefault(life => life.Name == server);
    }

    /// <summary>The life of this process, once it has reported.</summary>
    public async Task<ServerLife> ReadyAsync(int pid, CancellationToken cancellationToken)
    {
        var found = new TaskCompletionSource<ServerLife>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_lives.Find(life => life.Pid == pid) is { } known)
                return known;
            _waiting.Add((life => life.Pid == pid, found));
        }
        return await found.Task.WaitAsync(cancellationToken);
    }

    public void Dispose() => _listener.Dispose();

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = FollowAsync(await _listener.AcceptTcpClientAsync());
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task FollowAsync(TcpClient client)
    {
        using (client)
        {
            ServerLife? life = null;
            try
            {
                using var reader = new StreamReader(client.GetStream());
                if ((await reader.ReadLineAsync())?.Split(' ') is not [var name, var pid, var port])
                    return;
                life = new ServerLife(name, int.Parse(pid), int.Parse(port), new StreamWriter(client.GetStream()));
                Add(life);
                await reader.ReadLineAsync();
            }
            catch (IOException)
            {
                // A process that is killed resets the connection.
            }
            finally
            {
                lock (_gate)
                    _lives.Remove(life!);
            }
        }
    }

    private void Add(ServerLife life)
    {
        lock (_gate)
        {
            _lives.Add(life);
            foreach (var (_, found) in _waiting.Where(waiting => waiting.Wanted(life)))
                found.TrySetResult(life);
            _waiting.RemoveAll(waiting => waiting.Found.Task.IsCompleted);
        }
    }
}
