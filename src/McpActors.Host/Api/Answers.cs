using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using McpActors.Host.Api.Contract;

namespace McpActors.Host.Api;

/// <summary>
/// The results that are being written to clients. A client that does not read its answer would keep it in memory, so a connection is closed
/// whose answer is not read in time, and new calls are refused while the unread results are too large together. Thread-safe.
/// </summary>
internal sealed class Answers(TimeProvider time)
{
    /// <summary>The most bytes of unread results; beyond it, calls are refused before they are sent.</summary>
    public const long MostUnread = 256 * 1024 * 1024;

    /// <summary>The time in which a client must have read an answer, from its first byte.</summary>
    public static readonly TimeSpan ReadWithin = TimeSpan.FromMinutes(1);

    private long _unread;

    /// <summary>Why no call is accepted now; null when calls are.</summary>
    public PoolError? Problem() => Interlocked.Read(ref _unread) <= MostUnread
        ? null
        : new PoolError(
            PoolErrorKind.Overloaded,
            $"The worker holds more than {MostUnread / 1024 / 1024} MiB of results that clients have not read. Nothing was sent.")
        {
            RetryAfter = TimeSpan.FromSeconds(1),
        };

    /// <summary>Closes the connection of an answer that is not read in time.</summary>
    public async Task LimitAsync(HttpContext context, RequestDelegate next)
    {
        ITimer? timer = null;
        var isOver = false;
        context.Response.OnStarting(() =>
        {
            // The middleware around this one may write the answer after it has ended: a short error, which needs no limit.
            if (isOver)
                return Task.CompletedTask;
            timer = time.CreateTimer(_ => context.Abort(), null, ReadWithin, Timeout.InfiniteTimeSpan);
            return Task.CompletedTask;
        });
        try
        {
            await next(context);
        }
        finally
        {
            isOver = true;
            if (timer is not null)
                await timer.DisposeAsync();
        }
    }

    /// <summary>The answer to a call, counted while it is written.</summary>
    public IResult Result(ExecuteReply reply) => new Counted<ExecuteReply>(this, reply, ApiJson.Strict.ExecuteReply, Length(reply.Result));

    private static long Length(JsonElement json) => JsonMarshal.GetRawUtf8Value(json).Length;

    private sealed class Counted<T>(Answers answers, T reply, JsonTypeInfo<T> type, long bytes) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            Interlocked.Add(ref answers._unread, bytes);
            try
            {
                await httpContext.Response.WriteAsJsonAsync(reply, type, cancellationToken: httpContext.RequestAborted);
                // The last of it is read as well.
                await httpContext.Response.BodyWriter.FlushAsync(httpContext.RequestAborted);
            }
            finally
            {
                Interlocked.Add(ref answers._unread, -bytes);
            }
        }
    }
}
