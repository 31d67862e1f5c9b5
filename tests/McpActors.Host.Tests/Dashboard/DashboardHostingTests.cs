using McpActors.Configuration;
using McpActors.Host.Dashboard;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.SignalR;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace McpActors.Host.Tests.Dashboard;

public class DashboardHostingTests
{
    [Theory]
    [InlineData(1024, 32 * 1024)]
    [InlineData(1024 * 1024, 1024 * 1024)]
    public void A_page_can_start_however_small_a_request_may_be(int maxRequestSize, long expected)
    {
        var builder = WebApplication.CreateBuilder();
        builder.AddDashboard(new PoolSettings { MaxRequestSize = maxRequestSize });
        using var services = builder.Services.BuildServiceProvider();

        // The hub of the pages is internal, and so is the type of its options.
        var options = builder.Services.Select(service => service.ServiceType)
            .Where(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IConfigureOptions<>))
            .Select(type => type.GetGenericArguments()[0])
            .First(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(HubOptions<>));

        var hub = (IOptions<HubOptions>)services.GetRequiredService(typeof(IOptions<>).MakeGenericType(options));
        Assert.Equal(expected, hub.Value.MaximumReceiveMessageSize);
    }
}
