using Akka.Actor;
using Akka.Configuration;
using Akka.Hosting;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>A pool that other processes reach although its messages have no serializer: nothing runs without its arguments.</summary>
public sealed class WithoutMessagesTests : IAsyncLifetime
{
    private const string Remote =
        """
        akka { loglevel = ERROR, stdout-loglevel = OFF, actor.provider = remote }
        akka.remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 }
        """;

    private readonly MemoryServers _memory = new();
    private readonly ActorSystem _outside = ActorSystem.Create("outside", ConfigurationFactory.ParseString(Remote));
    private IHost _host = null!;
    private IActorRef _pool = ActorRefs.Nobody;

    public async Task InitializeAsync()
    {
        _memory.Add("a").Tool("work", () => "done");
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging(logging => logging.ClearProviders());
        builder.Services.AddAkka("inside", akka => akka
            .AddHocon(Remote, HoconAddMode.Prepend)
            .WithMcpPool(PoolHost.Settings("a"), options => options.MemoryServers = _memory));
        builder.Services.AddMcpPoolClient();
        _host = builder.Build();
        await _host.StartAsync();
        await _host.Services.GetRequiredService<IMcpPool>().WaitUntilReadyAsync().WaitAsync(PoolHost.Patience);
        var address = ((ExtendedActorSystem)_host.Services.GetRequiredService<ActorSystem>()).Provider.DefaultAddress;
        _pool = await _outside.ActorSelection(new RootActorPath(address) / "user" / "mcp-pool").ResolveOne(PoolHost.Patience);
    }

    public async Task DisposeAsync()
    {
        await _outside.Terminate();
        await _host.StopAsync();
        _host.Dispose();
    }

    [Fact]
    public async Task A_call_from_another_process_does_not_run()
    {
        var arguments = System.Text.Json.JsonSerializer.SerializeToElement(new { path = "/important" });
        _pool.Tell(new CallTool("work", arguments), _outside.DeadLetters);

        await Assert.ThrowsAsync<AskTimeoutException>(() => _pool.Ask<CallReply>(new CallTool("work", arguments), TimeSpan.FromSeconds(2)));

        Assert.Equal(0, _memory["a"].Received("work"));
    }

    [Fact]
    public void A_pool_client_for_another_process_says_what_is_missing()
    {
        var error = Assert.Throws<InvalidOperationException>(() => _pool.ToMcpPool(_outside));

        Assert.Contains("WithMcpPoolMessages", error.Message, StringComparison.Ordinal);
    }
}
