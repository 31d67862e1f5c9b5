namespace McpActors.Host.Commands;

/// <summary>What the worker is told on the command line.</summary>
/// <param name="ConfigFile">The HOCON file with the servers to serve; null: the demo servers.</param>
/// <param name="Urls">The addresses of the HTTP API, separated by <c>;</c>; null: from the configuration, else <see cref="DefaultUrls"/>.</param>
/// <param name="DemoPort">The first of the demo servers' three ports; 0: any free ones.</param>
internal sealed record WorkerOptions(string? ConfigFile = null, string? Urls = null, int DemoPort = WorkerOptions.DefaultDemoPort)
{
    /// <summary>Loopback: nobody else reaches the API unless the operator says so.</summary>
    public const string DefaultUrls = "http://127.0.0.1:5000";

    /// <summary>The demo servers are at 3000, 3001 and 3002.</summary>
    public const int DefaultDemoPort = 3000;
}
