using System.Diagnostics;
using System.Net.Sockets;
using McpActors.Host.Listening;

namespace McpActors.Host.Tests.Listening;

/// <summary>A worker that was killed leaves its Unix socket behind.</summary>
public sealed class StaleSocketTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string Address => $"http://127.0.0.1:0; http://unix:{Path}";

    private string Path => _folder.At("x.sock");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void One_that_nobody_listens_on_is_removed()
    {
        if (OperatingSystem.IsWindows())
            return;
        using (Listening(_folder.At("bound")))
        {
            // The socket removes its own path at its end, not another one.
            File.Move(_folder.At("bound"), Path);
        }

        StaleSocket.RemoveFrom(Address);

        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void One_that_somebody_listens_on_stays()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var listening = Listening(Path);

        StaleSocket.RemoveFrom(Address);

        Assert.True(File.Exists(Path));
    }

    [Fact]
    public void A_file_stays()
    {
        File.WriteAllText(Path, "mine");

        StaleSocket.RemoveFrom(Address);

        Assert.Equal("mine", File.ReadAllText(Path));
    }

    [Fact]
    public void A_named_pipe_stays()
    {
        if (OperatingSystem.IsWindows())
            return;
        using (var mkfifo = Process.Start("mkfifo", [Path]))
            mkfifo.WaitForExit();

        StaleSocket.RemoveFrom(Address);

        Assert.True(File.Exists(Path));
    }

    [Fact]
    public void A_path_without_a_socket_is_left_alone() => StaleSocket.RemoveFrom(Address);

    private static Socket Listening(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Bind(new UnixDomainSocketEndPoint(path));
        socket.Listen();
        return socket;
    }
}
