using Akka.Actor;
using Akka.Event;
using McpActors.Chaos.Driving;
using McpActors.Chaos.Faults;

namespace McpActors.Chaos.Hostile;

/// <summary>Callers that send <see cref="HostileMessages"/> beside the load, straight to the pool's actor.</summary>
internal sealed class HostileLoad(ActorSystem system, IActorRef pool, Pauses pauses, int seed)
{
    private const int MostExamples = 10;

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(5);

    private readonly Lock _gate = new();
    private readonly List<string> _examples = [];
    private long _sent;
    private long _unanswered;
    private long _crashes;

    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>* Without a reply within the time of a call and the grace.</summary>
    public long Unanswered => Interlocked.Read(ref _unanswered);

    /// <summary>* Unexpected failures of actors: errors in the log, beside those of the strategy that throws.</summary>
    public long Crashes => Interlocked.Read(ref _crashes);

    public IReadOnlyList<string> Examples
    {
        get
        {
            lock (_gate)
                return [.. _examples];
        }
    }

    /// <summary>Runs until cancelled; running calls then end.</summary>
    public async Task RunAsync(int callers, CancellationToken end)
    {
        var errors = system.ActorOf(Props.Create(() => new Errors(this)));
        system.EventStream.Subscribe(errors, typeof(Error));
        await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(
            () => SendAsync(new Random(HashCode.Combine(seed, caller)), end), CancellationToken.None)));
    }

    private async Task SendAsync(Random random, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var (kind, message) = HostileMessages.Next(random);
            var from = TimeProvider.System.GetTimestamp();
            Interlocked.Increment(ref _sent);
            if (await InTime.ReplyAsync(pool.Ask<object>(message, Timeout.InfiniteTimeSpan, CancellationToken.None), pauses, from) is null)
            {
                Interlocked.Increment(ref _unanswered);
                Add($"no reply to a hostile message ({kind}): {Shorten(message)}");
            }
            await Task.Delay(Breath, TimeProvider.System, CancellationToken.None);
        }
    }

    private void Add(string example)
    {
        lock (_gate)
        {
            if (_examples.Count < MostExamples)
                _examples.Add(example);
        }
    }

    private static string WhereOf(Exception? cause) =>
        cause?.StackTrace?.Split('\n').FirstOrDefault(line => line.Contains("McpActors", StringComparison.Ordinal)) ?? "";

    private static string Shorten(object message)
    {
        string text;
        try
        {
            text = $"{message}";
        }
        catch (ObjectDisposedException)
        {
            text = $"{message.GetType().Name} with a disposed document";
        }
        return text.Length > 300 ? text[..300] : text;
    }

    private sealed class Errors : ReceiveActor
    {
        public Errors(HostileLoad load) => Receive<Error>(error => error.Cause?.Message != HostileStrategy.Message, error =>
        {
            Interlocked.Increment(ref load._crashes);
            load.Add($"an actor failed: {error.LogSource}: {error.Message}{WhereOf(error.Cause)}");
        });
    }
}
