using System.Net;
using McpActors.Configuration;
using McpActors.Host.Settings;

namespace McpActors.Host.Tests.Api;

/// <summary>Servers that are added and removed over the network, and the limit of such requests.</summary>
public class ServerMembershipTests
{
    [Fact]
    public async Task An_added_server_is_not_trusted_and_cannot_use_the_machines_own_addresses()
    {
        await using var api = await ApiServer.StartAsync();
        AddServer? added = null;
        api.Pool.OnCommand = command =>
        {
            added = (AddServer)command;
            return CommandAccepted.Instance;
        };

        var response = await api.PostAsync(
            "/api/servers",
            """
            {"name": "extra", "uri": "http://127.0.0.1:3000/mcp", "group": "search", "weight": 3, "token": "t", "transport": "sse"}
            """);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(
            ("extra", "search", 3, "t"),
            (added!.Settings.Name, added.Settings.Group, added.Settings.Weight, added.Settings.Token!.Resolve()));
        Assert.Equal(HttpTransport.Sse, added.Settings.Transport);
        Assert.False(added.Settings.TrustAnnotations);
        Assert.True(added.Settings.GuardTarget);
    }

    [Theory]
    [InlineData("""{"name": "x", "command": "sh"}""", "command")]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "command": "sh"}""", "command")]
    [InlineData("""{"name": "x", "uri": "memory://x"}""", "uri")]
    [InlineData("""{"name": "x", "uri": "file:///etc/passwd"}""", "uri")]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "tokenEnv": "HOME"}""", "tokenEnv")]
    public async Task Programs_files_and_this_hosts_own_secrets_cannot_be_requested(string body, string field)
    {
        await using var api = await ApiServer.StartAsync();

        var response = await api.PostAsync("/api/servers", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(field, await response.ErrorAsync("InvalidRequest"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "weight": 0}""", "Field 'weight'")]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "weight": 1e3}""", "Field 'weight' must be a whole number in digits")]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "weight": 3000000000}""", "Field 'weight' must be a whole number in digits")]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "maxInFlight": -1}""", "Field 'maxInFlight'")]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "protocolVersion": "1"}""", "Field 'protocolVersion'")]
    [InlineData("""{"name": "a b", "uri": "http://127.0.0.1"}""", "Field 'name'")]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "transport": "stdio"}""", "Field 'transport'")]
    [InlineData("""{"name": "x", "uri": "ws://127.0.0.1", "transport": "sse"}""", "Field 'transport'")]
    [InlineData("""{"name": "", "uri": "http://127.0.0.1"}""", "Field 'name'")]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "group": "a/b"}""", "Field 'group'")]
    [InlineData("""{"name": "x", "uri": "http://127.0.0.1", "token": "a\nb"}""", "Field 'token'")]
    [InlineData("""{"name": "x", "uri": "http://user:pass@127.0.0.1"}""", "Field 'uri'")]
    public async Task A_value_that_is_not_valid_is_a_bad_request_that_names_its_field(string body, string field)
    {
        await using var api = await ApiServer.StartAsync();

        var response = await api.PostAsync("/api/servers", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(field, await response.ErrorAsync("InvalidRequest"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_name_that_is_longer_than_a_name_can_be_is_a_bad_request()
    {
        await using var api = await ApiServer.StartAsync();
        var host = string.Join('.', Enumerable.Repeat("a", 5_000));

        var response = await api.PostAsync("/api/servers", $$"""{"name": "x", "uri": "http://{{host}}/"}""");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    [Theory]
    [InlineData(2, HttpStatusCode.Conflict)]
    [InlineData(3, HttpStatusCode.OK)]
    public async Task No_more_servers_are_added_than_allowed(int most, HttpStatusCode expected)
    {
        await using var api = await ApiServer.StartAsync(host: new HostSettings { MaxAddedServers = most });
        api.Pool.OnCommand = _ => CommandAccepted.Instance;
        var server = new ServerInfo { Name = "a", Endpoint = "e", Group = "g", Status = ServerStatus.Connected };
        api.Pool.OnStatus = () => new PoolStatus([server, server with { Name = "b" }], DateTimeOffset.UnixEpoch);

        var response = await api.PostAsync("/api/servers", """{"name": "x", "uri": "http://127.0.0.1:3000"}""");

        Assert.Equal(expected, response.StatusCode);
        if (expected == HttpStatusCode.Conflict)
            Assert.Contains("max-added-servers", await response.ErrorAsync("Refused"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://169.254.169.254/latest/meta-data")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("ws://0.0.0.0:3000")]
    public async Task A_server_at_an_address_of_the_machine_itself_is_refused(string uri)
    {
        await using var api = await ApiServer.StartAsync();

        var response = await api.PostAsync("/api/servers", $$"""{"name": "x", "uri": "{{uri}}"}""");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("metadata", await response.ErrorAsync("Refused"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_outside_the_allowed_targets_is_refused_with_the_key_to_change()
    {
        await using var api = await ApiServer.StartAsync(host: new HostSettings { AllowedTargets = ["10.0.0.0/8"] });

        var response = await api.PostAsync("/api/servers", """{"name": "x", "uri": "http://127.0.0.1:3000"}""");

        Assert.Equal(HttpStatusCode.Forbidden, response.StatusCode);
        Assert.Contains("allowed-targets", await response.ErrorAsync("Refused"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refusal_by_the_pool_is_reported_with_its_reason()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCommand = _ => new CommandRefused("the pool already has a server x");

        var response = await api.PostAsync("/api/servers", """{"name": "x", "uri": "http://127.0.0.1:3000"}""");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Contains("already", await response.ErrorAsync("Refused"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_is_removed_by_its_name()
    {
        await using var api = await ApiServer.StartAsync();
        PoolCommand? removed = null;
        api.Pool.OnCommand = command =>
        {
            removed = command;
            return CommandAccepted.Instance;
        };

        Assert.Equal(HttpStatusCode.OK, (await api.Client.DeleteAsync("/api/servers/extra")).StatusCode);

        Assert.Equal(new RemoveServer("extra"), removed);
    }

    [Fact]
    public async Task Requests_over_the_limit_are_refused_with_the_time_to_wait()
    {
        await using var api = await ApiServer.StartAsync(host: new HostSettings { RequestsPerSecond = 1 });

        Assert.Equal(HttpStatusCode.OK, (await api.Client.GetAsync("/api/status")).StatusCode);
        HttpResponseMessage? refused = null;
        await Eventually.TrueAsync(async () =>
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => api.Client.GetAsync("/api/status")));
            refused = answers.FirstOrDefault(answer => answer.StatusCode == HttpStatusCode.TooManyRequests);
            return refused is not null;
        });

        Assert.NotNull(refused!.Headers.RetryAfter);
        Assert.Contains("requests-per-second", await refused.ErrorAsync("Overloaded"), StringComparison.Ordinal);
    }
}
