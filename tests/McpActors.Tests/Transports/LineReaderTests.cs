using System.Text;
using McpActors.Transports;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>Lines of a program in chunks of every size.</summary>
public sealed class LineReaderTests
{
    private const int Limit = 10_000;

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4096)]
    [InlineData(100_000)]
    public async Task Reads_lines_of_every_length(int chunk)
    {
        string[] lines = ["", "a", new('b', 4095), new('c', 4096), "", new('d', 9_999), new('e', Limit), "end"];

        Assert.Equal(lines, await TextsAsync(string.Join('\n', lines), chunk));
    }

    [Fact]
    public async Task A_carriage_return_at_the_end_and_a_byte_order_mark_at_the_beginning_are_no_text()
    {
        Assert.Equal(["one", "two"], await TextsAsync("\uFEFFone\r\n\uFEFFtwo\r\n", 5));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(100_000)]
    public async Task Of_a_line_over_the_limit_only_the_beginning_is_kept_and_its_id_is_found(int chunk)
    {
        var large = $$"""{"result":{"text":"{{new string('x', 5 * Limit)}}"},"id":"7","jsonrpc":"2.0"}""";
        using var reader = Reader($"first\n{large}\nlast\n", chunk);

        var first = await reader.ReadAsync();
        Assert.Equal("first", Text(first));
        var second = (await reader.ReadAsync())!.Value;
        Assert.False(second.IsWhole);
        Assert.Equal((large.Length, new RequestId("7"), false), ((int)second.Size, second.Envelope!.Id!.Value, second.Envelope.HasMethod));
        Assert.StartsWith(Encoding.UTF8.GetString(second.Text.Span), large, StringComparison.Ordinal);
        Assert.InRange(second.Text.Length, 1, Limit);
        Assert.Equal("last", Text(await reader.ReadAsync()));
        Assert.Null(await reader.ReadAsync());
    }

    [Fact]
    public async Task A_byte_order_mark_after_a_line_over_the_limit_is_text()
    {
        using var reader = Reader(new string('x', 2 * Limit) + "\n\uFEFFnext\n", 1000);

        Assert.False((await reader.ReadAsync())!.Value.IsWhole);
        Assert.Equal("next", Text(await reader.ReadAsync()));
    }

    [Fact]
    public async Task A_line_of_the_limit_is_whole_and_one_byte_more_is_too_much()
    {
        using var reader = Reader($"{new string('x', Limit)}\n{new string('x', Limit + 1)}\n", 1000);

        Assert.True((await reader.ReadAsync())!.Value.IsWhole);
        Assert.False((await reader.ReadAsync())!.Value.IsWhole);
    }

    [Fact]
    public async Task A_line_without_an_end_is_not_read_for_ever()
    {
        using var reader = new LineReader(new Endless(), Limit, mostSkipped: 16 * Limit);

        var error = await Assert.ThrowsAsync<IOException>(() => Task.Run(() => reader.ReadAsync().AsTask()).WaitAsync(Eventually.Guard));

        Assert.Contains($"the limit is {Limit} bytes", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_memory_for_a_large_line_is_given_back()
    {
        const int large = 1024 * 1024;
        var stream = new ChunkStream(Encoding.UTF8.GetBytes(new string('x', large) + "\nsmall\n"), int.MaxValue);
        using var reader = new LineReader(stream, 2 * large);

        await reader.ReadAsync();
        await reader.ReadAsync();
        Assert.Null(await reader.ReadAsync());

        Assert.InRange(stream.LargestRequest, large / 4, 2 * large);
        Assert.InRange(stream.LastRequest, 1, 16 * 1024);
    }

    private static LineReader Reader(string text, int chunk) => new(new ChunkStream(Encoding.UTF8.GetBytes(text), chunk), Limit);

    private static string? Text(OutputLine? line) => line is { } read ? Encoding.UTF8.GetString(read.Text.Span) : null;

    private static async Task<List<string>> TextsAsync(string text, int chunk)
    {
        using var reader = Reader(text, chunk);
        var lines = new List<string>();
        while (Text(await reader.ReadAsync()) is { } line)
            lines.Add(line);
        return lines;
    }

    private sealed class Endless : ReadOnlyStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            buffer.Span.Fill((byte)'x');
            return ValueTask.FromResult(buffer.Length);
        }
    }
}
