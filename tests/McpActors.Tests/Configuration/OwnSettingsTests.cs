using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>Settings whose lists nobody else has.</summary>
public sealed class OwnSettingsTests
{
    [Fact]
    public void No_list_is_that_of_the_caller()
    {
        var (args, environment) = (new List<string> { "x" }, new Dictionary<string, Secret> { ["A"] = Secret.FromLiteral("1") });
        var headers = new Dictionary<string, Secret>(StringComparer.OrdinalIgnoreCase) { ["H"] = Secret.FromLiteral("2") };
        var servers = new List<ServerSettings> { new() { Name = "s", Args = args, Environment = environment, Headers = headers } };
        var (routes, groups) = (new List<RouteSettings> { new() { Match = "*" } }, new Dictionary<string, GroupSettings> { ["g"] = new() });
        var tools = new List<string> { "read_*" };

        var own = new PoolSettings { Servers = servers, Routes = routes, Groups = groups, IdempotentTools = tools }.Own();
        args.Clear();
        environment.Clear();
        headers.Clear();
        servers.Clear();
        routes.Clear();
        groups.Clear();
        tools.Clear();

        var server = Assert.Single(own.Servers);
        Assert.Equal(["x"], server.Args);
        Assert.Equal(["A"], server.Environment.Keys);
        Assert.True(server.Headers.ContainsKey("h"));
        Assert.Equal((1, 1, 1), (own.Routes.Count, own.Groups.Count, own.IdempotentTools.Count));
    }
}
