using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Transports;
using ModelContextProtocol;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class ConnectorTests
{
    private readonly MemoryServers _memory = new();

    // The connector can recognize this error only by its text: a failure here means that the SDK has changed the text.
    [Fact]
    public async Task Recognizes_the_error_of_the_SDK_for_a_server_that_answers_with_another_revision()
    {
        _memory.Add("s").Method("initialize", _ => new
        {
            protocolVersion = "2024-11-05",
            capabilities = new { },
            serverInfo = new { name = "s", version = "1.0.0" },
        });
        var pool = new PoolSettings();
        var connector = new Connector(pool, new TransportFactory(_memory, pool, null), null);
        var server = new ServerSettings { Name = "s", Uri = new Uri("memory://s"), ProtocolVersion = "2025-11-25" };

        var error = await Assert.ThrowsAnyAsync<McpException>(() => connector.OpenAsync(server, null, _ => { }, CancellationToken.None));

        Assert.True(Connector.IsVersionMismatch(error), $"The SDK reports a version mismatch as: {error.Message}");
    }
}
