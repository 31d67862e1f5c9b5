using McpActors.Host.Dashboard.Monitoring;

namespace McpActors.Host.Tests.Dashboard;

public class ServerListTests
{
    private static readonly ServerView[] Servers =
    [
        View("c", "one", ServerStatus.Connected, calls: 5),
        View("a", "two", ServerStatus.Error, error: "connection refused"),
        View("b", "one", ServerStatus.Error, calls: 9),
    ];

    [Fact]
    public void Groups_have_a_heading_and_keep_the_configured_order()
    {
        Assert.Equal(["group one", "server c", "server b", "group two", "server a"], Keys(new ServerList()));
    }

    [Fact]
    public void A_single_group_has_no_heading()
    {
        Assert.Equal(["server c", "server b"], new ServerList().Lines([Servers[0], Servers[2]]).Select(line => line.Key));
    }

    [Fact]
    public void A_heading_counts_the_whole_group_including_hidden_servers()
    {
        var heading = new ServerList { Status = ServerStatus.Error }.Lines(Servers)[0];

        Assert.Equal((1, 2), (heading.Connected, heading.Size));
    }

    [Fact]
    public void Finds_by_name_endpoint_or_error_in_any_case()
    {
        Assert.Equal(["group two", "server a"], Keys(new ServerList { Search = "REFUSED " }));
        Assert.Equal(["group one", "server b"], Keys(new ServerList { Search = "host-b" }));
    }

    [Fact]
    public void Finds_by_the_node_that_has_the_one_connection()
    {
        var shared = Servers[0] with { Info = Servers[0].Info with { Node = "10.0.0.3:8110" } };

        Assert.Equal(["server c"], new ServerList { Search = "10.0.0.3:8110" }.Lines([shared, Servers[2]]).Select(line => line.Key));
    }

    [Fact]
    public void Filters_by_status()
    {
        Assert.Equal(["group one", "server b", "group two", "server a"], Keys(new ServerList { Status = ServerStatus.Error }));
    }

    [Fact]
    public void Orders_within_the_groups()
    {
        Assert.Equal(["group one", "server b", "server c", "group two", "server a"], Keys(new ServerList { Order = ServerOrder.Calls }));
        Assert.Equal(["group one", "server b", "server c", "group two", "server a"], Keys(new ServerList { Order = ServerOrder.Status }));
    }

    [Fact]
    public void A_second_click_reverses_the_order_and_another_column_resets_it()
    {
        var once = new ServerList().OrderedBy(ServerOrder.Name);
        var twice = once.OrderedBy(ServerOrder.Name);

        Assert.Equal(["group one", "server c", "server b", "group two", "server a"], Keys(twice));
        Assert.False(once.Reverse);
        Assert.False(twice.OrderedBy(ServerOrder.Calls).Reverse);
    }

    private static IEnumerable<string> Keys(ServerList list) => list.Lines(Servers).Select(line => line.Key);

    private static ServerView View(string name, string group, ServerStatus status, double calls = 0, string? error = null) => new(
        new ServerInfo { Name = name, Endpoint = $"ws://host-{name}/", Group = group, Status = status, LastError = error }, calls, null);
}
