using System.Text.RegularExpressions;
using Microsoft.Playwright;
using static Microsoft.Playwright.Assertions;

namespace McpActors.Host.Tests.Browser;

/// <summary>The pages of a host that is one of two nodes.</summary>
[Collection(BrowserCollection.Name)]
public sealed class NodesPageTests(BrowserFixture browser)
{
    [SkippableFact]
    public async Task Every_node_is_listed_with_its_servers_and_is_gone_when_it_leaves()
    {
        await using var cluster = await TwoNodes.StartAsync();
        await using var dashboard = await browser.OpenAsync(cluster.First.Address);
        var page = dashboard.Page;
        await page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Nodes" }).ClickAsync();

        await Expect(Node(page, cluster.First)).ToHaveTextAsync(new Regex(@"this node\s*Up\s*2 of 2\s*0\s*[12]"));
        var second = Node(page, cluster.Second);
        await Expect(second).ToHaveTextAsync(new Regex(@"Up\s*2 of 2\s*0\s*[12]"));
        var holder = (await cluster.First.Pool.GetStatusAsync()).Servers.Single(server => server.Name == "shared").Node;
        await Expect(page.Locator($"tr[data-node='{holder}'] .for-all")).ToHaveTextAsync("shared");
        await Expect(page.Locator(".for-all a")).ToHaveCountAsync(1);

        await cluster.Second.Pool.CommandAsync(new IsolateServer("own"));
        await Expect(second).ToHaveTextAsync(new Regex(@"Up\s*2 of 2\s*1\s*[12]"));
        await page.SetViewportSizeAsync(1440, 340);
        await Pictures.TakeAsync(page, "nodes");

        await cluster.Second.DisposeAsync();
        await Expect(second).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task A_servers_page_shows_the_node_of_its_connection_and_its_state_on_each_node()
    {
        await using var cluster = await TwoNodes.StartAsync();
        await cluster.Second.Pool.CommandAsync(new IsolateServer("own"));
        await using var dashboard = await browser.OpenAsync(cluster.First.Address, "servers/own");
        var page = dashboard.Page;

        await Expect(page.Locator(".placement")).ToHaveTextAsync("Each node has its own connection.");
        await Expect(Node(page, cluster.First)).ToHaveTextAsync(new Regex(@"this node\s*Connected\s*Isolated\s*isolated by an operator"));
        await Expect(Node(page, cluster.Second)).ToHaveTextAsync(new Regex(@"Connected\s*Isolated\s*isolated by an operator"));

        await cluster.Second.Pool.CommandAsync(new ResetCircuit("own"));
        await Expect(Node(page, cluster.Second)).ToHaveTextAsync(new Regex(@"Connected\s*Circuit closed\s*–"));

        var holder = (await cluster.First.Pool.GetStatusAsync()).Servers.Single(server => server.Name == "shared").Node;
        await page.EvaluateAsync("Blazor.navigateTo('/nodes')");
        await page.GetByRole(AriaRole.Link, new() { Name = "shared" }).ClickAsync();
        await Expect(page.Locator(".placement")).ToHaveTextAsync($"One connection for the whole cluster, on {holder}.");
        await Expect(page.Locator("tr[data-node]")).ToHaveCountAsync(2);

        await page.EvaluateAsync($"Blazor.navigateTo('/?search={holder}')");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "shared", Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "own", Exact = true })).ToHaveCountAsync(0);
    }

    [SkippableFact]
    public async Task Without_a_cluster_nodes_are_mentioned_only_on_request()
    {
        var servers = new McpActors.Transports.MemoryServers();
        servers.Add("alpha");
        await using var host = await DashboardHost.StartAsync(servers);
        await using var dashboard = await browser.OpenAsync(host.Address, "servers/alpha");
        var page = dashboard.Page;
        await Expect(page.Locator("h1")).ToHaveTextAsync("alpha");
        await Expect(page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Nodes" })).ToHaveCountAsync(0);
        await Expect(page.Locator(".on-nodes")).ToHaveCountAsync(0);

        await page.EvaluateAsync("Blazor.navigateTo('/nodes')");
        await Expect(page.Locator(".lead")).ToContainTextAsync("not part of a cluster");
        await Expect(page.Locator("tr[data-node=local]")).ToContainTextAsync("1 of 1");
    }

    private static ILocator Node(IPage page, DashboardHost host) => page.Locator($"tr[data-node='{host.Node}']");
}
