using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using McpActors.Host.Api;
using Microsoft.Extensions.Time.Testing;

namespace McpActors.Host.Tests.Api;

/// <summary>Clients that send calls and read nothing.</summary>
public sealed class AnswersTests
{
    private const int Megabyte = 1024 * 1024;

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task An_answer_that_is_not_read_closes_its_connection()
    {
        await using var api = await StartAsync(16 * Megabyte);
        using var deaf = await CallAsync(api);
        await BeginsAsync(deaf);

        _time.Advance(Answers.ReadWithin);

        await Assert.ThrowsAnyAsync<IOException>(() => ReadToEndAsync(deaf));
    }

    [Fact]
    public async Task An_answer_that_is_read_in_time_is_whole()
    {
        await using var api = await StartAsync(16 * Megabyte);

        var answer = await api.ExecuteAsync("""{"method":"big"}""");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.True((await answer.Content.ReadAsByteArrayAsync()).Length > 16 * Megabyte);
    }

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/api/execute")]
    [InlineData("/api/status")]
    public async Task An_answer_that_was_read_leaves_no_timer_behind(string path)
    {
        await using var api = await StartAsync(1);
        await api.Client.GetAsync(path);

        // A timer that outlived its request would throw here, and end the process.
        _time.Advance(Answers.ReadWithin);

        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/api/status")).StatusCode);
    }

    [Fact]
    public async Task Calls_are_refused_while_too_much_is_not_read_and_served_again_later()
    {
        await using var api = await StartAsync(16 * Megabyte);
        var calls = 0;
        var answer = api.Pool.OnCall;
        api.Pool.OnCall = (call, cancellation) =>
        {
            Interlocked.Increment(ref calls);
            return answer(call, cancellation);
        };
        var deaf = new List<TcpClient>();
        for (var i = 0; i < 16; i++)
        {
            deaf.Add(await CallAsync(api));
            await BeginsAsync(deaf[^1]);
        }

        var refused = await api.ExecuteAsync("""{"method":"big"}""");

        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(1), refused.Headers.RetryAfter!.Delta);
        Assert.Contains("Nothing was sent", await refused.ErrorAsync("Overloaded"), StringComparison.Ordinal);
        Assert.Equal(16, calls);

        _time.Advance(Answers.ReadWithin);
        await Eventually.TrueAsync(async () => (await api.ExecuteAsync("""{"method":"big"}""")).StatusCode == HttpStatusCode.OK);
        deaf.ForEach(client => client.Dispose());
    }

    private async Task<ApiServer> StartAsync(int bytes)
    {
        var api = await ApiServer.StartAsync(time: _time);
        using var result = JsonDocument.Parse($"\"{new string('x', bytes)}\"");
        var json = result.RootElement.Clone();
        api.Pool.OnCall = (_, _) => Task.FromResult<CallReply>(new CallCompleted(json, "s", [], TimeSpan.Zero));
        return api;
    }

    private static async Task<TcpClient> CallAsync(ApiServer api)
    {
        var client = new TcpClient { ReceiveBufferSize = 64 * 1024 };
        await client.ConnectAsync(IPAddress.Loopback, api.Client.BaseAddress!.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            "POST /api/execute HTTP/1.1\r\nHost: localhost\r\nContent-Length: 16\r\n\r\n{\"method\":\"big\"}"));
        return client;
    }

    private static async Task BeginsAsync(TcpClient client) => Assert.Equal(1, await client.GetStream().ReadAsync(new byte[1]));

    private static async Task ReadToEndAsync(TcpClient client)
    {
        var buffer = new byte[64 * 1024];
        var total = 0L;
        int read;
        do
        {
            read = await client.GetStream().ReadAsync(buffer);
            total += read;
        }
        while (read > 0);
        if (total < 16 * Megabyte)
            throw new IOException($"the connection ended after {total} bytes");
    }
}
