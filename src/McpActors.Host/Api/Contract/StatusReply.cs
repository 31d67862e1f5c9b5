using System.ComponentModel;

namespace McpActors.Host.Api.Contract;

/// <summary>The answer of <c>GET /api/status</c>: what <see cref="PoolStatus"/> holds.</summary>
internal sealed record StatusReply(
    [property: Description("Every server in configured order.")] IReadOnlyList<ServerReply> Servers,
    [property: Description("When this was taken.")] DateTimeOffset At)
{
    public static StatusReply From(PoolStatus status) => new([.. status.Servers.Select(ServerReply.From)], status.At);
}

/// <summary>One server at one moment. Fields that do not apply are absent.</summary>
internal sealed record ServerReply
{
    [Description("Its unique name.")]
    public required string Name { get; init; }

    [Description("Where it is, without secrets: a URI, or the command.")]
    public required string Endpoint { get; init; }

    [Description("Its group.")]
    public required string Group { get; init; }

    [Description("Its priority; the lowest number is the best.")]
    public required int Priority { get; init; }

    [Description("Its share among its equals.")]
    public required int Weight { get; init; }

    [Description("The state of its connection.")]
    public required ServerStatus Status { get; init; }

    [Description("Whether calls may go to it.")]
    public required CircuitState Circuit { get; init; }

    [Description("True while it takes no new calls because it is being drained.")]
    public required bool Draining { get; init; }

    [Description("The node that has the one connection of the cluster to it; absent without one.")]
    public string? Node { get; init; }

    [Description("Attempts sent to it and not yet ended.")]
    public required int InFlight { get; init; }

    [Description("Attempts ended since it joined the pool.")]
    public required long Calls { get; init; }

    [Description("Of these, the ones that count as the server's failure.")]
    public required long Failures { get; init; }

    [Description("Moving average of the time an answered attempt took, in milliseconds.")]
    public double? LatencyMs { get; init; }

    [Description("The time that half of the attempts of the last minute or two stayed below, in milliseconds.")]
    public double? LatencyP50Ms { get; init; }

    [Description("The time that 99 of 100 attempts of the last minute or two stayed below, in milliseconds.")]
    public double? LatencyP99Ms { get; init; }

    [Description("The negotiated MCP revision.")]
    public string? ProtocolVersion { get; init; }

    [Description("The name the server gives itself.")]
    public string? ServerName { get; init; }

    [Description("The version the server gives itself.")]
    public string? ServerVersion { get; init; }

    [Description("The last error of its connection or circuit, in words.")]
    public string? LastError { get; init; }

    [Description("When the last error happened.")]
    public DateTimeOffset? LastErrorAt { get; init; }

    [Description("When the next connection attempt is due, while the status is Error.")]
    public DateTimeOffset? NextReconnect { get; init; }

    [Description("How often it was connected anew since it joined the pool.")]
    public required int Restarts { get; init; }

    [Description("How many tools its catalogue holds; absent before it was read.")]
    public int? Tools { get; init; }

    public static ServerReply From(ServerInfo server) => new()
    {
        Name = server.Name,
        Endpoint = server.Endpoint,
        Group = server.Group,
        Priority = server.Priority,
        Weight = server.Weight,
        Status = server.Status,
        Circuit = server.Circuit,
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
    };
}
