namespace McpActors.Host.Commands;

/// <summary>The options of the worker on the command line.</summary>
/// <param name="ConfigFile">The configuration file; null: the worker starts its demo servers.</param>
/// <param name="Urls">The addresses to listen on, separated by <c>;</c>; null: as configured, else <see cref="DefaultUrls"/>.</param>
/// <param name="DemoPort">The first of the demo servers' three ports; 0: any free ports.</param>
internal sealed record WorkerOptions(string? ConfigFile = null, string? Urls = null, int DemoPort = WorkerOptions.DefaultDemoPort)
{
    /// <summary>Loopback: other machines cannot reach the API unless the operator allows it.</summary>
    public const string DefaultUrls = "http://127.0.0.1:5000";

    /// <summary>The demo servers are at 3000, 3001 and 3002.</summary>
    public const int DefaultDemoPort = 3000;
}
