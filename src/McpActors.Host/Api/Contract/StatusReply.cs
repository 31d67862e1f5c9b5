using System.ComponentModel;

namespace McpActors.Host.Api.Contract;

/// <summary>The answer of <c>GET /api/status</c>: a <see cref="PoolStatus"/>.</summary>
internal sealed record StatusReply(
    [property: Description("Every server in configured order.")] IReadOnlyList<ServerReply> Servers,
    [property: Description("The time of this status.")] DateTimeOffset At)
{
    public static StatusReply From(PoolStatus status) => new([.. status.Servers.Select(ServerReply.From)], status.At);
}

/// <summary>One server at one moment. Fields that do not apply are absent.</summary>
internal sealed record ServerReply
{
    [Description("Its unique name.")]
    public required string Name { get; init; }

    [Description("The name in the mcp.json that it is imported from, where the pool cannot use that one; absent: its name.")]
    public string? DisplayName { get; init; }

    [Description("Its URL or its command, without secrets.")]
    public required string Endpoint { get; init; }

    [Description("Its group.")]
    public required string Group { get; init; }

    [Description("Its priority; the lowest number is preferred.")]
    public required int Priority { get; init; }

    [Description("Its share of the calls among servers of the same priority.")]
    public required int Weight { get; init; }

    [Description("The state of its connection.")]
    public required ServerStatus Status { get; init; }

    [Description("Whether calls may go to it.")]
    public required CircuitState Circuit { get; init; }

    [Description("It asked its clients to pause and gets no calls until then; absent without a pause.")]
    public DateTimeOffset? PausedUntil { get; init; }

    [Description("True while it is being drained and gets no new calls.")]
    public required bool Draining { get; init; }

    [Description("The node that has the only connection of the cluster to it; absent when each node has its own.")]
    public string? Node { get; init; }

    [Description("The attempts that are running on it.")]
    public required int InFlight { get; init; }

    [Description("The attempts that ended since it joined the pool.")]
    public required long Calls { get; init; }

    [Description("The number of these that count as failures of the server.")]
    public required long Failures { get; init; }

    [Description("The moving average of the time to an answer, in milliseconds.")]
    public double? LatencyMs { get; init; }

    [Description("The median time to an answer in the last one to two minutes, in milliseconds.")]
    public double? LatencyP50Ms { get; init; }

    [Description("The 99th percentile of the time to an answer in the last one to two minutes, in milliseconds.")]
    public double? LatencyP99Ms { get; init; }

    [Description("The negotiated MCP revision.")]
    public string? ProtocolVersion { get; init; }

    [Description("The name that the server reports.")]
    public string? ServerName { get; init; }

    [Description("The version that the server reports.")]
    public string? ServerVersion { get; init; }

    [Description("The last error of its connection or circuit.")]
    public string? LastError { get; init; }

    [Description("The time of the last error.")]
    public DateTimeOffset? LastErrorAt { get; init; }

    [Description("The time of the next connection attempt, while the status is Error.")]
    public DateTimeOffset? NextReconnect { get; init; }

    [Description("The number of reconnections since it joined the pool.")]
    public required int Restarts { get; init; }

    [Description("The number of tools in its catalogue; absent until the catalogue was read.")]
    public int? Tools { get; init; }

    [Description("Remarks on a server that are no errors, one sentence each; absent when there are none.")]
    public IReadOnlyList<string>? Remarks { get; init; }

    public static ServerReply From(ServerInfo server) => new()
    {
        Name = server.Name,
        DisplayName = server.DisplayName,
        Endpoint = server.Endpoint,
        Group = server.Group,
        Priority = server.Priority,
        Weight = server.Weight,
        Status = server.Status,
        Circuit = server.Circuit,
        PausedUntil = server.PausedUntil,
        Draining = server.Draining,
        Node = server.Node,
        InFlight = server.InFlight,
        Calls = server.Calls,
        Failures = server.Failures,
        LatencyMs = server.Latency is { } latency ? Milliseconds.Of(latency) : null,
        LatencyP50Ms = server.LatencyP50 is { } median ? Milliseconds.Of(median) : null,
        LatencyP99Ms = server.LatencyP99 is { } tail ? Milliseconds.Of(tail) : null,
        ProtocolVersion = server.ProtocolVersion,
        ServerName = server.ServerName,
        ServerVersion = server.ServerVersion,
        LastError = server.LastError,
        LastErrorAt = server.LastErrorAt,
        NextReconnect = server.NextReconnect,
        Restarts = server.Restarts,
        Tools = server.Tools,
        Remarks = server.Remarks is { Count: > 0 } remarks ? remarks : null,
    };
}
