using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class HandshakeRepairTests
{
    private static readonly HandshakeRequest Initialize = new(new RequestId(1), RequestMethods.Initialize, "2025-11-25");
    private static readonly HandshakeRequest Discover = new(new RequestId(1), RequestMethods.ServerDiscover, null);

    [Theory]
    [InlineData("\"2025-11-25\"", "2025-11-25")]
    [InlineData("\"2024-11-05\"", "2024-11-05")]
    [InlineData("\"2025-08-01\"", "2025-06-18")]
    [InlineData("\"2025-11-24\"", "2025-06-18")]
    [InlineData("\"2027-01-01\"", "2025-11-25")]
    [InlineData("\"2026-07-28\"", "2025-11-25")]
    [InlineData("\"2024-10-07\"", "2024-11-05")]
    [InlineData("\"1.0\"", "2025-11-25")]
    [InlineData("\"latest\"", "2025-11-25")]
    [InlineData("20250618", "2025-11-25")]
    [InlineData("null", "2025-11-25")]
    public void A_revision_is_sorted_between_those_known(string answered, string understood) => Assert.Equal(
        understood,
        Initialized("{\"protocolVersion\":" + answered + ",\"capabilities\":{}}").ProtocolVersion);

    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"capabilities":null,"serverInfo":null,"instructions":null,"_meta":null}""")]
    [InlineData("""{"capabilities":[],"serverInfo":[],"instructions":[],"_meta":[]}""")]
    [InlineData("""{"capabilities":"none","serverInfo":"me","instructions":5,"_meta":"x"}""")]
    [InlineData("""{"serverInfo":{"name":null,"title":7,"icons":{},"websiteUrl":false}}""")]
    public void Members_that_are_missing_or_of_another_type_count_as_empty(string result)
    {
        var read = Initialized(result);

        Assert.Equal(("2025-11-25", "", ""), (read.ProtocolVersion, read.ServerInfo.Name, read.ServerInfo.Version));
        Assert.Null(read.Capabilities.Tools);
        Assert.Null(read.Instructions);
    }

    [Theory]
    [InlineData("""{"tools":[],"experimental":[],"logging":[],"prompts":null,"resources":false}""")]
    [InlineData("""{"tools":{"listChanged":"yes"},"extensions":[],"completions":[],"prompts":0}""")]
    [InlineData("""{"tools":true,"resources":"none","unknown":[1]}""")]
    [InlineData("""{"tools":{"listChanged":null,"subscribe":{}}}""")]
    public void Capabilities_of_another_shape_are_understood(string capabilities)
    {
        var read = Initialized("{\"capabilities\":" + capabilities + "}");

        Assert.NotNull(read.Capabilities.Tools);
        Assert.Null(read.Capabilities.Tools.ListChanged);
        Assert.Null(read.Capabilities.Prompts);
        Assert.Null(read.Capabilities.Resources);
    }

    [Theory]
    [InlineData("""["https://example.com/i.png"]""")]
    [InlineData("""[{"url":"https://example.com/i.png"}]""")]
    [InlineData("""[{"src":"https://example.com/i.png","sizes":"48x48"}]""")]
    [InlineData("""[{"src":5,"theme":1}]""")]
    public void Icons_of_any_shape_do_not_matter(string icons) =>
        Assert.Equal("s", Initialized($$$"""{"serverInfo":{"name":"s","version":"1","icons":{{{icons}}}}}""").ServerInfo.Name);

    [Fact]
    public void A_version_that_is_a_number_is_its_text() =>
        Assert.Equal("1.20", Initialized("""{"serverInfo":{"name":"s","version":1.20}}""").ServerInfo.Version);

    [Theory]
    [InlineData("""{"serverInfo":{"name":"a","name":"b","version":"1"},"capabilities":{"tools":{"listChanged":true}}}""")]
    [InlineData("""{"serverInfo":{"name":"b"},"capabilities":{"tools":[],"tools":{"listChanged":false,"listChanged":true}}}""")]
    [InlineData("""{"capabilities":{},"serverInfo":[],"capabilities":{"tools":{"listChanged":true}},"serverInfo":{"name":"b"}}""")]
    [InlineData("""
        {"serverInfo":{"name":"b","title":"x","title":"y"},"capabilities":{"tools":{"listChanged":true},
        "experimental":{"x":{"y":1,"y":2}}},"_meta":{"z":{"y":1,"y":2}}}
        """)]
    public void Of_members_with_the_same_name_the_last_one_counts(string result)
    {
        var read = Initialized(result);

        Assert.Equal(("b", true), (read.ServerInfo.Name, read.Capabilities.Tools?.ListChanged));
    }

    [Theory]
    [InlineData("""  "capabilities":{"tools":{},"experimental":{"x":DEEP}}""")]
    [InlineData("""  "capabilities":{"tools":{"x":DEEP},"extensions":{"x":DEEP}}""")]
    [InlineData("""  "capabilities":{"tools":{}},"_meta":{"x":DEEP},"other":DEEP""")]
    public void Members_nested_deeper_than_the_SDK_reads_are_left_out(string members)
    {
        foreach (var levels in (int[])[50, 60, 63, 64, 100, 505])
        {
            var arrays = new string('[', levels) + new string(']', levels);
            var objects = string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
            foreach (var deep in (string[])[arrays, objects])
            {
                var result = $"{{\"serverInfo\":{{\"name\":\"b\"}},{members.Replace("DEEP", deep, StringComparison.Ordinal)}}}";
                var read = Initialized(result);
                Assert.Equal("b", read.ServerInfo.Name);
                Assert.NotNull(read.Capabilities.Tools);
            }
        }
    }

    [Fact]
    public void A_correct_result_stays()
    {
        const string Result = """
            {"protocolVersion":"2025-06-18","capabilities":{"tools":{"listChanged":true},"experimental":{"x":{"y":[]}}},
            "serverInfo":{"name":"s","version":"1","title":"S"},"instructions":"do","_meta":{"a":[]}}
            """;

        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(Result), HandshakeRepair.Repaired(Initialize, JsonNode.Parse(Result))));
    }

    [Theory]
    [InlineData("""["2026-07-28"]""", "2026-07-28")]
    [InlineData("""["2026-09-15"]""", "2026-07-28")]
    [InlineData("""["2027-01-01","2026-07-28"]""", "2026-07-28")]
    [InlineData("""["2025-08-01",7,"next"]""", "2025-06-18")]
    [InlineData("""["2026-07-28"],"ttlMs":"60000" """, "2026-07-28")]
    public void The_revisions_of_a_discovery_are_sorted_between_those_known(string supported, string understood)
    {
        var result = HandshakeRepair.Repaired(Discover, JsonNode.Parse("{\"supportedVersions\":" + supported + "}"));

        var read = result.Deserialize<DiscoverResult>(McpJsonUtilities.DefaultOptions)!;
        Assert.Equal([understood], read.SupportedVersions);
        Assert.NotNull(read.Capabilities);
    }

    // It answers whatever it does not know with nothing: initialize follows.
    [Theory]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("null")]
    public void A_discovery_without_revisions_is_none(string result)
    {
        var repaired = HandshakeRepair.Repaired(Discover, JsonNode.Parse(result));

        Assert.False(repaired is JsonObject members && members.ContainsKey("supportedVersions"));
    }

    private static InitializeResult Initialized(string result) =>
        HandshakeRepair.Repaired(Initialize, Parse(result)).Deserialize<InitializeResult>(McpJsonUtilities.DefaultOptions)!;

    private static JsonNode? Parse(string result) =>
        JsonNode.Parse(result, documentOptions: new JsonDocumentOptions { MaxDepth = IncomingMessage.MostLevels });
}
