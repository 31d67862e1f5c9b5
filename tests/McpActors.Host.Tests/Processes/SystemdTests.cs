using System.Net;
using System.Net.Sockets;
using System.Runtime.Versioning;
using System.Text;

namespace McpActors.Host.Tests.Processes;

/// <summary>The worker as a service of systemd with <c>Type=notify</c>.</summary>
[SupportedOSPlatform("linux")]
public sealed class SystemdTests : IDisposable
{
    /// <summary>The service manager as the worker sees it: a parent process of that name, which forwards the signal to stop.</summary>
    private const string Manager =
        """
        #!/bin/sh
        "$@" &
        trap "kill -TERM $!" TERM
        wait $! || wait $!
        """;

    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly TempFolder _folder = new();
    private readonly Socket _notifications;

    public SystemdTests()
    {
        _notifications = UnixSockets.Datagrams(NotifySocket);
        File.WriteAllText(_folder.At("systemd"), Manager);
        File.SetUnixFileMode(_folder.At("systemd"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }

    private string NotifySocket => _folder.At("notify");

    private string[] Program => [_folder.At("systemd"), .. HostProcess.Built];

    private Dictionary<string, string> Environment => new() { ["NOTIFY_SOCKET"] = NotifySocket };

    public void Dispose()
    {
        _notifications.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Notifies_systemd_when_it_serves_and_when_it_stops()
    {
        await using var host = await HostProcess.ServeAsync(Program, Environment, ["--demo-port", "0"]);

        Assert.Equal("READY=1", await NotificationAsync());
        Assert.Equal(HttpStatusCode.OK, (await host.Client.GetAsync("/health/live")).StatusCode);

        host.Signal("TERM");
        Assert.Equal("STOPPING=1", await NotificationAsync());
        Assert.Equal(0, (await host.EndAsync()).ExitCode);
    }

    [Fact]
    public async Task Is_never_ready_when_it_cannot_serve()
    {
        await using var host = HostProcess.Start(
            Program, Environment, ["--urls", "http://127.0.0.1:0", "--config", _folder.At("missing.conf")]);

        Assert.Equal(3, (await host.EndAsync()).ExitCode);
        Assert.Equal(0, _notifications.Available);
    }

    [Fact]
    public void The_unit_does_not_restart_a_configuration_that_is_not_valid()
    {
        var unit = File.ReadAllText(Repository.At("packaging", "mcp-actors.service"));

        Assert.Contains("RestartPreventExitStatus=3\n", unit, StringComparison.Ordinal);
        Assert.Contains("StartLimitIntervalSec=", unit, StringComparison.Ordinal);
        Assert.Contains("LimitNOFILE=", unit, StringComparison.Ordinal);
    }

    private async Task<string> NotificationAsync()
    {
        using var guard = new CancellationTokenSource(Guard);
        var buffer = new byte[4096];
        var length = await _notifications.ReceiveAsync(buffer, guard.Token);
        return Encoding.UTF8.GetString(buffer, 0, length).Trim();
    }
}
