using System.Net;
using System.Text.Json;
using McpActors.Host.Api.Contract;

namespace McpActors.Host.Tests.Api;

public class StatusTests
{
    private static readonly ServerInfo Full = new()
    {
        Name = "files",
        Endpoint = "npx",
        Group = "g",
        Priority = 2,
        Weight = 3,
        Status = ServerStatus.Error,
        Circuit = CircuitState.HalfOpen,
        PausedUntil = DateTimeOffset.UnixEpoch.AddSeconds(2),
        Draining = true,
        InFlight = 4,
        Calls = 5,
        Failures = 6,
        Latency = TimeSpan.FromMilliseconds(7.5),
        ProtocolVersion = "2025-11-25",
        ServerName = "n",
        ServerVersion = "v",
        LastError = "refused",
        LastErrorAt = DateTimeOffset.UnixEpoch,
        NextReconnect = DateTimeOffset.UnixEpoch.AddSeconds(1),
        Restarts = 8,
        Tools = 9,
    };

    [Fact]
    public async Task Shows_everything_known_about_each_server()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnStatus = () => new PoolStatus([Full], DateTimeOffset.UnixEpoch);

        var response = await api.Client.GetAsync("/api/status");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            """
            {"servers":[{"name":"files","endpoint":"npx","group":"g","priority":2,"weight":3,"status":"Error","circuit":"HalfOpen",
            "pausedUntil":"1970-01-01T00:00:02+00:00","draining":true,"inFlight":4,"calls":5,"failures":6,"latencyMs":7.5,
            "protocolVersion":"2025-11-25","serverName":"n","serverVersion":"v",
            "lastError":"refused","lastErrorAt":"1970-01-01T00:00:00+00:00",
            "nextReconnect":"1970-01-01T00:00:01+00:00","restarts":8,"tools":9}],
            "at":"1970-01-01T00:00:00+00:00"}
            """.ReplaceLineEndings(""),
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public void Has_a_field_for_everything_the_pool_reports_about_a_server()
    {
        var reported = typeof(ServerInfo).GetProperties().Select(p => p.PropertyType == typeof(TimeSpan?) ? p.Name + "Ms" : p.Name);

        Assert.Equal(reported.Order(), typeof(ServerReply).GetProperties().Select(p => p.Name).Order());
    }

    [Fact]
    public async Task Omits_values_that_are_not_known_yet()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnStatus = () => new PoolStatus(
            [new ServerInfo { Name = "a", Endpoint = "ws://a", Group = "default" }], DateTimeOffset.UnixEpoch);

        var server = (await (await api.Client.GetAsync("/api/status")).JsonAsync()).GetProperty("servers")[0];

        Assert.DoesNotContain(server.EnumerateObject(), field => field.Value.ValueKind == JsonValueKind.Null);
        Assert.False(server.TryGetProperty("nextReconnect", out _));
    }

    [Theory]
    [InlineData(0, HttpStatusCode.ServiceUnavailable, "Unhealthy", "0 of 2 servers are connected.")]
    [InlineData(1, HttpStatusCode.OK, "Healthy", "1 of 2 servers are connected.")]
    public async Task Is_ready_as_soon_as_one_server_is_connected(int connected, HttpStatusCode status, string word, string reason)
    {
        await using var api = await ApiServer.StartAsync();
        var servers = Enumerable.Range(0, 2)
            .Select(i => Full with { Name = $"s{i}", Status = i < connected ? ServerStatus.Connected : ServerStatus.Connecting })
            .ToArray();
        api.Pool.OnStatus = () => new PoolStatus(servers, DateTimeOffset.UnixEpoch);

        var response = await api.Client.GetAsync("/health/ready");

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(
            $$$"""{"status":"{{{word}}}","checks":{"mcp-servers":"{{{reason}}}","serving":"Healthy"}}""",
            await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Is_alive_while_no_server_is_connected()
    {
        await using var api = await ApiServer.StartAsync();

        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/health/live")).StatusCode);
    }

    [Fact]
    public async Task Is_not_alive_when_the_pool_does_not_answer()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnStatus = () => throw new InvalidOperationException("the actor is gone");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await api.Client.GetAsync("/health/live")).StatusCode);
    }
}
