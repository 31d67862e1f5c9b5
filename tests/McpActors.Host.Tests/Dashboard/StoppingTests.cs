using System.Net;
using McpActors.Host.Tests.Browser;

namespace McpActors.Host.Tests.Dashboard;

public class StoppingTests
{
    [Fact]
    public async Task A_host_that_was_asked_to_stop_takes_no_page_back()
    {
        await using var host = await DashboardHost.StartAsync();
        using var client = new HttpClient { BaseAddress = host.Address };
        Assert.Equal(HttpStatusCode.OK, await ConnectAsync(client));

        host.BeginToStop();

        Assert.Equal(HttpStatusCode.ServiceUnavailable, await ConnectAsync(client));
    }

    /// <summary>What an open page sends first, to connect.</summary>
    private static async Task<HttpStatusCode> ConnectAsync(HttpClient client)
    {
        using var response = await client.PostAsync("/_blazor/negotiate?negotiateVersion=1", null);
        return response.StatusCode;
    }
}
