using McpActors.Configuration;
using McpActors.TestServer;

namespace McpActors.Tests.Transports;

/// <summary>The contract server as a separate program.</summary>
internal static class TestServerProcess
{
    public static ServerSettings Settings(params string[] args) =>
        new() { Name = "child", Command = "dotnet", Args = [typeof(ContractServer).Assembly.Location, .. args] };
}
