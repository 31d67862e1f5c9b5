using System.Diagnostics;
using McpActors.Configuration;
using McpActors.Tests.Failures;
using McpActors.TestServer;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>
/// The recipe for servers in containers of docs/operations.md. A script stands in for <c>docker</c>, and another for its daemon: a
/// container is a process of the daemon, which the pool knows nothing of.
/// </summary>
public sealed class ContainerTests : IAsyncLifetime
{
    private const string Recipe =
        "docker rm -f mcp-search >/dev/null 2>&1; exec docker run -i --rm --init --name mcp-search ghcr.io/example/search-mcp";

    private const string Daemon = """
        cd "$1"
        mkfifo requests
        # Open for writing too, so that the pipe has no end and no request is lost between two readings.
        exec 3<>requests
        while read -r verb name <&3; do
          case $verb in
            start) sleep 600 & echo $! > "$name"; echo "$name" >> started ;;
            stop) [ -f "$name" ] && pid=$(cat "$name") && kill "$pid" && wait "$pid"; rm -f "$name" ;;
            end) exit ;;
          esac
        done
        """;

    private readonly TemporaryDirectory _folder = new();
    private Process? _daemon;

    private string Container => _folder.PathOf("mcp-search");

    public async Task InitializeAsync()
    {
        if (!OperatingSystem.IsLinux())
            return;
        await File.WriteAllTextAsync(_folder.PathOf("daemon"), Daemon);
        _daemon = Process.Start("sh", [_folder.PathOf("daemon"), _folder.Path]);
        await Eventually.TrueAsync(() => File.Exists(_folder.PathOf("requests")), "the daemon runs");
    }

    public async Task DisposeAsync()
    {
        if (_daemon is not null)
        {
            await File.AppendAllTextAsync(_folder.PathOf("requests"), "stop mcp-search\nend\n");
            await _daemon.WaitForExitAsync().WaitAsync(Eventually.Guard);
            _daemon.Dispose();
        }
        _folder.Dispose();
    }

    [SkippableTheory]
    [InlineData("", "")]
    [InlineData("sleep 1", "")]
    // Ends at SIGTERM alone.
    [InlineData("", "while :; do sleep 0.1; done")]
    public async Task Closing_the_connection_leaves_no_container(string stopping, string afterStdin)
    {
        await WriteClientAsync(stopping, afterStdin);
        await using var pool = await BadAndGood.StartAsync(Server(), Settings, alone: true);
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.True(File.Exists(Container));

        await pool.Host.Pool.CommandAsync(new ReconnectServer("bad"));
        await pool.Host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Restarts: 1 });
        await Eventually.TrueAsync(() => File.Exists(Container), "a container of the new connection runs");
        await pool.Host.Pool.CommandAsync(new DisconnectServer("bad"));

        await Eventually.TrueAsync(() => !File.Exists(Container), "the container is stopped");
        Assert.Equal(2, (await File.ReadAllLinesAsync(_folder.PathOf("started"))).Length);
    }

    [SkippableFact]
    public async Task A_container_that_was_left_goes_with_the_next_start()
    {
        await WriteClientAsync(stopping: "exit", afterStdin: "");
        await using var pool = await BadAndGood.StartAsync(Server(), Settings, alone: true);
        var left = await File.ReadAllTextAsync(Container);

        await pool.Host.Pool.CommandAsync(new ReconnectServer("bad"));
        await pool.Host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Restarts: 1 });

        await Eventually.TrueAsync(() => !Directory.Exists($"/proc/{left.Trim()}"), "the container of the first connection is gone");
    }

    [SkippableFact]
    public async Task A_pool_that_is_killed_leaves_no_container()
    {
        await WriteClientAsync(stopping: "", afterStdin: "while :; do sleep 0.1; done");
        await File.WriteAllTextAsync(_folder.PathOf("recipe"), $"PATH='{_folder.Path}':$PATH\n{Recipe}");
        string[] args = [typeof(ContractServer).Assembly.Location, "--as-host", "--script", _folder.PathOf("recipe")];
        using var host = Process.Start(new ProcessStartInfo("dotnet", args) { RedirectStandardOutput = true })!;
        await host.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Guard);
        Assert.True(File.Exists(Container));

        host.Kill();

        await Eventually.TrueAsync(() => !File.Exists(Container), "the watchdog asks the client to end");
    }

    private static PoolSettings Settings => BadAndGood.Patient with { CloseTimeout = TimeSpan.FromSeconds(15) };

    private ServerSettings Server() => new()
    {
        Name = "bad",
        Command = "sh",
        Args = ["-c", Recipe],
        Environment = new Dictionary<string, Secret>
        {
            ["PATH"] = Secret.FromLiteral($"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}"),
        },
    };

    /// <summary>Writes the stand-in for docker.</summary>
    /// <param name="stopping">What it does before it has the container stopped.</param>
    /// <param name="afterStdin">What it does at the end of its stdin.</param>
    private async Task WriteClientAsync(string stopping, string afterStdin)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "scripts of sh, and signals of Linux");
        await File.WriteAllTextAsync(_folder.PathOf("docker"), $$"""
            #!/bin/sh
            ask() { echo "$1" > '{{_folder.PathOf("requests")}}'; }
            if [ "$1" = rm ]; then
              ask "stop $3"
              exit
            fi
            stop() { trap '' TERM; {{(stopping.Length == 0 ? ":" : stopping)}}; ask 'stop mcp-search'; exit; }
            trap stop TERM
            ask 'start mcp-search'
            while [ ! -f '{{Container}}' ]; do sleep 0.1; done
            {{ShellServer.Script()}}
            {{afterStdin}}
            stop
            """);
        if (OperatingSystem.IsLinux())
            File.SetUnixFileMode(_folder.PathOf("docker"), UnixFileMode.UserRead | UnixFileMode.UserExecute);
    }
}
