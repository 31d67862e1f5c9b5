using System.Diagnostics;
using System.Net.WebSockets;
using McpActors.Configuration;
using McpActors.TestServer;
using McpActors.Transports;
using ModelContextProtocol.AspNetCore;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class ModernHttpTransportTests : HttpTransportContract
{
    protected override string Revision => "2026-07-28";

    protected override Task<ContractEndpoint> StartAsync() => KestrelEndpoint.StreamableHttpAsync(HttpServerSessionMode.Stateless);
}

public sealed class LegacyHttpTransportTests : HttpTransportContract
{
    protected override string Revision => "2025-11-25";

    protected override bool CancelNeedsANotification => true;

    protected override Task<ContractEndpoint> StartAsync() => KestrelEndpoint.StreamableHttpAsync(HttpServerSessionMode.Stateful);
}

public sealed class SseTransportTests : HttpTransportContract
{
    protected override string Revision => "2025-11-25";

    protected override Task<ContractEndpoint> StartAsync() => KestrelEndpoint.SseAsync();
}

public sealed class WebSocketTransportContractTests : NetworkTransportContract
{
    protected override string Revision => "2026-07-28";

    protected override Task<ContractEndpoint> StartAsync() => KestrelEndpoint.WebSocketAsync();

    protected override void AssertNotConnected(Exception error)
    {
        var cause = Assert.IsType<HttpRequestException>(Assert.IsType<WebSocketException>(error).InnerException);
        Assert.Equal(HttpRequestError.ConnectionError, cause.HttpRequestError);
    }
}

public sealed class MemoryTransportContractTests : TransportContract
{
    protected override string Revision => "2026-07-28";

    protected override Task<ContractEndpoint> StartAsync() => Task.FromResult<ContractEndpoint>(new MemoryEndpoint());

    protected override void AssertNotConnected(Exception error) => Assert.IsType<MessageNotSentException>(error);

    private sealed class MemoryEndpoint : ContractEndpoint
    {
        public MemoryEndpoint()
        {
            var contract = new ContractServer();
            var server = Memory.Add("contract");
            foreach (var tool in ContractServer.Tools)
                server.Tool(tool, async (call, cancellationToken) => await contract.CallAsync(tool, call.Arguments, cancellationToken));
        }

        public override ServerSettings Settings => new() { Name = "contract", Uri = new Uri("memory://contract") };

        public override ServerSettings Nowhere => new() { Name = "nowhere", Uri = new Uri("memory://nowhere") };

        public override Task KillAsync()
        {
            Memory.Remove("contract");
            return Task.CompletedTask;
        }

        public override async ValueTask DisposeAsync() => await KillAsync();
    }
}

public sealed class ProcessTransportContractTests : TransportContract
{
    protected override string Revision => "2026-07-28";

    protected override Task<ContractEndpoint> StartAsync() => Task.FromResult<ContractEndpoint>(new ProcessEndpoint());

    protected override void AssertNotConnected(Exception error) => Assert.IsAssignableFrom<IOException>(error);

    private sealed class ProcessEndpoint : ContractEndpoint
    {
        private readonly ProcessCookie _marker = new("CONTRACT_TEST", Guid.NewGuid().ToString("N"));

        public override ServerSettings Settings => TestServerProcess.Settings() with
        {
            Environment = new Dictionary<string, Secret> { [_marker.Variable] = Secret.FromLiteral(_marker.Value) },
        };

        public override ServerSettings Nowhere => new() { Name = "nowhere", Command = "no-such-program-anywhere" };

        public override Task KillAsync() => Eventually.TrueAsync(
            () =>
            {
                int[] holders = [.. ProcessStat.AllIds().Where(_marker.IsHeldBy)];
                foreach (var id in holders)
                    Kill(id);
                return holders.Length == 0;
            },
            "the program has ended");

        public override async ValueTask DisposeAsync() => await KillAsync();

        private static void Kill(int id)
        {
            try
            {
                using var process = Process.GetProcessById(id);
                process.Kill();
            }
            catch (Exception e) when (e is ArgumentException or InvalidOperationException)
            {
                // It has ended meanwhile.
            }
        }
    }
}

public abstract class HttpTransportContract : NetworkTransportContract
{
    protected override void AssertNotConnected(Exception error) =>
        Assert.Equal(HttpRequestError.ConnectionError, Assert.IsType<HttpRequestException>(error).HttpRequestError);
}

/// <summary>The contract of transports that reach a server by an address.</summary>
public abstract class NetworkTransportContract : TransportContract
{
    [Fact]
    public void The_server_receives_the_token_and_the_headers()
    {
        var headers = ((KestrelEndpoint)Endpoint).Server.Headers;

        Assert.Equal("Bearer the-token", headers["Authorization"]);
        Assert.Equal("blue", headers["X-Tenant"]);
    }
}
