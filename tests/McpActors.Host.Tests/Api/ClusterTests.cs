namespace McpActors.Host.Tests.Api;

public class ClusterTests
{
    [Fact]
    public async Task Shows_everything_known_about_each_node()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCluster = _ => new ClusterStatus(
            [
                new NodeInfo
                {
                    Address = "a:1", Self = true, State = NodeState.Up, Total = 2, Connected = 1, CircuitsOpen = 1, Holds = 1,
                    Servers =
                    [
                        new ServerOnNode("files", ServerStatus.Connected, CircuitState.Closed, "a:1"),
                        new ServerOnNode("search", ServerStatus.Error, CircuitState.Open, null, "refused"),
                    ],
                },
                new NodeInfo { Address = "b:2", State = NodeState.Joining, Reachable = false, Known = false },
            ],
            DateTimeOffset.UnixEpoch);

        Assert.Equal(
            """
            {"nodes":[{"address":"a:1","self":true,"state":"Up","reachable":true,"known":true,
            "total":2,"connected":1,"circuitsOpen":1,"holds":1,
            "servers":[{"name":"files","status":"Connected","circuit":"Closed","heldBy":"a:1"},
            {"name":"search","status":"Error","circuit":"Open","reason":"refused"}]},
            {"address":"b:2","self":false,"state":"Joining","reachable":false,"known":false,
            "total":0,"connected":0,"circuitsOpen":0,"holds":0,"servers":[]}],
            "at":"1970-01-01T00:00:00+00:00"}
            """.ReplaceLineEndings(""),
            await api.Client.GetStringAsync("/api/cluster"));
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("?server=", "")]
    [InlineData("?server=a", "a")]
    [InlineData("?server=a&server=b", "a,b")]
    public async Task Lists_only_the_requested_servers(string query, string? servers)
    {
        await using var api = await ApiServer.StartAsync();
        string? asked = "nothing";
        var answer = api.Pool.OnCluster;
        api.Pool.OnCluster = names =>
        {
            asked = names is null ? null : string.Join(',', names);
            return answer(names);
        };

        await api.Client.GetStringAsync($"/api/cluster{query}");

        Assert.Equal(servers, asked);
    }
}
