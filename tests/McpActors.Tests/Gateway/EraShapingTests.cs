using System.Text.Json.Nodes;
using McpActors.Gateway;
using Xunit;

namespace McpActors.Tests.Gateway;

/// <summary>The form that each era wants, and nothing else changed.</summary>
public sealed class EraShapingTests
{
    [Theory]
    [InlineData("2024-11-05", false)]
    [InlineData("2025-11-25", false)]
    [InlineData("2026-07-28", true)]
    [InlineData("2027-01-01", true)]
    [InlineData(null, false)]
    public void Revisions_have_an_era(string? revision, bool isModern) =>
        Assert.Equal(isModern ? Era.Modern : Era.Legacy, EraShaping.EraOf(revision));

    [Theory]
    [InlineData("tools/call", """{"content":[],"x":1.50}""", """{"content":[],"x":1.50,"resultType":"complete"}""")]
    [InlineData("tools/call", """{"resultType":"input_required","x":{}}""", """{"resultType":"input_required","x":{}}""")]
    [InlineData("tools/call", """{"resultType":"task","taskId":"1"}""", """{"resultType":"task","taskId":"1"}""")]
    [InlineData("tools/list", """{"tools":[]}""", """{"tools":[],"resultType":"complete","ttlMs":0,"cacheScope":"private"}""")]
    [InlineData("resources/read", """{"ttlMs":5,"cacheScope":"public"}""", """{"ttlMs":5,"cacheScope":"public","resultType":"complete"}""")]
    [InlineData("resources/read", """{"resultType":"input_required"}""", """{"resultType":"input_required"}""")]
    [InlineData(
        "tools/call",
        """{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"},"io.modelcontextprotocol/related-task":{},"x/y":1}}""",
        """{"_meta":{"io.modelcontextprotocol/related-task":{},"x/y":1},"resultType":"complete"}""")]
    public void A_result_for_a_modern_client(string method, string result, string shaped) =>
        AssertShaped(method, Era.Modern, result, shaped);

    [Theory]
    [InlineData("tools/call", """{"content":[],"resultType":"complete","vendor":{"ttlMs":1}}""", """{"content":[],"vendor":{"ttlMs":1}}""")]
    [InlineData("tools/list", """{"tools":[],"ttlMs":0,"cacheScope":"private","resultType":"complete"}""", """{"tools":[]}""")]
    [InlineData("tools/call", """{"_meta":{"io.modelcontextprotocol/serverInfo":{"name":"s"}},"isError":true}""", """{"isError":true}""")]
    [InlineData("tools/call", """{"number":1e2,"big":12345678901234567890}""", """{"number":1e2,"big":12345678901234567890}""")]
    public void A_result_for_a_legacy_client(string method, string result, string shaped) =>
        AssertShaped(method, Era.Legacy, result, shaped);

    [Fact]
    public void The_parameters_for_a_server_have_of_the_clients_connection_only_what_it_can_be_asked()
    {
        var parameters = (JsonObject)JsonNode.Parse(
            """
            {"name":"t","_meta":{"progressToken":"p","io.modelcontextprotocol/protocolVersion":"2026-07-28",
            "io.modelcontextprotocol/clientCapabilities":{"roots":{}},"io.modelcontextprotocol/clientInfo":{},"traceparent":"00-1-2-01"}}
            """)!;

        EraShaping.Unwrap(parameters);

        Assert.Equal(
            """{"name":"t","_meta":{"traceparent":"00-1-2-01","io.modelcontextprotocol/clientCapabilities":{"roots":{}}}}""",
            parameters.ToJsonString());
    }

    [Theory]
    [InlineData(-32002, true, -32602)]
    [InlineData(-32002, false, -32002)]
    [InlineData(4711, true, 4711)]
    [InlineData(-32603, false, -32603)]
    public void An_error_code(int code, bool isModern, int shaped) =>
        Assert.Equal(shaped, EraShaping.CodeFor(code, isModern ? Era.Modern : Era.Legacy));

    private static void AssertShaped(string method, Era era, string result, string shaped)
    {
        var json = (JsonObject)JsonNode.Parse(result)!;

        EraShaping.Shape(json, method, era);

        Assert.Equal(shaped, json.ToJsonString());
    }
}
