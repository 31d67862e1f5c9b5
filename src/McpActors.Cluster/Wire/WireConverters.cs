using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using McpActors.Configuration;
using McpActors.Telemetry;

namespace McpActors.Clustering.Wire;

/// <summary>References to actors, as Akka writes them: the path with the address of its node.</summary>
internal sealed class ActorRefConverter(ExtendedActorSystem system) : JsonConverter<IActorRef>
{
    public override IActorRef Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        system.Provider.ResolveActorRef(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, IActorRef value, JsonSerializerOptions options) =>
        writer.WriteStringValue(Akka.Serialization.Serialization.SerializedActorPath(value));

    // Subclasses of references are written as what they refer to.
    public override bool CanConvert(Type typeToConvert) => typeof(IActorRef).IsAssignableFrom(typeToConvert);
}

/// <summary>What a call is traced under: W3C <c>traceparent</c>, a space, and <c>tracestate</c> if there is one.</summary>
internal sealed class TraceContextConverter : JsonConverter<ActivityContext>
{
    public override ActivityContext Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var parts = (reader.GetString() ?? "").Split(' ', 2);
        // A trace that cannot be read is no reason to lose the call.
        return ActivityContext.TryParse(parts[0], parts.ElementAtOrDefault(1), isRemote: true, out var context) ? context : default;
    }

    public override void Write(Utf8JsonWriter writer, ActivityContext value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value == default ? "" : $"{Tracing.TraceParent(value)} {value.TraceState}".TrimEnd());
}

/// <summary>A call inside another message, with its manifest.</summary>
internal sealed class PoolCallConverter : JsonConverter<PoolCall>
{
    public override PoolCall Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        var call = document.RootElement.EnumerateObject().First();
        var type = WireTypes.TypeOf(call.Name) is { } known && known.IsAssignableTo(typeof(PoolCall)) ? known
            : throw new JsonException($"{call.Name} is no call that this version knows");
        return (PoolCall)call.Value.Deserialize(options.GetTypeInfo(type))!;
    }

    public override void Write(Utf8JsonWriter writer, PoolCall value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        writer.WritePropertyName(WireTypes.ManifestOf(value.GetType()) ?? throw new JsonException($"{value.GetType()} cannot be sent to another process"));
        JsonSerializer.Serialize(writer, value, options.GetTypeInfo(value.GetType()));
        writer.WriteEndObject();
    }

    public override bool CanConvert(Type typeToConvert) => typeToConvert == typeof(PoolCall);
}

/// <summary>
/// A server that another process adds: one that is reached by address. What it could turn against this machine does not cross: programs, variables and
/// files. Its marks on tools are not believed, as of every server that is added over the network.
/// </summary>
internal sealed record WireServer
{
    public required string Name { get; init; }

    public required Uri Uri { get; init; }

    public string? Token { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    public string Group { get; init; } = ServerSettings.DefaultGroup;

    public int Priority { get; init; } = ServerSettings.DefaultPriority;

    public int Weight { get; init; } = 1;

    public int? MaxInFlight { get; init; }

    public int? MaxQueue { get; init; }

    public bool Stateful { get; init; }

    public ServerPlacement? Placement { get; init; }

    public string? ProtocolVersion { get; init; }

    /// <exception cref="JsonException">The server has something that does not cross.</exception>
    public static WireServer Of(ServerSettings server) => new()
    {
        Name = server.Name,
        Uri = server is { Command: null, Uri: { } uri } ? uri : throw new JsonException(
            $"server {server.Name} cannot be added from another process: only servers with a uri can; put programs into the configuration of the pool's own host"),
        Token = Literal(server, server.Token),
        Headers = server.Headers.Count == 0 ? null : server.Headers.ToDictionary(header => header.Key, header => Literal(server, header.Value)!),
        Group = server.Group,
        Priority = server.Priority,
        Weight = server.Weight,
        MaxInFlight = server.MaxInFlight,
        MaxQueue = server.MaxQueue,
        Stateful = server.Stateful,
        Placement = server.Placement,
        ProtocolVersion = server.ProtocolVersion,
    };

    public ServerSettings ToSettings() => new()
    {
        Name = Name,
        Uri = Uri,
        Token = Token is { } token ? Secret.FromLiteral(token) : null,
        Headers = (Headers ?? new Dictionary<string, string>()).ToDictionary(header => header.Key, header => Secret.FromLiteral(header.Value)),
        Group = Group,
        Priority = Priority,
        Weight = Weight,
        MaxInFlight = MaxInFlight,
        MaxQueue = MaxQueue,
        Stateful = Stateful,
        Placement = Placement,
        ProtocolVersion = ProtocolVersion,
        TrustAnnotations = false,
        GuardTarget = true,
    };

    private static string? Literal(ServerSettings server, Secret? secret) => secret switch
    {
        null => null,
        { IsLiteral: true } => secret.Resolve(),
        _ => throw new JsonException(
            $"server {server.Name} cannot be added from another process: {secret} would be read on the pool's machine; give the value itself, or configure the server there"),
    };
}

/// <summary>Servers as <see cref="WireServer"/>.</summary>
internal sealed class ServerSettingsConverter : JsonConverter<ServerSettings>
{
    public override ServerSettings? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ((WireServer?)JsonSerializer.Deserialize(ref reader, options.GetTypeInfo(typeof(WireServer))))?.ToSettings();

    public override void Write(Utf8JsonWriter writer, ServerSettings value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, WireServer.Of(value), options.GetTypeInfo(typeof(WireServer)));
}
