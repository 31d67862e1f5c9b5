using System.Text;
using McpActors.Transports;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class JsonRpcEnvelopeTests
{
    public static TheoryData<string, string?, bool> Messages => new()
    {
        { """{"jsonrpc":"2.0","id":42,"result":{"id":1,"x":"}\\\",\"id\":9"}}""", "42", false },
        { """{"result":{"content":[{"id":"no"}]},"jsonrpc":"2.0","id":"last"}""", "last", false },
        { """{ "id" : "a\"b\u0041" , "method" : "tools/call" }""", "a\"bA", true },
        { """{"error":{"code":-1,"message":"[{"},"id":-7}""", "-7", false },
        { """{"method":"notifications/progress","params":{"id":3}}""", null, true },
        { """{"id":null,"result":{}}""", null, false },
        { """{"params":{"method":"x"},"id":5,"value":"id"}""", "5", false },
        { $$"""{"long":"{{new string('z', 1000)}}","id":6}""", "6", false },
        { $$"""{"id":"{{new string('z', 1000)}}","result":1}""", null, false },
        { "[1,2,3]", null, false },
        { "not json at all", null, false },
    };

    [Theory]
    [MemberData(nameof(Messages))]
    public void Finds_the_id_at_any_place_for_any_chunks(string message, string? id, bool hasMethod)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        foreach (var chunk in (int[])[1, 2, 3, 7, bytes.Length])
        {
            var envelope = new JsonRpcEnvelope();
            foreach (var part in bytes.Chunk(chunk))
                envelope.Read(part);

            Assert.Equal(id, envelope.Id?.ToString());
            Assert.Equal(hasMethod, envelope.HasMethod);
        }
    }

    [Theory]
    [InlineData("""{"id":1.5,"method":"roots/list"}""", "1.5")]
    [InlineData("""{"method":"roots/list","id":7.0}""", "7.0")]
    [InlineData("""{"id":123456789012345678901,"method":"ping"}""", "123456789012345678901")]
    public void The_id_of_a_request_is_kept_as_it_is_written(string message, string number)
    {
        var envelope = new JsonRpcEnvelope();

        envelope.Read(Encoding.UTF8.GetBytes(message));

        Assert.Equal(number, ExactId.NumberIn(envelope.Id!.Value));
    }

    [Theory]
    [InlineData("""{"id":1.5,"result":{}}""", null)]
    [InlineData("""{"id":7.0,"result":{}}""", "7")]
    public void An_answer_is_one_to_a_request_of_this_side(string message, string? id)
    {
        var envelope = new JsonRpcEnvelope();

        envelope.Read(Encoding.UTF8.GetBytes(message));

        Assert.Equal(id, envelope.AnswerTo?.ToString());
    }

    [Fact]
    public void Distinguishes_a_number_from_a_string()
    {
        var envelope = new JsonRpcEnvelope();

        envelope.Read("""{"id":"1","result":{}}"""u8);

        Assert.Equal(new RequestId("1"), envelope.Id);
    }
}
