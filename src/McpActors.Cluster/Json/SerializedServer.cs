using System.Text.Json.Serialization;
using McpActors.Configuration;

namespace McpActors.Clustering.Json;

/// <summary>
/// The settings of a server as they go to other processes: the keys that mean the same between nodes (<see cref="NodeServer"/>) and from an
/// outside client (<see cref="ExternalServer"/>). The derived records add the keys that are treated differently: where the server is, its
/// secrets, and how far it is trusted.
/// </summary>
internal abstract record SerializedServer
{
    protected SerializedServer()
    {
    }

    protected SerializedServer(ServerSettings server)
    {
        Name = server.Name;
        DisplayName = server.DisplayName;
        Group = server.Group;
        Priority = server.Priority;
        Weight = server.Weight;
        MaxInFlight = server.MaxInFlight;
        MaxQueue = server.MaxQueue;
        Stateful = server.Stateful;
        Placement = server.Placement;
        StartTimeout = server.StartTimeout;
        Transport = server.Transport;
        ProtocolVersion = server.ProtocolVersion;
    }

    [JsonRequired]
    public string Name { get; init; } = "";

    public string? DisplayName { get; init; }

    public string Group { get; init; } = ServerSettings.DefaultGroup;

    public int Priority { get; init; } = ServerSettings.DefaultPriority;

    public int Weight { get; init; } = 1;

    public int? MaxInFlight { get; init; }

    public int? MaxQueue { get; init; }

    public bool Stateful { get; init; }

    public ServerPlacement? Placement { get; init; }

    public TimeSpan? StartTimeout { get; init; }

    public HttpTransport Transport { get; init; }

    public string? ProtocolVersion { get; init; }

    public abstract ServerSettings ToSettings();

    /// <summary>The settings with the keys that both kinds have in common.</summary>
    protected ServerSettings CommonSettings() => new()
    {
        Name = Name,
        DisplayName = DisplayName,
        Group = Group,
        Priority = Priority,
        Weight = Weight,
        MaxInFlight = MaxInFlight,
        MaxQueue = MaxQueue,
        Stateful = Stateful,
        Placement = Placement,
        StartTimeout = StartTimeout,
        Transport = Transport,
        ProtocolVersion = ProtocolVersion,
    };
}
