using System.Net;
using McpActors.Host.Tests.Browser;

namespace McpActors.Host.Tests.Dashboard;

public class StoppingTests
{
    [Fact]
    public async Task A_stopping_host_lets_no_page_reconnect()
    {
        await using var host = await DashboardHost.StartAsync();
        using var client = new HttpClient { BaseAddress = host.Address };
        Assert.Equal(HttpStatusCode.OK, await ConnectAsync(client));

        host.BeginToStop();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ConnectAsync(client));
    }

    /// <summary>The first message of an open page, to connect.</summary>
    private static async Task<HttpStatusCode> ConnectAsync(HttpClient client)
    {
        using var response = await client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null);
        return response.StatusCode;
    }
}
