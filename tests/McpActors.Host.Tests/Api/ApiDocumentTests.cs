using System.Text.Json;
using McpActors.Configuration;
using McpActors.Host.Settings;

namespace McpActors.Host.Tests.Api;

public class ApiDocumentTests
{
    [Fact]
    public async Task Describes_every_route_of_the_API()
    {
        var document = await ReadAsync();

        Assert.Equal(
            [
                "/api/cluster", "/api/execute", "/api/explain", "/api/reload", "/api/servers", "/api/servers/{name}",
                "/api/servers/{name}/connect", "/api/servers/{name}/disconnect", "/api/servers/{name}/drain",
                "/api/servers/{name}/isolate", "/api/servers/{name}/reconnect", "/api/servers/{name}/reset", "/api/status", "/api/tools",
            ],
            document.GetProperty("paths").EnumerateObject().Select(p => p.Name).Order());
    }

    [Fact]
    public async Task Describes_each_field_of_a_request()
    {
        var schemas = (await ReadAsync()).GetProperty("components").GetProperty("schemas");

        Assert.Equal(["method"], schemas.GetProperty("ExecuteRequest").GetProperty("required").EnumerateArray().Select(f => f.GetString()));
        var options = schemas.GetProperty("ExecuteOptions").GetProperty("properties").EnumerateObject().ToList();
        Assert.Equal(
            [
                "server", "group", "mode", "strategy", "timeoutMs", "affinityKey", "affinityRequired",
                "maxTimeoutMs", "hedgeAfterMs", "hedgeQuantile",
                "idempotent", "callId",
            ],
            options.Select(f => f.Name));
        Assert.All(options, field => Assert.Contains("\"description\"", field.Value.GetRawText(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_number_is_a_number()
    {
        var schemas = (await ReadAsync()).GetProperty("components").GetProperty("schemas");

        var timeout = schemas.GetProperty("ExecuteOptions").GetProperty("properties").GetProperty("timeoutMs").GetProperty("type");
        Assert.Equal(["null", "integer"], timeout.EnumerateArray().Select(type => type.GetString()));
    }

    [Theory]
    [InlineData("CircuitState", "Closed", "Open", "HalfOpen", "Isolated")]
    [InlineData("CallMode", "Balanced", "Failover")]
    public async Task Names_the_words_of_an_enum(string name, params string[] words)
    {
        var type = (await ReadAsync()).GetProperty("components").GetProperty("schemas").GetProperty(name);

        Assert.Equal(words, type.GetProperty("enum").EnumerateArray().Select(word => word.GetString()));
    }

    [Theory]
    [InlineData(null, 2)]
    [InlineData("an access token of the tests", 1)]
    public async Task Describes_the_access_token_and_the_answers_without_it(string? token, int requirements)
    {
        var document = await ReadAsync(token);

        var scheme = document.GetProperty("components").GetProperty("securitySchemes").GetProperty("bearer");
        Assert.Equal(("http", "bearer"), (scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()));
        Assert.Equal(requirements, document.GetProperty("security").GetArrayLength());
        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject()).ToList();
        Assert.All(operations, operation => Assert.All(
            ["401", "429"], status => Assert.True(operation.Value.GetProperty("responses").TryGetProperty(status, out _))));
    }

    private static async Task<JsonElement> ReadAsync(string? token = null)
    {
        var host = new HostSettings { AccessToken = token is null ? null : Secret.FromLiteral(token) };
        await using var api = await ApiServer.StartAsync(host: host);
        api.Client.DefaultRequestHeaders.Add("Authorization", $"Bearer {token}");
        return await (await api.Client.GetAsync("/openapi/v1.json")).JsonAsync();
    }
}
