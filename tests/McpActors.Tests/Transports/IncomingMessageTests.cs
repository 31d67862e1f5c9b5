using System.Text;
using System.Text.Json;
using McpActors.Transports;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class IncomingMessageTests
{
    [Theory]
    [InlineData("7", 7)]
    [InlineData("7.0", 7)]
    [InlineData("7e0", 7)]
    [InlineData("70E-1", 7)]
    [InlineData("\"7\"", 7)]
    [InlineData("\"7.0\"", 7)]
    [InlineData("1.048577e6", 1048577)]
    [InlineData("2147483647.000", 2147483647)]
    public void The_id_of_an_answer_is_the_integer_it_stands_for(string written, long id)
    {
        Assert.Equal(new RequestId(id), Answer($$$"""{"jsonrpc":"2.0","id":{{{written}}},"result":{"a":1}}""").Id);
        Assert.Equal(new RequestId(id), Answer($$$"""{"jsonrpc":"2.0","id":{{{written}}},"error":{"code":-1,"message":"no"}}""").Id);
        Assert.Equal(new RequestId(id), Answer($$$"""{"id":{{{written}}},"result":{"a":1}}""").Id);
    }

    [Theory]
    [InlineData("\"abc\"", "abc")]
    [InlineData("\"7.5\"", "7.5")]
    [InlineData("\"\"", "")]
    public void An_id_that_is_no_number_stays(string written, string id) =>
        Assert.Equal(new RequestId(id), Answer($$$"""{"jsonrpc":"2.0","id":{{{written}}},"result":{}}""").Id);

    [Fact]
    public void The_id_of_a_request_goes_back_as_it_came()
    {
        var request = Assert.IsType<JsonRpcRequest>(Read("""{"jsonrpc":"2.0","id":"7","method":"roots/list"}"""));

        Assert.Equal(new RequestId("7"), request.Id);
    }

    [Theory]
    [InlineData("""{"id":7,"msg":"handled"}""")]
    [InlineData("""{"id":7,"level":"error","params":{}}""")]
    public void A_line_of_a_log_is_no_answer(string json) => Assert.Empty(IncomingMessage.Read(Encoding.UTF8.GetBytes(json)));

    [Theory]
    [InlineData("""{"id":7,"result":{"a":1}}""")]
    [InlineData("""{"jsonrpc":"1.0","id":7,"result":{"a":1}}""")]
    [InlineData("""{"jsonrpc":2.0,"id":7,"result":{"a":1}}""")]
    [InlineData("""{"jsonrpc":null,"id":"7","result":{"a":1},"error":null}""")]
    public void An_answer_with_another_jsonrpc_or_none_is_understood(string json) =>
        Assert.Equal("{\"a\":1}", Assert.IsType<JsonRpcResponse>(Read(json)).Result!.ToJsonString());

    [Theory]
    [InlineData("""{"id":7,"error":{"code":-32000,"message":"no","data":[1]}}""", -32000, "no")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"error":{"code":"-32000","message":"no"}}""", -32000, "no")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"error":{"code":-32000.0,"message":5}}""", -32000, "5")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"error":{"message":"no"}}""", -32603, "no")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"error":{"code":1e40,"message":"no"}}""", -32603, "no")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"error":"no"}""", -32603, "no")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"error":{"code":-32000,"message":"cut \ud800"}}""", -32000, "cut \uFFFD")]
    public void An_error_of_another_shape_is_understood(string json, int code, string message)
    {
        var error = Assert.IsType<JsonRpcError>(Read(json)).Error;

        Assert.Equal((code, message), (error.Code, error.Message));
        Assert.False(StandIn.Is(error.Data as JsonElement?));
    }

    [Theory]
    [InlineData("""{"id":7,"method":"roots/list"}""", typeof(JsonRpcRequest))]
    [InlineData("""{"method":"notifications/progress","params":{"progress":1}}""", typeof(JsonRpcNotification))]
    public void A_request_or_notification_without_jsonrpc_is_understood(string json, Type type) => Assert.IsType(type, Read(json));

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":7,"result":{"a":""", StandIn.Broken, "is not JSON")]
    [InlineData("""{"jsonrpc":"2.0","id":"7","result":{"a":tru}}""", StandIn.Broken, "is not JSON")]
    [InlineData("""{"jsonrpc":"2.0","id":7.0,"result":{}} and more""", StandIn.Broken, "is not JSON")]
    [InlineData("""{"jsonrpc":"2.0","id":7}""", StandIn.Broken, "neither a result nor an error")]
    public void An_answer_that_cannot_be_read_ends_its_call_with_the_reason(string json, int code, string words)
    {
        var answer = Assert.IsType<JsonRpcError>(Read(json));

        Assert.Equal(new RequestId(7), answer.Id);
        Assert.Equal(code, answer.Error.Code);
        Assert.Contains(words, answer.Error.Message, StringComparison.Ordinal);
        Assert.True(StandIn.Is(answer.Error.Data as JsonElement?));
    }

    [Fact]
    public void An_answer_is_read_to_512_levels()
    {
        Assert.IsType<JsonRpcResponse>(Read(Nested(511)));

        var answer = Assert.IsType<JsonRpcError>(Read(Nested(512)));
        Assert.Equal((StandIn.Unreadable, new RequestId(7)), (answer.Error.Code, answer.Id));
        Assert.Contains("512 levels", answer.Error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1, 2]")]
    [InlineData("{}")]
    [InlineData("{\"jsonrpc\"")]
    [InlineData("""{"jsonrpc":"2.0","id":null,"result":{}}""")]
    [InlineData("""{"jsonrpc":"2.0","id":7,"method":"roots/list","params":""")]
    public void A_text_without_a_call_is_not_a_message(string json) => Assert.Null(Read(json));

    [Fact]
    public void Text_in_another_encoding_is_read()
    {
        var json = Encoding.Latin1.GetBytes("""{"jsonrpc":"2.0","id":7,"result":{"a":"größe"}}""");

        Assert.Equal("gr\uFFFD\uFFFDe", (string?)Assert.IsType<JsonRpcResponse>(Assert.Single(IncomingMessage.Read(json))).Result!["a"]);
    }

    [Theory]
    [InlineData("[A]", 1)]
    [InlineData("[A,A]", 2)]
    [InlineData("A\nA\nA\n", 3)]
    [InlineData("AA", 2)]
    [InlineData("[A,7,A]", 2)]
    [InlineData("[]", 0)]
    [InlineData("7", 0)]
    public void Several_messages_in_one_text(string text, int count)
    {
        var json = text.Replace("A", """{"jsonrpc":"2.0","id":"1","result":{}}""", StringComparison.Ordinal);

        Assert.Equal(count, IncomingMessage.Read(Encoding.UTF8.GetBytes(json)).Count);
    }

    [Theory]
    [InlineData("words A", 6)]
    [InlineData("{\"a\": broken A", 13)]
    [InlineData("words", null)]
    [InlineData("words A more words", null)]
    [InlineData("received {\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}", null)]
    [InlineData("state {\"id\":1,\"result\":2}", null)]
    public void The_answer_at_the_end_of_a_line_of_words(string line, int? at) => Assert.Equal(
        at,
        MessageTexts.AnswerAfterWords(
            Encoding.UTF8.GetBytes(line.Replace("A", """{"jsonrpc":"2.0","id":1,"result":{}}""", StringComparison.Ordinal))));

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","result":{}}""", true)]
    [InlineData("""{"jsonrpc":"2.0","id":null,"error":{"code":1,"message":"m"}}""", true)]
    [InlineData("""{"message":"accepted"}""", false)]
    [InlineData("""{"jsonrpc":"2.0"}""", false)]
    public void An_answer_without_an_id_is_the_one_to_the_request(string json, bool isAnswer)
    {
        var message = IncomingMessage.Read(Encoding.UTF8.GetBytes(json), new RequestId(7)).SingleOrDefault();

        Assert.Equal(isAnswer ? new RequestId(7) : null, (message as JsonRpcMessageWithId)?.Id);
        Assert.Empty(IncomingMessage.Read(Encoding.UTF8.GetBytes(json)));
    }

    private static JsonRpcMessage? Read(string json) => IncomingMessage.Read(Encoding.UTF8.GetBytes(json)).SingleOrDefault();

    private static JsonRpcMessageWithId Answer(string json) => Assert.IsAssignableFrom<JsonRpcMessageWithId>(Read(json));

    private static string Nested(int levels) =>
        $$"""{"jsonrpc":"2.0","id":"7","result":{{new string('[', levels)}}{{new string(']', levels)}}}""";
}
