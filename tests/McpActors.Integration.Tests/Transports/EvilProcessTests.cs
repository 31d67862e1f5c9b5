using McpActors.Configuration;
using McpActors.Tests.Failures;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>Programs that write without end. What they cost is bounded, and their connection ends with words that say why.</summary>
[Collection(Alone.Name)]
public sealed class EvilProcessTests
{
    private const int MiB = 1024 * 1024;
    private const long Bound = 200L * MiB;

    private static readonly PoolSettings Small = BadAndGood.Patient with { MaxResultSize = MiB };

    [Theory]
    [InlineData("tr '\\0' x </dev/zero", "a line of more than")]
    [InlineData("yes", "no message than can be skipped")]
    [InlineData("yes '{\"malformed'", "no message than can be skipped")]
    [InlineData("yes '{\"id\":\"x\",\"malformed\":1}'", "no message than can be skipped")]
    [InlineData("yes '{\"id\":1,\"malformed'", "without being asked")]
    public async Task A_flood_on_stdout_before_the_handshake_ends_the_connection(string flood, string words)
    {
        using var memory = new MemoryWatch();
        await using var pool = await BadAndGood.StartAsync(Shell(flood), Small, waitForBad: false);

        var status = await pool.Host.UntilAsync("bad", ServerStatus.Error);

        Assert.Contains(words, status.Servers[0].LastError, StringComparison.Ordinal);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);
        Assert.InRange(memory.Growth, 0, Bound);
    }

    [Theory]
    [InlineData("tr '\\0' x </dev/zero >&2")]
    [InlineData("yes >&2")]
    public async Task A_flood_beside_the_messages_costs_no_memory_and_no_call(string flood)
    {
        using var memory = new MemoryWatch();
        var program = TestServerProcess.Settings();
        await using var pool = await BadAndGood.StartAsync(Shell($"{flood} & exec dotnet '{program.Args[0]}'"), Small);

        for (var i = 0; i < 50; i++)
            Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync("echo", new { text = "heard" })).Story);

        Assert.InRange(memory.Growth, 0, Bound);
    }

    [Theory]
    [InlineData("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{}}", "without being asked")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"roots/list\"}", "without being asked")]
    [InlineData("{\"jsonrpc\":\"2.0\",\"id\":99,\"result\":{}}", "without being asked")]
    public async Task A_flood_of_messages_ends_the_connection(string message, string words)
    {
        using var memory = new MemoryWatch();
        await using var pool = await BadAndGood.StartAsync(Shell($"yes '{message}'"), Small, waitForBad: false);

        var status = await pool.Host.UntilAsync("bad", ServerStatus.Error);

        Assert.Contains(words, status.Servers[0].LastError, StringComparison.Ordinal);
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync()).Story);
        Assert.InRange(memory.Growth, 0, Bound);
    }

    private static ServerSettings Shell(string command) => new() { Name = "bad", Command = "sh", Args = ["-c", command] };

    /// <summary>How much this process has grown at most.</summary>
    private sealed class MemoryWatch : IDisposable
    {
        private readonly long _before = Environment.WorkingSet;
        private readonly Timer _timer;
        private long _most;

        public MemoryWatch() =>
            _timer = new Timer(_ => Look(), null, TimeSpan.Zero, TimeSpan.FromMilliseconds(50));

        public long Growth
        {
            get
            {
                Look();
                return Math.Max(0, Interlocked.Read(ref _most) - _before);
            }
        }

        public void Dispose() => _timer.Dispose();

        private void Look() => Interlocked.Exchange(ref _most, Math.Max(Interlocked.Read(ref _most), Environment.WorkingSet));
    }
}
