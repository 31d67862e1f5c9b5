using System.Collections.Concurrent;
using McpActors.Host.Reloading;
using McpActors.Host.Settings;
using McpActors.Host.Tests.Api;
using McpActors.Tests.Transports;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Host.Tests.Reloading;

/// <summary>When the watcher applies the configuration file.</summary>
public sealed class ConfigurationWatcherTests : IAsyncLifetime, IDisposable
{
    private const string Pool = "mcp-actors.pool.servers.a { uri = \"ws://127.0.0.1:1\", group = one }\n";

    private readonly TempFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentQueue<ApplyConfiguration> _applied = new();
    private readonly RecordingLogs _logs = new();
    private ConfigurationReloader _reloader = null!;
    private ConfigurationWatcher _watcher = null!;

    private string File1 => _folder.At("pool.conf");

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _watcher.StopAsync(CancellationToken.None);
        _watcher.Dispose();
        _reloader.Dispose();
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_that_has_not_changed_since_the_start_is_not_applied()
    {
        await StartAsync(Pool);

        await LookAsync(5);

        Assert.Empty(_applied);
    }

    [Fact]
    public async Task A_change_between_the_start_and_the_first_look_is_applied()
    {
        File.WriteAllText(File1, Pool);
        var start = WorkerConfiguration.Read(File1);
        File.WriteAllText(File1, Pool.Replace("one", "two", StringComparison.Ordinal));
        await WatchAsync(start);

        await LookAsync(3);

        Assert.Equal("two", Assert.Single(_applied).Settings.Servers[0].Group);
    }

    [Fact]
    public async Task A_change_that_keeps_the_time_and_the_length_is_applied_once()
    {
        await StartAsync(Pool);
        var time = File.GetLastWriteTimeUtc(File1);
        File.WriteAllText(File1, Pool.Replace("one", "two", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(File1, time);

        await LookAsync(5);

        Assert.Equal("two", Assert.Single(_applied).Settings.Servers[0].Group);
    }

    // Kubernetes mounts a ConfigMap as links through a folder, and swaps the link to that folder.
    [SkippableFact]
    public async Task A_swapped_link_to_a_folder_of_the_same_times_and_lengths_is_applied_once()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "links need privileges elsewhere");
        var time = DateTime.UnixEpoch;
        foreach (var (version, group) in (ReadOnlySpan<(string, string)>)[("v1", "one"), ("v2", "two")])
        {
            Directory.CreateDirectory(_folder.At(version));
            var file = Path.Combine(_folder.At(version), "pool.conf");
            File.WriteAllText(file, Pool.Replace("one", group, StringComparison.Ordinal));
            File.SetLastWriteTimeUtc(file, time);
        }
        Directory.CreateSymbolicLink(_folder.At("data"), "v1");
        File.CreateSymbolicLink(File1, "data/pool.conf");
        await StartAsync(null);
        Directory.CreateSymbolicLink(_folder.At("data.new"), "v2");
        Directory.Delete(_folder.At("data"));
        Directory.Move(_folder.At("data.new"), _folder.At("data"));

        await LookAsync(5);

        Assert.Equal("two", Assert.Single(_applied).Settings.Servers[0].Group);
    }

    // Editors write a new file beside the old one and rename it.
    [Fact]
    public async Task A_file_renamed_over_the_old_one_is_applied_once()
    {
        await StartAsync(Pool);
        File.WriteAllText(_folder.At("pool.conf~"), Pool.Replace("one", "two", StringComparison.Ordinal));
        File.SetLastWriteTimeUtc(_folder.At("pool.conf~"), File.GetLastWriteTimeUtc(File1));
        File.Move(_folder.At("pool.conf~"), File1, overwrite: true);

        await LookAsync(5);

        Assert.Equal("two", Assert.Single(_applied).Settings.Servers[0].Group);
    }

    [Fact]
    public async Task A_link_that_leads_in_a_circle_does_not_end_the_watcher()
    {
        await StartAsync(Pool);
        File.Delete(File1);
        File.CreateSymbolicLink(File1, File1);
        await LookAsync(3);
        Assert.NotNull(_reloader.Last!.Problem);

        File.Delete(File1);
        File.WriteAllText(File1, Pool.Replace("one", "two", StringComparison.Ordinal));
        await LookAsync(3);

        Assert.Equal("two", Assert.Single(_applied).Settings.Servers[0].Group);
        Assert.False(_watcher.ExecuteTask!.IsCompleted);
    }

