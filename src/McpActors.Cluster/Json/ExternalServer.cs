using System.Text.Json;
using System.Text.Json.Serialization;
using McpActors.Configuration;

namespace McpActors.Clustering.Json;

/// <summary>
/// A server that another process adds: only one that is reached by address. Settings that could harm the pool's machine do not cross:
/// programs, environment variables and files. As for every server that is added over the network, its annotations are not trusted and its
/// address is guarded.
/// </summary>
internal sealed record ExternalServer : SerializedServer
{
    [JsonConstructor]
    public ExternalServer()
    {
    }

    /// <exception cref="JsonException">The server has settings that do not cross.</exception>
    public ExternalServer(ServerSettings server)
        : base(server)
    {
        if (server is not { Command: null, Uri: { } uri })
        {
            throw new JsonException(
                $"server {server.Name} cannot be added from another process: only servers with a uri and without a command can; "
                + "add programs to the configuration of the pool's own host");
        }
        Uri = uri;
        Token = LiteralOf(server, server.Token);
        if (server.Headers.Count > 0)
            Headers = server.Headers.ToDictionary(header => header.Key, header => LiteralOf(server, header.Value)!);
    }

    [JsonRequired]
    public Uri? Uri { get; init; }

    public string? Token { get; init; }

    public IReadOnlyDictionary<string, string>? Headers { get; init; }

    public override ServerSettings ToSettings() => CommonSettings() with
    {
        Uri = Uri,
        Token = Token is { } token ? Secret.FromLiteral(token) : null,
        Headers = (Headers ?? new Dictionary<string, string>())
            .ToDictionary(header => header.Key, header => Secret.FromLiteral(header.Value)),
        TrustAnnotations = false,
        GuardTarget = true,
    };

    private static string? LiteralOf(ServerSettings server, Secret? secret) => secret switch
    {
        null => null,
        { IsLiteral: true } => secret.Resolve(),
        _ => throw new JsonException(
            $"server {server.Name} cannot be added from another process: {secret} would be read on the pool's machine; "
            + "give the value itself, or configure the server there"),
    };
}

/// <summary>Writes servers as <see cref="ExternalServer"/>.</summary>
internal sealed class ExternalServerConverter : JsonConverter<ServerSettings>
{
    public override ServerSettings? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        ((ExternalServer?)JsonSerializer.Deserialize(ref reader, options.GetTypeInfo(typeof(ExternalServer))))?.ToSettings();

    public override void Write(Utf8JsonWriter writer, ServerSettings value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, new ExternalServer(value), options.GetTypeInfo(typeof(ExternalServer)));
}
