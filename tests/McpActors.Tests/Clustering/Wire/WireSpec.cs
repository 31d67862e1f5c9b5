using System.Text;
using Akka.Actor;
using Akka.Hosting;
using McpActors.Clustering;
using McpActors.Clustering.Senders;
using McpActors.Clustering.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Clustering.Wire;

/// <summary>The serializer of a system whose frames have the smallest size.</summary>
public abstract class WireSpec : IAsyncLifetime
{
    private protected static readonly DateTimeOffset At = WireSamples.At;

    private IHost _host = null!;

    private protected PoolMessageSerializer Serializer { get; private set; } = null!;

    private protected ActorSystem System => _host.Services.GetRequiredService<ActorSystem>();

    public async Task InitializeAsync()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("wire", akka => akka
            .AddHocon("akka.remote.dot-netty.tcp.maximum-frame-size = 64 KiB", HoconAddMode.Prepend)
            .WithMcpPoolMessages());
        _host = builder.Build();
        await _host.StartAsync();
        Serializer = Assert.IsType<PoolMessageSerializer>(System.Serialization.FindSerializerForType(typeof(Execute)));
    }

    public async Task DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }

    /// <summary>Writes a message and reads it again.</summary>
    private protected object Transfer(object message) =>
        FromAnotherNode.Open(Serializer.FromBinary(Serializer.ToBinary(message), Serializer.Manifest(message)));

    private protected string TextOf(object message) => Encoding.UTF8.GetString(Serializer.ToBinary(message));
}
