using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Hosting;

/// <summary>The pool's log in the log of a service.</summary>
public sealed class CategoryLoggerTests
{
    [Fact]
    public async Task The_pool_logs_under_the_class_that_logs_with_text_and_properties_alone()
    {
        var memory = new MemoryServers();
        memory.Add("a").Tool("who", () => "a");
        var log = new ListLogger();
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.ClearProviders().AddProvider(log));
        builder.Services.AddMcpPool(PoolHost.Settings("a"), options => options.MemoryServers = memory);
        using var host = builder.Build();
        await host.StartAsync();
        await host.Services.GetRequiredService<IMcpPool>().WaitUntilReadyAsync().WaitAsync(PoolHost.Patience);

        await Eventually.TrueAsync(
            () => log.Lines.Any(line =>
                line.StartsWith($"Information {typeof(PoolActor).FullName}: Server a is connected", StringComparison.Ordinal)),
            "the line of the connected server");

        Assert.Contains(
            log.Properties,
            properties => properties.GetValueOrDefault("Server") as string == "a"
                && properties.GetValueOrDefault("{OriginalFormat}") is string template
                && template.StartsWith("Server {Server} is connected", StringComparison.Ordinal));
        await host.StopAsync();
        Assert.DoesNotContain(log.Lines, line => line.StartsWith("Information Akka.", StringComparison.Ordinal));
    }
}
