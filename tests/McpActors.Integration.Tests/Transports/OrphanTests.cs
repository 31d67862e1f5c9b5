using System.Diagnostics;
using McpActors.Configuration;
using McpActors.TestServer;
using McpActors.Transports;
using ModelContextProtocol.Client;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>A server that is a child process leaves no process behind: neither the program nor its detached descendants.</summary>
public sealed class OrphanTests : IDisposable
{
    // By the real clock; a server that does not end by itself is killed after half of it.
    private static readonly PoolSettings Unhurried = new() { CloseTimeout = TimeSpan.FromSeconds(10) };

    private readonly string _pids = Path.Combine(Path.GetTempPath(), $"mcpactors-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(_pids);

    [SkippableTheory]
    [InlineData("--detached")]
    [InlineData("--bare")]
    public async Task Closing_ends_a_server_that_ignores_the_end_of_its_stdin_and_its_grandchild(string kind)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processes are found by /proc, which is Linux's");
        var transport = Create(TestServerProcess.Settings("--ignore-eof", "--spawn-grandchild", kind, "--pids", _pids));
        var client = await McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard);
        var pids = await PidsAsync();
        Assert.All(pids, pid => Assert.True(IsAlive(pid), $"process {pid} runs while connected"));

        await client.DisposeAsync();
        await ((IAsyncDisposable)transport).DisposeAsync();

        Assert.All(pids, pid => Assert.False(IsAlive(pid), $"process {pid} is left"));
    }

    [SkippableTheory]
    [InlineData("--detached")]
    [InlineData("--bare")]
    public async Task Closing_ends_the_grandchild_of_a_server_that_has_died(string kind)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processes are found by /proc, which is Linux's");
        var transport = Create(TestServerProcess.Settings("--spawn-grandchild", kind, "--pids", _pids));
        var client = await McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard);
        var pids = await PidsAsync();
        await Assert.ThrowsAnyAsync<IOException>(() => client.CallToolAsync("exit").AsTask().WaitAsync(Eventually.Guard));

        await client.DisposeAsync();
        await ((IAsyncDisposable)transport).DisposeAsync();

        Assert.All(pids, pid => Assert.False(IsAlive(pid), $"process {pid} is left"));
    }

    [SkippableFact]
    public async Task A_failed_handshake_leaves_no_process()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processes are found by /proc, which is Linux's");
        var transport = Create(TestServerProcess.Settings("--exit-on-first-message", "--spawn-grandchild", "--pids", _pids));
        await Assert.ThrowsAnyAsync<IOException>(() => McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard));
        var pids = await PidsAsync();

        await ((IAsyncDisposable)transport).DisposeAsync();

        Assert.All(pids, pid => Assert.False(IsAlive(pid), $"process {pid} is left"));
    }

    [SkippableTheory]
    [InlineData("--detached")]
    [InlineData("--bare")]
    public async Task A_host_that_is_killed_takes_its_servers_and_their_children_with_it(string kind)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processes are found by /proc, which is Linux's");
        string[] args =
            [typeof(ContractServer).Assembly.Location, "--as-host", "--ignore-eof", "--spawn-grandchild", kind, "--pids", _pids];
        using var host = Process.Start(new ProcessStartInfo("dotnet", args) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal($"{host.Id}", await host.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Guard));
            var pids = await PidsAsync();
            Assert.All(pids, pid => Assert.True(IsAlive(pid), $"process {pid} runs while the host does"));

            host.Kill();

            await Eventually.TrueAsync(() => !pids.Any(IsAlive), "the watchdog ends server and grandchild");
        }
        finally
        {
            host.Kill(entireProcessTree: true);
        }
    }

    [SkippableFact]
    public async Task The_watchdog_ends_with_a_host_that_left_nothing()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "processes are found by /proc, which is Linux's");
        string[] args = [typeof(ContractServer).Assembly.Location, "--as-host", "--spawn-grandchild", "--pids", _pids];
        using var host = Process.Start(new ProcessStartInfo("dotnet", args) { RedirectStandardOutput = true })!;
        await host.StandardOutput.ReadLineAsync().WaitAsync(Eventually.Guard);
        var watchdog = Assert.Single(
            ProcessesWithParent(host.Id),
            pid => Read(pid, "cmdline").Contains("MCPACTORS_OWNER", StringComparison.Ordinal));

        host.Kill();

        await Eventually.TrueAsync(() => !IsAlive(watchdog), "the watchdog ends too");
    }

    [SkippableFact]
    public async Task The_program_has_its_own_session_and_the_id_that_was_started()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "sessions are looked up in /proc, which is Linux's");
        var transport = Create(TestServerProcess.Settings("--spawn-grandchild", "--pids", _pids));
        await using var owned = (IAsyncDisposable)transport;
        await using var client = await McpClient.CreateAsync(transport).WaitAsync(Eventually.Guard);
        var pid = (await PidsAsync())[0];

        var session = Stat(pid)[3];

        Assert.Equal($"{pid}", session);
    }

    private static IClientTransport Create(ServerSettings server) =>
        new TransportFactory(new MemoryServers(), Unhurried, logs: null).Create(server, new CurrentRedactor());

    private async Task<int[]> PidsAsync()
    {
        await Eventually.TrueAsync(() => File.Exists(_pids), "the server writes its process ids");
        int[] pids = [.. (await File.ReadAllTextAsync(_pids)).Split(' ').Select(int.Parse)];
        // While setsid replaces itself with the program, its environment is empty.
        await Eventually.TrueAsync(
            () => !IsAlive(pids[1]) || Read(pids[1], "cmdline").StartsWith("sleep", StringComparison.Ordinal),
            "the grandchild runs its program");
        return pids;
    }

    private static IEnumerable<int> ProcessesWithParent(int parent) =>
        Directory.EnumerateDirectories("/proc")
            .Select(d => int.TryParse(Path.GetFileName(d), out var pid) ? pid : 0)
            .Where(pid => pid > 0 && Stat(pid) is [not ("Z" or "X"), var itsParent, ..] && itsParent == $"{parent}");

    /// <summary>The process exists and is not a zombie.</summary>
    private static bool IsAlive(int pid) => Stat(pid) is [not ("Z" or "X"), ..];

    /// <summary>The fields of /proc/id/stat from the state on: state, parent, group, session; empty without such a process.</summary>
    private static string[] Stat(int pid) =>
        Read(pid, "stat") is { Length: > 0 } stat ? stat[(stat.LastIndexOf(')') + 2)..].Split(' ') : [];

    private static string Read(int pid, string file)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/{file}");
        }
        catch (IOException)
        {
            return "";
        }
    }
}
