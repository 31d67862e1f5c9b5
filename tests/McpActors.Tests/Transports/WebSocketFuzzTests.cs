using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;
using McpActors.Tests.Failures;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>
/// A server whose frames are made by a generator with a fixed seed: its connection goes on or ends, the call has an ordinary reply, and
/// nothing else happens. <c>MCPACTORS_FUZZ_SECONDS</c> lets it run longer, each call with a seed of its own.
/// </summary>
[Collection(Alone.Name)]
public sealed class WebSocketFuzzTests
{
    private const int Calls = 300;
    private const int MaxResult = 4_000;
    private const long MiB = 1024 * 1024;

    private static readonly PoolSettings Settings = BadAndGood.Patient with
    {
        MaxResultSize = MaxResult,
        CloseTimeout = TimeSpan.FromMilliseconds(100),
        Reconnect = new ReconnectSettings { MinBackoff = TimeSpan.FromMilliseconds(1), MaxBackoff = TimeSpan.FromMilliseconds(1) },
        Circuit = new CircuitSettings { ConsecutiveFailures = 1_000_000, MinimumCalls = 1_000_000 },
    };

    private static int Limit => (int)MessageLimits.WithEnvelope(MaxResult);

    private readonly ConcurrentQueue<string> _problems = new();
    private HostileFrames _frames = new(0, Limit);
    private bool _isInHandshake;
    private int _spoilt;
    private int _handshakes;
    private int _handshakesNeeded;

    [Fact]
    public async Task Generated_frames_end_their_own_connection_at_most()
    {
        // Of other tests.
        Collect();
        EventHandler<UnobservedTaskExceptionEventArgs> unobserved = (_, e) => _problems.Enqueue($"not observed: {e.Exception}");
        TaskScheduler.UnobservedTaskException += unobserved;
        try
        {
            await using var server = new RawWebSocketServer(AnswerAsync);
            await using (var pool = await BadAndGood.StartAsync(server.Settings, Settings))
            {
                var errors = pool.Host.System.ActorOf(Props.Create(() => new Errors(_problems)));
                pool.Host.System.EventStream.Subscribe(errors, typeof(Error));
                var before = GC.GetTotalMemory(forceFullCollection: true);
                foreach (var seed in Fuzz.Seeds(Calls))
                {
                    await CallAsync(pool, seed);
                    if (seed % 100 == 0)
                        Collect();
                    Assert.True(
                        _problems.IsEmpty && server.Errors.IsEmpty, $"seed {seed}: {string.Join('\n', [.. _problems, .. server.Errors])}");
                }
                Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 32 * MiB);
            }
            Collect();
            Assert.Empty(_problems);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= unobserved;
        }
    }

    private async Task CallAsync(BadAndGood pool, int seed)
    {
        await Eventually.TrueAsync(() => Volatile.Read(ref _handshakes) >= _handshakesNeeded, "the next connection is opened");
        await pool.Host.UntilAsync(status => status.Servers[0] is { Status: ServerStatus.Connected, Tools: not null });
        _frames = new HostileFrames(seed, Limit);
        var allocated = GC.GetTotalAllocatedBytes();

        var answer = await pool.CallAsync(server: "bad");

        Assert.True(
            _frames.IsHarmless
                ? answer.Story == "bad:Succeeded => bad"
                : answer.Error?.Kind is null or PoolErrorKind.OutcomeUnknown,
            $"seed {seed}: {answer.Story} ({answer.Error?.Message})");
        // What frames declare costs nothing, and each message is kept in a few copies at most.
        Assert.InRange(GC.GetTotalAllocatedBytes() - allocated, 0, (20L * _frames.Bytes.Length) + (16 * MiB));
        Assert.Equal("good:Succeeded => good", (await pool.CallAsync(server: "good")).Story);
    }

    // Sends the frames and the result of the call after them. Where they may have spoilt the connection, that is its end; in some of the
    // next connections the same frames take the place of the handshake.
    private async Task<bool> AnswerAsync(Stream stream, JsonNode message, CancellationToken end)
    {
        if (_isInHandshake)
        {
            _isInHandshake = false;
            await stream.WriteAsync(_frames.Bytes, end);
            return false;
        }
        if (LegacyMcp.Answer(message) is { } answer)
        {
            if ((string?)message["method"] == "initialize")
                Interlocked.Increment(ref _handshakes);
            await stream.WriteAsync(RawWebSocketServer.Text(answer), end);
        }
        else if ((string?)message["method"] == "tools/call")
        {
            var frames = _frames;
            _isInHandshake = !frames.IsHarmless && ++_spoilt % 4 == 0;
            _handshakesNeeded = _handshakes + (frames.IsHarmless ? 0 : 1);
            await stream.WriteAsync(frames.Bytes, end);
            await stream.WriteAsync(RawWebSocketServer.Text(LegacyMcp.ToolResult(message, "after all")), end);
            return frames.IsHarmless;
        }
        return true;
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }

    private sealed class Errors : ReceiveActor
    {
        public Errors(ConcurrentQueue<string> problems) => Receive<Error>(error => problems.Enqueue($"an actor failed: {error}"));
    }
}
