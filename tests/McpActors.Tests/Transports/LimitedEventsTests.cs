using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json.Nodes;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>Event streams with events above the limit, in chunks of every size.</summary>
public sealed class LimitedEventsTests
{
    private const int Limit = 200;

    public static TheoryData<int, string> ChunksAndLineEnds
    {
        get
        {
            var all = new TheoryData<int, string>();
            foreach (var chunk in (int[])[1, 2, 7, 64, 300, 10_000])
            {
                foreach (var lineEnd in (string[])["\n", "\r\n", "\r"])
                    all.Add(chunk, lineEnd);
            }
            return all;
        }
    }

    [Theory]
    [MemberData(nameof(ChunksAndLineEnds))]
    public async Task An_event_over_the_limit_becomes_an_error_of_its_own_call(int chunk, string lineEnd)
    {
        var stream = Event(Answer(1, 10), lineEnd) + Event(Answer(2, 1000), lineEnd) + Event(Answer(3, 10), lineEnd);

        var messages = await MessagesAsync(stream, chunk);

        Assert.Equal(["1 result", "2 error", "3 result"], messages);
    }

    [Theory]
    [MemberData(nameof(ChunksAndLineEnds))]
    public async Task Events_within_the_limit_are_not_changed(int chunk, string lineEnd)
    {
        var text = string.Concat(Enumerable.Range(0, 50).Select(i => Event(Answer(i, 50), lineEnd)));

        Assert.Equal(text, await TextAsync(text, chunk));
    }

    [Theory]
    [MemberData(nameof(ChunksAndLineEnds))]
    public async Task An_event_of_the_limit_is_not_changed_and_a_larger_one_is_too_much(int chunk, string lineEnd)
    {
        // A line end of two bytes ends the event with its first one.
        var rest = Event(Answer(1, 0), lineEnd).Length - (lineEnd.Length - 1);
        var text = Event(Answer(1, Limit - rest), lineEnd);

        Assert.Equal(text, await TextAsync(text, chunk));
        // Beyond the line ends, without which its data would be whole.
        Assert.Equal(["1 error"], await MessagesAsync(Event(Answer(1, Limit - rest + (3 * lineEnd.Length)), lineEnd), chunk));
    }

    [Theory]
    [MemberData(nameof(ChunksAndLineEnds))]
    public async Task The_lines_of_an_event_count_together(int chunk, string lineEnd)
    {
        var lines = string.Concat(Enumerable.Repeat($": padding{lineEnd}", Limit / 5));

        var passedOn = await TextAsync($"{lines}{lineEnd}{Event(Answer(1, 10), lineEnd)}", chunk);

        Assert.InRange(passedOn.Split("padding").Length, 1, (Limit / 10) + 1);
        Assert.EndsWith(Event(Answer(1, 10), lineEnd), passedOn, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(ChunksAndLineEnds))]
    public async Task The_last_event_may_lack_its_end(int chunk, string lineEnd)
    {
        var messages = await MessagesAsync(Event(Answer(1, 10), lineEnd) + "data: " + Answer(2, 1000), chunk);

        Assert.Equal(["1 result", "2 error"], messages);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","method":"notifications/x","params":{"t":"PAD"}}""")]
    [InlineData("""{"jsonrpc":"2.0","method":"sampling/createMessage","id":9,"params":{"t":"PAD"}}""")]
    public async Task A_notification_or_request_over_the_limit_is_dropped(string message)
    {
        var large = message.Replace("PAD", new string('x', 1000), StringComparison.Ordinal);

        Assert.Equal(["1 result"], await MessagesAsync(Event(large, "\n") + Event(Answer(1, 10), "\n"), 64));
    }

    [Fact]
    public async Task An_event_that_does_not_end_is_not_read_for_ever()
    {
        var endless = new Endless();
        using var reader = new StreamReader(new LimitedEvents(endless, Limit));

        await Assert.ThrowsAsync<ResultTooLargeException>(() => Task.Run(() => reader.ReadToEndAsync()).WaitAsync(Eventually.Guard));
    }

    [Fact]
    public async Task A_stream_that_is_one_large_event_without_an_id_fails()
    {
        await Assert.ThrowsAsync<ResultTooLargeException>(() => TextAsync("data: " + new string('x', Limit * 2), 64));
    }

    private static string Answer(int id, int size) =>
        $$"""{"result":{"text":"{{new string('x', size)}}"},"id":{{id}},"jsonrpc":"2.0"}""";

    private static string Event(string data, string lineEnd) => $"event: message{lineEnd}data: {data}{lineEnd}{lineEnd}";

    private static async Task<string> TextAsync(string text, int chunk)
    {
        using var reader = new StreamReader(new LimitedEvents(new ChunkStream(Encoding.UTF8.GetBytes(text), chunk), Limit));
        return await reader.ReadToEndAsync();
    }

    private static async Task<List<string>> MessagesAsync(string text, int chunk)
    {
        await using var stream = new LimitedEvents(new ChunkStream(Encoding.UTF8.GetBytes(text), chunk), Limit);
        var messages = new List<string>();
        await foreach (var item in SseParser.Create(stream).EnumerateAsync())
        {
            // The beginning of a large event is not JSON.
            if (item.Data.Length > 0 && TryParse(item.Data) is { } message)
                messages.Add($"{message["id"]} {(message["error"] is null ? "result" : "error")}");
        }
        return messages;
    }

    private sealed class Endless : ReadOnlyStream
    {
        private long _read;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            _read += buffer.Length;
            return _read < 100L * Limit * MessageLimits.MostSkipped
                ? ValueTask.FromResult(buffer.Length)
                : throw new InvalidOperationException("read for ever");
        }
    }

    private static JsonNode? TryParse(string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
