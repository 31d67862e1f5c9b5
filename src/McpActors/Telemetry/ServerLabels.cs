using McpActors.Configuration;

namespace McpActors.Telemetry;

/// <summary>The attributes of a server in its measurements and spans; created once per server. Immutable.</summary>
internal sealed class ServerLabels(ServerSettings server)
{
    public string Name => server.Name;

    public string Group => server.Group;

    public string? Address { get; } = IsRemote(server) ? server.Uri!.Host : null;

    // Boxed once, because the value of a tag is an object.
    public object? Port { get; } = IsRemote(server) ? server.Uri!.Port : null;

    public string? Transport { get; } = server.Command is not null ? "pipe" : IsRemote(server) ? "tcp" : null;

    private static bool IsRemote(ServerSettings server) => server.Uri is { Scheme: "http" or "https" or "ws" or "wss" };
}
