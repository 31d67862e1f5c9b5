using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Connections;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>Which requests cannot have been written, so that no server has received them.</summary>
public sealed class UnwritableRequestTests
{
    [Theory]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"_meta":{"a":1,"a":2}}""")]
    [InlineData("""{"name":"t","arguments":{"a":1,"a":2}}""")]
    public void A_name_twice_where_the_request_is_looked_into(string parameters) =>
        Assert.StartsWith("the request cannot be written as JSON", ProblemOf(parameters), StringComparison.Ordinal);

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"_meta":null,"arguments":[{"a":1}]}""")]
    [InlineData("""{"name":"t","arguments":{"inner":{"a":1,"a":2}}}""")]
    [InlineData("""{"name":"t","arguments":{"list":[{"a":1,"a":2}]}}""")]
    [InlineData("""{"_meta":{"inner":{"a":1,"a":2}}}""")]
    [InlineData("""{"other":{"a":1,"a":2}}""")]
    public void Whatever_is_further_inside_is_written_as_it_is(string parameters) => Assert.Null(ProblemOf(parameters));

    private static string? ProblemOf(string parameters) => UnwritableRequest.ProblemOf(new JsonRpcRequest
    {
        Id = new RequestId(1),
        Method = "tools/call",
        Params = JsonObject.Create(JsonElement.Parse(parameters)),
    });
}
