using System.Text;
using McpActors.Transports;
using McpActors.Transports.Http;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports.Http;

/// <summary>Event streams with messages that the SDK would not read, in chunks of every size.</summary>
public sealed class UnderstoodEventsTests
{
    private const string Good = """{"jsonrpc":"2.0","id":7,"result":{"a":[1,{"b":"\n"}]}}""";
    private const string Odd = """{"jsonrpc":"2.0","id":"7","result":{"a":1}}""";

    public static TheoryData<int, string> ChunksAndLineEnds => LimitedEventsTests.ChunksAndLineEnds;

    [Theory]
    [MemberData(nameof(ChunksAndLineEnds))]
    public async Task Events_that_need_no_change_go_through_as_they_came(int chunk, string end)
    {
        var text = $": hello{end}{end}event: endpoint{end}data: /messages{end}{end}id: 1{end}retry: 5{end}data:{end}{end}"
            + $"event: message{end}id: 2{end}data: {Good}{end}{end}data:{Good}{end}{end}data: {{{end}data: no{end}{end}"
            + $"data: {Good[..^1]}{end}";

        Assert.Equal(text, await TextAsync(text, chunk));
    }

    [Theory]
    [MemberData(nameof(ChunksAndLineEnds))]
    public async Task Other_data_of_an_event_leaves_the_rest_of_it_as_it_was(int chunk, string end)
    {
        var text = $"data: {Good}{end}{end}id: 9{end}data: {Odd}{end}event: message{end}{end}data: {Good}{end}{end}";

        var lines = (await TextAsync(text, chunk)).Split(["\r\n", "\n", "\r"], StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(
            [$"data: {Good}", "id: 9", "event: message", "data: ", $"data: {Good}"],
            lines.Select(line => line.Contains("\"a\":1", StringComparison.Ordinal) ? line[.."data: ".Length] : line));
        Assert.Contains(lines, line => line.Contains("\"id\":7,", StringComparison.Ordinal));
        Assert.DoesNotContain(lines, line => line.Contains("\"7\"", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(ChunksAndLineEnds))]
    public async Task A_message_in_several_lines_is_one(int chunk, string end)
    {
        var text = $"data: {{\"jsonrpc\":\"2.0\",{end}data: \"id\":7.0,{end}data: \"result\":{{}}}}{end}{end}";

        Assert.Contains("\"id\":7,", await TextAsync(text, chunk), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_result_of_a_handshake_is_repaired_by_its_id()
    {
        const string Text = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"capabilities\":[]}}\n\n"
            + "data: {\"jsonrpc\":\"2.0\",\"id\":2,\"result\":{\"capabilities\":[]}}\n\n";

        var events = (await TextAsync(Text, 10, new(new RequestId(1), RequestMethods.Initialize, "2025-06-18"))).Split("\n\n");

        Assert.Contains("\"2025-06-18\"", events[0], StringComparison.Ordinal);
        Assert.Contains("\"capabilities\":[]", events[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_that_is_too_deep_becomes_an_error_of_its_own_call()
    {
        var text = $"data: {{\"jsonrpc\":\"2.0\",\"id\":7,\"result\":{new string('[', 100)}{new string(']', 100)}}}\n\n";

        Assert.Contains("more than 64 levels", await TextAsync(text, 10), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "{\"method\":\"m\",\"jsonrpc\":\"2.0\"}")]
    [InlineData("\"id\":\"7\",", "{\"method\":\"m\",\"id\":\"7\",\"jsonrpc\":\"2.0\"}")]
    public async Task A_message_of_the_server_that_is_too_deep_loses_its_parameters_and_the_stream_goes_on(string id, string expected)
    {
        var deep = $"{{\"jsonrpc\":\"2.0\",{id}\"method\":\"m\",\"params\":{{\"a\":{new string('[', 100)}{new string(']', 100)}}}}}";

        var events = (await TextAsync($"data: {deep}\n\ndata: {Good}\n\n", 10)).Split("\n\n");

        Assert.Equal([$"data: {expected}", $"data: {Good}"], events[..2]);
    }

    [Fact]
    public async Task The_memory_of_a_large_event_is_given_back()
    {
        var large = $"data: {Odd[..^3]}\"{new string('x', 1_000_000)}\"}}}}\n\n";
        var source = new ChunkStream(Encoding.UTF8.GetBytes($"{large}data: {Good}\n\n: end\n\n"), 8192);
        using var stream = new UnderstoodEvents(source, null, null);
        using var reader = new StreamReader(stream, bufferSize: 128);

        await reader.ReadToEndAsync();

        Assert.InRange(stream.Capacity, 0, 100_000);
    }

    private static async Task<string> TextAsync(string text, int chunk, HandshakeRequest? asked = null)
    {
        var source = new ChunkStream(Encoding.UTF8.GetBytes(text), chunk);
        using var stream = new StreamReader(new UnderstoodEvents(source, asked, new RequestId(7)));
        return await stream.ReadToEndAsync();
    }
}
