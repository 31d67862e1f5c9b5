using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Tests.Transports;
using McpActors.TestServer;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>The data of a server's error reaches the caller whole.</summary>
public sealed class ErrorDataTests
{
    [Theory]
    [MemberData(nameof(NetworkEndpoint.Kinds), MemberType = typeof(NetworkEndpoint))]
    public async Task Over_the_network(string kind)
    {
        await using var endpoint = await NetworkEndpoint.StartAsync(kind);
        await using var pool = await BadAndGood.StartAsync(endpoint.Settings, alone: true);

        AssertWhole(ContractServer.ErrorData, (await pool.CallAsync("errorData", server: "bad")).Error!.Data);
    }

    [Fact]
    public async Task From_a_child_process()
    {
        await using var pool = await BadAndGood.StartAsync(TestServerProcess.Settings(), alone: true);

        AssertWhole(ContractServer.ErrorData, (await pool.CallAsync("errorData", server: "bad")).Error!.Data);
    }

    [Theory]
    [InlineData("\"a text\"", 200)]
    [InlineData("[1,{\"two\":2}]", 200)]
    [InlineData("12345678901234567890", 200)]
    [InlineData("false", 200)]
    [InlineData("{\"id\":9007199254740993,\"price\":1.10}", 200)]
    [InlineData("{}", 200)]
    [InlineData("\"a text\"", 400)]
    [InlineData("{\"id\":9007199254740993,\"price\":1.10}", 404)]
    public async Task Of_every_kind_to_the_last_digit(string data, int status)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);
        server.Call = (context, request) =>
        {
            var error = LegacyMcp.Error(request, -32602, "no");
            error["error"]!["data"] = JsonNode.Parse(data);
            return Scripts.Body("application/json", error.ToJsonString(), status)(context, request);
        };

        var error = (await pool.CallAsync(server: "bad")).Error!;

        Assert.Equal((PoolErrorKind.Rejected, -32602, data), (error.Kind, error.Code, error.Data?.GetRawText()));
    }

    [Theory]
    [InlineData(-32042, "{\"elicitations\":5}")]
    [InlineData(-32042, "{\"elicitations\":[{\"mode\":\"url\",\"url\":\"https://a.example\",\"message\":\"m\",\"elicitationId\":\"1\"}]}")]
    [InlineData(-32042, "5")]
    [InlineData(-32042, null)]
    [InlineData(-32022, "{\"supported\":5}")]
    [InlineData(-32021, "{\"requiredCapabilities\":5}")]
    [InlineData(-32020, "5")]
    [InlineData(-32002, "{\"uri\":5}")]
    public async Task Of_codes_that_the_SDK_knows(int code, string? data)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);
        server.Call = (context, request) =>
        {
            var error = LegacyMcp.Error(request, code, "no");
            if (data is not null)
                error["error"]!["data"] = JsonNode.Parse(data);
            return Scripts.Body("application/json", error.ToJsonString())(context, request);
        };

        var error = (await pool.CallAsync(server: "bad")).Error!;

        Assert.Equal((code, data), (error.Code, error.Data?.GetRawText()));
        Assert.True(error.Kind is PoolErrorKind.ServerError or PoolErrorKind.Rejected, $"{error.Kind}");
    }

    [Fact]
    public async Task An_error_without_data_has_none()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);
        server.Call = Scripts.Error(-32602);

        Assert.Null((await pool.CallAsync(server: "bad")).Error!.Data);
    }

    private static void AssertWhole(string expected, JsonElement? data) => Assert.True(
        data is { } json && JsonElement.DeepEquals(JsonElement.Parse(expected), json), $"expected {expected}, got {data}");
}
