using McpActors.Configuration;

namespace McpActors.Telemetry;

/// <summary>What is said of a server in every measurement and span of it; made once for each server. Immutable.</summary>
internal sealed class ServerLabels(ServerSettings server)
{
    public string Name => server.Name;

    public string Group => server.Group;

    public string? Address { get; } = IsRemote(server) ? server.Uri!.Host : null;

    // Boxed once: a tag's value is an object.
    public object? Port { get; } = IsRemote(server) ? server.Uri!.Port : null;

    public string? Transport { get; } = server.Command is not null ? "pipe" : IsRemote(server) ? "tcp" : null;

    private static bool IsRemote(ServerSettings server) => server.Uri is { Scheme: "http" or "https" or "ws" or "wss" };
}
