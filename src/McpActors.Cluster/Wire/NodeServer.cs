using System.Text.Json;
using System.Text.Json.Serialization;
using McpActors.Configuration;

namespace McpActors.Clustering.Wire;

/// <summary>
/// A server as the nodes of a cluster tell each other of it: whole, programs and all, because nodes trust each other. Of a secret goes where it is read from, on
/// whichever node connects; only a literal one goes as it is.
/// </summary>
internal sealed record NodeServer
{
    public required string Name { get; init; }

    public Uri? Uri { get; init; }

    public string? Command { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public string? WorkingDirectory { get; init; }

    public IReadOnlyDictionary<string, NodeSecret>? Environment { get; init; }

    public bool InheritEnvironment { get; init; }

    public NodeSecret? Token { get; init; }

    public IReadOnlyDictionary<string, NodeSecret>? Headers { get; init; }

    public string Group { get; init; } = ServerSettings.DefaultGroup;

    public int Priority { get; init; } = ServerSettings.DefaultPriority;

    public int Weight { get; init; } = 1;

    public int? MaxInFlight { get; init; }

    public int? MaxQueue { get; init; }

    public bool TrustAnnotations { get; init; }

    public bool GuardTarget { get; init; }

    public bool Stateful { get; init; }

    public ServerPlacement? Placement { get; init; }

    public string? ProtocolVersion { get; init; }

    public static NodeServer Of(ServerSettings server) => new()
    {
        Name = server.Name,
        Uri = server.Uri,
        Command = server.Command,
        Args = server.Args.Count == 0 ? null : server.Args,
        WorkingDirectory = server.WorkingDirectory,
        Environment = Written(server.Environment),
        InheritEnvironment = server.InheritEnvironment,
        Token = NodeSecret.Of(server.Token),
        Headers = Written(server.Headers),
        Group = server.Group,
        Priority = server.Priority,
        Weight = server.Weight,
        MaxInFlight = server.MaxInFlight,
        MaxQueue = server.MaxQueue,
        TrustAnnotations = server.TrustAnnotations,
        GuardTarget = server.GuardTarget,
        Stateful = server.Stateful,
        Placement = server.Placement,
        ProtocolVersion = server.ProtocolVersion,
    };

    public ServerSettings ToSettings() => new()
    {
        Name = Name,
        Uri = Uri,
        Command = Command,
        Args = Args ?? [],
        WorkingDirectory = WorkingDirectory,
        Environment = Read(Environment),
        InheritEnvironment = InheritEnvironment,
        Token = Token?.ToSecret(),
        Headers = Read(Headers),
        Group = Group,
        Priority = Priority,
        Weight = Weight,
        MaxInFlight = MaxInFlight,
        MaxQueue = MaxQueue,
        TrustAnnotations = TrustAnnotations,
        GuardTarget = GuardTarget,
        Stateful = Stateful,
        Placement = Placement,
        ProtocolVersion = ProtocolVersion,
    };

    private static Dictionary<string, NodeSecret>? Written(IReadOnlyDictionary<string, Secret> secrets) =>
        secrets.Count == 0 ? null : secrets.ToDictionary(secret => secret.Key, secret => NodeSecret.Of(secret.Value)!);

    private static Dictionary<string, Secret> Read(IReadOnlyDictionary<string, NodeSecret>? secrets) =>
        (secrets ?? new Dictionary<string, NodeSecret>()).ToDictionary(secret => secret.Key, secret => secret.Value.ToSecret());
}

/// <summary>Where a secret is read from.</summary>
internal sealed record NodeSecret(SecretSource Source, string Text)
{
    public static NodeSecret? Of(Secret? secret) => secret?.Written is var (source, text) ? new NodeSecret(source, text) : null;

    public Secret ToSecret() => Secret.Of(Source, Text);
}

/// <summary>Servers as <see cref="NodeServer"/>, for messages between nodes.</summary>
internal sealed class NodeServerConverter : JsonConverter<ServerSettings>
{
    public override ServerSettings? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ((NodeServer?)JsonSerializer.Deserialize(ref reader, options.GetTypeInfo(typeof(NodeServer))))?.ToSettings();

    public override void Write(Utf8JsonWriter writer, ServerSettings value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, NodeServer.Of(value), options.GetTypeInfo(typeof(NodeServer)));
}
