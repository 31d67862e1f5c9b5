using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using ModelContextProtocol;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class ConnectorTests
{
    // Longer than a test waits.
    private static readonly PoolSettings Patient = new()
    {
        ConnectTimeout = TimeSpan.FromHours(1),
        DiscoverTimeout = TimeSpan.FromHours(1),
        CloseTimeout = TimeSpan.FromHours(1),
    };

    private readonly MemoryServers _memory = new();
    private readonly FakeTimeProvider _time = new();

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

        var error = await Assert.ThrowsAnyAsync<McpException>(
            () => connector.OpenAsync(OpeningOf(server), CancellationToken.None));

        Assert.True(Connector.IsVersionMismatch(error), $"The SDK reports a version mismatch as: {error.Message}");
    }

    [Fact]
    public async Task The_time_for_discovery_is_that_of_the_pool()
    {
        _memory.Add("s").Method("server/discover", Hang);
        var opening = ConnectorOf(Patient with { DiscoverTimeout = TimeSpan.FromMinutes(1) }).OpenAsync(
            OpeningOf(Server), CancellationToken.None);
        await ReceivedAsync("server/discover");

        _time.Advance(TimeSpan.FromMinutes(1));

        var connection = await opening.WaitAsync(PoolHost.Patience);
        Assert.Equal("2025-11-25", connection.ProtocolVersion);
        await connection.CloseAsync(PoolHost.Patience);
    }

    [Fact]
    public async Task The_time_for_the_handshake_is_that_of_the_pool()
    {
        _memory.Add("s").Method("initialize", Hang);
        var opening = ConnectorOf(Patient with { ConnectTimeout = TimeSpan.FromMinutes(1) }).OpenAsync(
            OpeningOf(Server with { ProtocolVersion = "2025-11-25" }), CancellationToken.None);
        await ReceivedAsync("initialize");

        _time.Advance(TimeSpan.FromMinutes(1));

        await Assert.ThrowsAsync<TimeoutException>(() => opening.WaitAsync(PoolHost.Patience));
        Assert.True(opening.IsFaulted);
    }

    [Fact]
    public async Task The_time_for_a_list_is_that_of_the_pool()
    {
        _memory.Add("s").Tool("t", () => 1).Method("tools/list", Hang);
        var connection = await ConnectorOf(Patient).OpenAsync(OpeningOf(Server), CancellationToken.None);
        var minute = TimeSpan.FromMinutes(1);
        var reading = connection.Catalogue.ReadAsync(new WantedCatalogue(null, null, 100_000, minute, minute, _ => { }));
        await ReceivedAsync("tools/list");

        _time.Advance(TimeSpan.FromMinutes(1));

        var remark = Assert.Single((await reading.WaitAsync(PoolHost.Patience)).Remarks);
        Assert.StartsWith("tools/list could not be read: the list was not read within 60 s", remark, StringComparison.Ordinal);
        await connection.CloseAsync(PoolHost.Patience);
    }

    [Fact]
    public async Task The_time_that_a_connection_has_to_be_abandoned_is_that_of_the_pool()
    {
        var never = new TaskCompletionSource<Connection>();
        var pending = new PendingConnection(new CancellationTokenSource(), never.Task, _time);

        var end = pending.AbandonAsync(TimeSpan.FromMinutes(1));
        Assert.False(end.IsCompleted);
        _time.Advance(TimeSpan.FromMinutes(1));

        await end.WaitAsync(PoolHost.Patience);
    }

    private static ServerSettings Server => new() { Name = "s", Uri = new Uri("memory://s") };

    private static Opening OpeningOf(ServerSettings server) => new(server, new CurrentRedactor(), null, _ => { }, HasFailed: false);

    private static async Task<object?> Hang(MemoryCall call, CancellationToken cancellation)
    {
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellation);
        return null;
    }

    private Connector ConnectorOf(PoolSettings pool) => new(pool, new TransportFactory(_memory, pool, null), null, _time);

    private Task ReceivedAsync(string method) => Eventually.TrueAsync(() => _memory["s"].Received(method) == 1, $"{method} is received");
}
