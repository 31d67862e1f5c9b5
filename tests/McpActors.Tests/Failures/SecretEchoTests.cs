using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using Microsoft.AspNetCore.Http;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A server that says its own token wherever it can say anything: it is shown nowhere.</summary>
public sealed class SecretEchoTests
{
    private const string Planted = "planted-token-12345";

    [Fact]
    public async Task A_servers_name_and_catalogue_are_shown_without_its_token()
    {
        await using var server = await StartAsync();
        await using var pool = await BadAndGood.StartAsync(Settings(server), alone: true);

        var status = JsonSerializer.Serialize(await pool.Host.Pool.GetStatusAsync());
        var tools = JsonSerializer.Serialize(await pool.Host.Pool.ListToolsAsync());

        Assert.Contains("name Bearer ***", status, StringComparison.Ordinal);
        Assert.Contains("describes ***", tools, StringComparison.Ordinal);
        Assert.DoesNotContain(Planted, status + tools, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error")]
    [InlineData("tool error")]
    [InlineData("body of 400")]
    [InlineData("body of 401")]
    [InlineData("body of 500")]
    public async Task An_error_is_shown_without_it(string kind)
    {
        await using var server = await StartAsync();
        server.Call = (context, request) => Fail(kind, context, request, context.Request.Headers.Authorization.ToString());
        await using var pool = await BadAndGood.StartAsync(Settings(server), alone: true);

        var answer = await pool.CallAsync();
        var status = await pool.Host.Pool.GetStatusAsync();

        var seen = JsonSerializer.Serialize(answer.Attempts) + JsonSerializer.Serialize(answer.Error)
            + answer.CallCompleted?.Result.GetRawText() + JsonSerializer.Serialize(status);
        Assert.Contains("***", seen, StringComparison.Ordinal);
        Assert.DoesNotContain(Planted, seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_reaches_its_caller_as_it_is()
    {
        await using var server = await StartAsync();
        server.Call = Scripts.Result($"found: {Planted}");
        await using var pool = await BadAndGood.StartAsync(Settings(server), alone: true);

        Assert.Equal($"found: {Planted}", (await pool.CallAsync()).CallCompleted?.Text());
    }

    private static ServerSettings Settings(ScriptedHttpServer server) => server.Settings with { Token = Secret.FromLiteral(Planted) };

    private static async Task<ScriptedHttpServer> StartAsync()
    {
        var server = await ScriptedHttpServer.StartAsync();
        server.Before = async (context, message) =>
        {
            var answer = LegacyMcp.Answer(message);
            if (answer?["result"]?["serverInfo"] is JsonObject info)
                info["name"] = $"name {context.Request.Headers.Authorization}";
            else if (answer?["result"]?["tools"] is JsonArray tools)
                tools[0]!["description"] = $"describes {Planted}";
            else
                return false;
            await Scripts.Body("application/json", answer.ToJsonString())(context, message);
            return true;
        };
        return server;
    }

    private static Task Fail(string kind, HttpContext context, JsonNode request, string secret)
    {
        if (kind == "tool error")
            return Scripts.Result($"not with {secret}", isError: true)(context, request);
        if (kind != "error")
            return Scripts.Body("text/plain", $"not with {secret}", int.Parse(kind[^3..], null))(context, request);
        var error = LegacyMcp.Error(request, -32050, $"not with {secret}");
        error["error"]!["data"] = new JsonObject { ["given"] = secret };
        return Scripts.Body("application/json", error.ToJsonString())(context, request);
    }
}
