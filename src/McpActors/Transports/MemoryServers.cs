namespace McpActors.Transports;

/// <summary>MCP servers in this process, reached as <c>memory://name</c>: for tests of services that use a pool, and for services that are their own server.</summary>
public sealed class MemoryServers
{
}
