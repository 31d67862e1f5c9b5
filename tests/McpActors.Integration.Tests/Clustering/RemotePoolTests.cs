using Akka.Actor;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>A pool in a system with remoting and without a cluster: others can call it and not command it.</summary>
public sealed class RemotePoolTests : IAsyncLifetime
{
    private readonly MemoryServers _memory = new();
    private IHost _served = null!;
    private IHost _caller = null!;
    private IActorRef _pool = null!;

    public async Task InitializeAsync()
    {
        _memory.Add("a").Tool("work", () => "done");
        _served = Start(akka => akka.WithMcpPool(PoolHost.Settings("a"), options => options.MemoryServers = _memory));
        _caller = Start(_ => { });
        await Task.WhenAll(_served.StartAsync(), _caller.StartAsync());
        var address = ((ExtendedActorSystem)SystemOf(_served)).Provider.DefaultAddress;
        _pool = await SystemOf(_caller).ActorSelection($"{address}/user/mcp-pool").ResolveOne(PoolHost.Patience);
    }

    public async Task DisposeAsync()
    {
        foreach (var host in new[] { _caller, _served })
        {
            await host.StopAsync();
            host.Dispose();
        }
    }

    [Fact]
    public async Task Commands_of_another_system_are_refused()
    {
        foreach (PoolCommand command in (PoolCommand[])[new RemoveServer("a"), new IsolateServer("a"), Another])
        {
            var refused = Assert.IsType<CommandRefused>(await _pool.Ask<CommandReply>(command, PoolHost.Patience));
            Assert.Contains("another system", refused.Reason, StringComparison.Ordinal);
            _pool.Tell(command, ActorRefs.NoSender);
        }

        var status = await _pool.Ask<PoolStatus>(new GetPoolStatus(), PoolHost.Patience);
        Assert.Equal(("a", CircuitState.Closed), (status.Servers.Single().Name, status.Servers.Single().Circuit));
        Assert.IsType<CallCompleted>(await _pool.Ask<CallReply>(new CallTool("work"), PoolHost.Patience));
    }

    [Fact]
    public async Task Commands_of_its_own_process_are_carried_out()
    {
        var local = _served.Services.GetRequiredService<ActorRegistry>().Get<PoolActorKey>();

        Assert.IsType<CommandAccepted>(await local.Ask<CommandReply>(new RemoveServer("a"), PoolHost.Patience));
    }

    private static AddServer Another => new(new ServerSettings { Name = "b", Uri = new Uri("memory://a") });

    private static ActorSystem SystemOf(IHost host) => host.Services.GetRequiredService<ActorSystem>();

    private static IHost Start(Action<AkkaConfigurationBuilder> with)
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("remote", akka => with(akka
            .AddHocon("akka { actor.provider = remote, remote.dot-netty.tcp { hostname = 127.0.0.1, port = 0 } }", HoconAddMode.Prepend)
            .WithMcpPoolMessages()));
        return builder.Build();
    }
}
