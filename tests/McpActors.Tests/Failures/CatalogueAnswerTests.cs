using System.Text.Json.Nodes;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>What an HTTP server answers to the listing of what it offers.</summary>
public sealed class CatalogueAnswerTests
{
    [Theory]
    [InlineData(200, false)]
    [InlineData(400, false)]
    [InlineData(404, false)]
    [InlineData(200, true)]
    [InlineData(400, true)]
    [InlineData(404, true)]
    public async Task A_server_without_templates_may_say_so_with_any_status(int status, bool sessions)
    {
        await using var server = await ScriptedHttpServer.StartAsync(sessions);
        server.Before = async (context, message) =>
        {
            var method = (string?)message["method"];
            if (method == "resources/templates/list")
                await Scripts.Error(-32601, status)(context, message);
            else if (method == "resources/list")
                await Scripts.Body("application/json", Listed(message).ToJsonString())(context, message);
            return method is "resources/templates/list" or "resources/list";
        };
        server.Capabilities = new JsonObject { ["tools"] = new JsonObject(), ["resources"] = new JsonObject() };

        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal(["file:///a"], (await pool.Host.Pool.ListResourcesAsync()).Resources.Select(resource => resource.Name));
        Assert.Equal(1, server.Initialized);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"tools":null}""")]
    [InlineData("""{"experimental":{}}""")]
    [InlineData(null)]
    public async Task A_server_that_does_not_declare_its_tools_is_asked_once_all_the_same(string? capabilities)
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Before = async (context, message) =>
        {
            if ((string?)message["method"] != "initialize")
                return false;
            var answer = LegacyMcp.Answer(message)!;
            answer["result"]!["capabilities"] = capabilities is null ? null : JsonNode.Parse(capabilities);
            answer["result"]!["serverInfo"] = null;
            await Scripts.Body("application/json", answer.ToJsonString())(context, message);
            return true;
        };

        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        var bad = await pool.BadAsync();
        Assert.Equal((1, 0, null), (bad.Tools, bad.Restarts, bad.LastError));
        Assert.Equal(["declares no tools, but lists 1"], bad.Remarks);
    }

    [Fact]
    public async Task Tools_that_it_does_not_declare_are_kept_when_they_cannot_be_read_on_the_next_connection()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        var status = 200;
        server.Capabilities = [];
        server.Before = async (context, message) =>
        {
            if ((string?)message["method"] != "tools/list" || Volatile.Read(ref status) == 200)
                return false;
            await Scripts.Status(Volatile.Read(ref status))(context, message);
            return true;
        };
        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);
        Volatile.Write(ref status, 500);
        await pool.Host.Pool.CommandAsync(new ReconnectServer("bad"));

        var kept = (await pool.Host.UntilAsync(now => now.Servers[0].Remarks.Any(
            remark => remark.Contains("could not be read", StringComparison.Ordinal)))).Servers[0];
        Assert.Equal((1, "bad:Succeeded => bad"), (kept.Tools, (await pool.CallAsync()).Story));

        Volatile.Write(ref status, 200);
        await pool.Host.UntilAsync(now => now.Servers[0].Remarks.SequenceEqual(["declares no tools, but lists 1"]));
    }

    [Fact]
    public async Task The_status_shows_that_a_server_declares_no_tools()
    {
        await using var server = await ScriptedHttpServer.StartAsync();
        server.Capabilities = [];
        server.Before = async (context, message) =>
        {
            var isList = (string?)message["method"] == "tools/list";
            if (isList)
                await Scripts.Error(-32601)(context, message);
            return isList;
        };

        await using var pool = await BadAndGood.StartAsync(server.Settings, alone: true);

        Assert.Equal(["declares no tools"], (await pool.BadAsync()).Remarks);
    }

    private static JsonObject Listed(JsonNode request) => new()
    {
        ["jsonrpc"] = "2.0",
        ["id"] = request["id"]!.DeepClone(),
        ["result"] = new JsonObject { ["resources"] = new JsonArray(new JsonObject { ["name"] = "a", ["uri"] = "file:///a" }) },
    };
}
