using System.Text.Encodings.Web;
using System.Text.Json;
using McpActors.Configuration;
using McpActors.TestServer;
using McpActors.Transports;

namespace McpActors.Tests.Failures;

/// <summary>
/// A pool whose best server, "bad", is under test. Unless it is alone, a healthy server "good" with the same tools and a lower priority
/// follows.
/// </summary>
internal sealed class BadAndGood : IAsyncDisposable
{
    // As a client in another language writes them.
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly MemoryServer _good;
    private readonly PoolHost _host;

    private BadAndGood(PoolHost host, MemoryServer good) => (_host, _good) = (host, good);

    public PoolHost Host => _host;

    /// <summary>Calls of any tool that reached the healthy server.</summary>
    public long GoodCalls => Tools.Sum(_good.Received);

    private static IEnumerable<string> Tools => ContractServer.Tools.Append(LegacyMcp.Tool);

    /// <summary>Settings under which only the call itself runs: no probe interferes, and a hang ends soon.</summary>
    public static PoolSettings Patient { get; } = new()
    {
        Probe = new ProbeSettings { Interval = TimeSpan.FromMinutes(10) },
        CloseTimeout = TimeSpan.FromSeconds(2),
    };

    public static async Task<BadAndGood> StartAsync(
        ServerSettings bad, PoolSettings? settings = null, bool alone = false, bool waitForBad = true)
    {
        var memory = new MemoryServers();
        var good = memory.Add("good");
        foreach (var tool in Tools)
            good.Tool(tool, () => "good");
        var first = bad with { Name = "bad", Priority = 1 };
        var second = new ServerSettings { Name = "good", Uri = new Uri("memory://good"), Priority = 2 };
        var host = await PoolHost.StartAsync((settings ?? Patient) with { Servers = alone ? [first] : [first, second] }, memory);
        await host.UntilAsync(status => status.Servers.All(
            server => server is { Status: ServerStatus.Connected, Tools: not null } || (server.Name == "bad" && !waitForBad)));
        return new BadAndGood(host, good);
    }

    /// <summary>Calls a tool on the best server first.</summary>
    public async Task<Answer> CallAsync(
        string tool = LegacyMcp.Tool,
        object? arguments = null,
        bool? safe = null,
        TimeSpan? timeout = null,
        string? callId = null,
        string? server = null,
        CallMode mode = CallMode.Failover)
    {
        var options = new CallOptions
        {
            Mode = mode,
            Idempotent = safe,
            Timeout = timeout ?? PoolHost.Patience,
            CallId = callId,
            Server = server,
        };
        var json = arguments is null or JsonElement ? (JsonElement?)arguments : JsonSerializer.SerializeToElement(arguments, Plain);
        var reply = await _host.Pool.SendAsync(new CallTool(tool, json, options));
        return reply is CallCompleted completed
            ? new Answer(completed.Attempts, completed, null)
            : new Answer(((CallFailed)reply).Attempts, null, ((CallFailed)reply).Error);
    }

    public async Task<ServerInfo> BadAsync() => (await _host.Pool.GetStatusAsync()).Servers.Single(server => server.Name == "bad");

    /// <summary>Waits until the pool reports no running attempt on any server.</summary>
    public Task IdleAsync() => _host.UntilAsync(status => status.Servers.All(server => server.InFlight == 0));

    public ValueTask DisposeAsync() => _host.DisposeAsync();
}

/// <summary>The reply to a caller: a result, or an error.</summary>
internal sealed record Answer(IReadOnlyList<Attempt> Attempts, CallCompleted? CallCompleted, PoolError? Error)
{
    /// <summary>Each attempt as <c>server:outcome</c>, and the reply.</summary>
    public string Story => string.Join(" ", Attempts.Select(attempt => $"{attempt.Server}:{attempt.Outcome}"))
        + $" => {CallCompleted?.Server ?? Error!.Kind.ToString()}";
}