    [Theory]
    [InlineData("mcp-actors.pool { servers {")]
    [InlineData("mcp-actors.pool.call-timeout = -1s")]
    [InlineData("mcp-actors = 5")]
    [InlineData("mcp-actors.host = 5\nmcp-actors.pool { }")]
    [InlineData("mcp-actors.host = [1]\nmcp-actors.pool { }")]
    [InlineData("mcp-actors.pool { import = [\"/dev/zero\"] }")]
    [InlineData("include \"a\\u0000b\"")]
    public async Task A_file_that_became_invalid_is_reported_once_and_applied_never(string hocon)
    {
        await StartAsync(Pool);
        File.WriteAllText(File1, hocon);

        await LookAsync(5);

        Assert.Empty(_applied);
        Assert.NotNull(_reloader.Last!.Problem);
        Assert.Null(_reloader.Applied);
        Assert.Contains("was rejected", Assert.Single(_logs.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_a_server_that_became_wrong_is_applied_without_it()
    {
        await StartAsync(Pool);
        File.WriteAllText(File1, Pool.Replace("one", "two", StringComparison.Ordinal) + "mcp-actors.pool.servers.b { url = \"ws://x\" }\n");

        await LookAsync(5);

        var servers = Assert.Single(_applied).Settings.Servers;
        Assert.Equal(("two", null), (servers[0].Group, servers[0].Misconfigured));
        Assert.StartsWith("url: is not a known key", servers[1].Misconfigured, StringComparison.Ordinal);
        Assert.Null(_reloader.Last!.Problem);
    }

    [Fact]
    public async Task A_file_nested_too_deep_is_reported_and_applied_never()
    {
        await StartAsync(Pool);
        File.WriteAllText(File1, "mcp-actors.pool { x = " + new string('[', 20_000));

        await LookAsync(5);

        Assert.Empty(_applied);
        Assert.Single(_logs.Lines);
        Assert.Contains("nested", _reloader.Last!.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Blocks_that_only_the_next_start_reads_are_named()
    {
        await StartAsync(Pool + "mcp-actors.host.requests-per-second = 10");
        File.WriteAllText(
            File1, Pool + "mcp-actors.host.requests-per-second = 11\nakka.loglevel = DEBUG");

        await LookAsync(3);

        Assert.Single(_applied);
        Assert.Contains("akka, mcp-actors.host", Assert.Single(_logs.Lines), StringComparison.Ordinal);
        Assert.Equal(["akka", "mcp-actors.host"], _reloader.Last!.AtNextStart);
    }

    [Fact]
    public async Task The_problems_of_a_rejected_file_are_one_line()
    {
        await StartAsync(Pool);
        File.WriteAllText(File1, Pool + "mcp-actors.pool { call-timeout = 0s, load-balancing = fastest }");

        await LookAsync(3);

        var line = Assert.Single(_logs.Lines);
        Assert.Contains("call-timeout", line, StringComparison.Ordinal);
        Assert.Contains("load-balancing", line, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_notes_of_the_start_are_logged_before_those_of_a_reload_and_once()
    {
        WriteImport("first");
        await StartAsync(Pool + "mcp-actors.pool.import = [\"mcp.json\"]");
        WriteImport("second");
        await LookAsync(3);

        await _reloader.ReportStartAsync(CancellationToken.None);

        Assert.Equal(["first", "second"], _logs.Lines.Select(line => line.Contains("servers.b.first", StringComparison.Ordinal)
            ? "first"
            : line.Contains("servers.b.second", StringComparison.Ordinal) ? "second" : line));

        void WriteImport(string unknownKey) => File.WriteAllText(
            _folder.At("mcp.json"), $$"""{ "mcpServers": { "b": { "command": "x", "{{unknownKey}}": 1 } } }""");
    }

    private Task StartAsync(string? hocon)
    {
        if (hocon is not null)
            File.WriteAllText(File1, hocon);
        return WatchAsync(WorkerConfiguration.Read(File1));
    }

    private Task WatchAsync(WorkerConfiguration start)
    {
        var pool = new FakePool
        {
            OnCommand = command =>
            {
                _applied.Enqueue(Assert.IsType<ApplyConfiguration>(command));
                return CommandAccepted.Instance;
            },
        };
        _reloader = new ConfigurationReloader(File1, start, () => pool, _time, _logs.CreateLogger<ConfigurationReloader>());
        _watcher = new ConfigurationWatcher(_reloader, new Started(), _time, _logs.CreateLogger<ConfigurationWatcher>());
        return _watcher.StartAsync(CancellationToken.None);
    }

    // The watcher reports nothing when it finds no change, so each look is waited for by the timer it takes next.
    private async Task LookAsync(int times)
    {
        for (var i = 0; i < times; i++)
        {
            var before = _watcher.Looks;
            await Eventually.TrueAsync(() =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Task.FromResult(_watcher.Looks > before);
            });
        }
    }

    private sealed class Started : IHostApplicationLifetime
    {
        public CancellationToken ApplicationStarted { get; } = new(canceled: true);

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => throw new InvalidOperationException("nothing should stop");
    }
}
