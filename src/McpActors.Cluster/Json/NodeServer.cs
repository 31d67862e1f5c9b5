using System.Text.Json.Serialization;
using McpActors.Configuration;

namespace McpActors.Clustering.Json;

/// <summary>
/// A server between the nodes of a cluster: all settings, also programs. <see cref="SharedSettings.SharedServerRule"/> decides which of
/// them another node takes over. A secret goes as the place that it is read from, on the node that connects; only a literal one goes as
/// its value.
/// </summary>
internal sealed record NodeServer : SerializedServer
{
    [JsonConstructor]
    public NodeServer()
    {
    }

    public NodeServer(ServerSettings server)
        : base(server)
    {
        Uri = server.Uri;
        Command = server.Command;
        Args = server.Args.Count == 0 ? null : server.Args;
        WorkingDirectory = server.WorkingDirectory;
        Environment = Write(server.Environment);
        InheritEnvironment = server.InheritEnvironment;
        Token = NodeSecret.Of(server.Token);
        Headers = Write(server.Headers);
        Proxy = NodeSecret.Of(server.Proxy);
        TrustAnnotations = server.TrustAnnotations;
        GuardTarget = server.GuardTarget;
    }

    public Uri? Uri { get; init; }

    public string? Command { get; init; }

    public IReadOnlyList<string>? Args { get; init; }

    public string? WorkingDirectory { get; init; }

    public IReadOnlyDictionary<string, NodeSecret>? Environment { get; init; }

    public bool InheritEnvironment { get; init; }

    public NodeSecret? Token { get; init; }

    public IReadOnlyDictionary<string, NodeSecret>? Headers { get; init; }

    public NodeSecret? Proxy { get; init; }

    public bool TrustAnnotations { get; init; }

    public bool GuardTarget { get; init; }

    public override ServerSettings ToSettings() => CommonSettings() with
    {
        Uri = Uri,
        Command = Command,
        Args = Args ?? [],
        WorkingDirectory = WorkingDirectory,
        Environment = Read(Environment),
        InheritEnvironment = InheritEnvironment,
        Token = Token?.ToSecret(),
        Headers = Read(Headers),
        Proxy = Proxy?.ToSecret(),
        TrustAnnotations = TrustAnnotations,
        GuardTarget = GuardTarget,
    };

    private static Dictionary<string, NodeSecret>? Write(IReadOnlyDictionary<string, Secret> secrets) =>
        secrets.Count == 0 ? null : secrets.ToDictionary(secret => secret.Key, secret => NodeSecret.Of(secret.Value)!);

    private static Dictionary<string, Secret> Read(IReadOnlyDictionary<string, NodeSecret>? secrets) =>
        (secrets ?? new Dictionary<string, NodeSecret>()).ToDictionary(secret => secret.Key, secret => secret.Value.ToSecret());
}

/// <summary>The place that a secret is read from; for a literal one, its value.</summary>
internal sealed record NodeSecret(SecretSource Source, string Text)
{
    public static NodeSecret? Of(Secret? secret) => secret?.Written is var (source, text) ? new NodeSecret(source, text) : null;

    public Secret ToSecret() => Secret.Of(Source, Text);
}
