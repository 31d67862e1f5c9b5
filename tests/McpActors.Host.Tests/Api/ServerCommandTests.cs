using System.Net;

namespace McpActors.Host.Tests.Api;

public class ServerCommandTests
{
    public static TheoryData<string, PoolCommand> Commands => new()
    {
        { "connect", new ConnectServer("a b") },
        { "disconnect", new DisconnectServer("a b") },
        { "reconnect", new ReconnectServer("a b") },
        { "drain", new DrainServer("a b") },
        { "isolate", new IsolateServer("a b") },
        { "reset", new ResetCircuit("a b") },
    };

    [Theory]
    [MemberData(nameof(Commands))]
    public async Task Each_command_reaches_the_pool(string verb, PoolCommand expected)
    {
        await using var api = await ApiServer.StartAsync();
        PoolCommand? seen = null;
        api.Pool.OnCommand = command => { seen = command; return CommandAccepted.Instance; };

        var response = await api.PostAsync($"/api/servers/a%20b/{verb}");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("""{"done":true}""", await response.Content.ReadAsStringAsync());
        Assert.Equal(expected, seen);
    }

    [Fact]
    public async Task A_command_that_is_refused_is_a_409_with_the_reason()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCommand = _ => new CommandRefused("a is being drained");
        api.Pool.OnStatus = () => new PoolStatus([new ServerInfo { Name = "a", Endpoint = "e", Group = "g" }], DateTimeOffset.UnixEpoch);

        var response = await api.PostAsync("/api/servers/a/drain");

        Assert.Equal(HttpStatusCode.Conflict, response.StatusCode);
        Assert.Equal("a is being drained", await response.ErrorAsync("Refused"));
    }

    [Fact]
    public async Task A_command_to_an_unknown_server_is_a_404_with_the_reason()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCommand = _ => new CommandRefused("no server is named b");

        var response = await api.PostAsync("/api/servers/b/drain");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Equal("no server is named b", await response.ErrorAsync("UnknownServer"));
    }

    [Fact]
    public async Task An_unknown_command_is_a_404()
    {
        await using var api = await ApiServer.StartAsync();

        Assert.Equal(HttpStatusCode.NotFound, (await api.PostAsync("/api/servers/a/explode")).StatusCode);
    }
}
