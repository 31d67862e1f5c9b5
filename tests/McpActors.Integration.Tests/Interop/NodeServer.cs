using System.Diagnostics;
using System.Globalization;

namespace McpActors.Tests.Interop;

/// <summary>
/// An MCP server that Node runs in a process of its own, listening on a free loopback port. Disposing it ends the process and its children.
/// </summary>
internal sealed class NodeServer : IAsyncDisposable
{
    private const string PortLine = "loopback port ";

    private readonly Process _process;
    private readonly List<string> _output = [];
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private NodeServer(string module, int port, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        _process = new Process
        {
            StartInfo = new ProcessStartInfo(NodePackages.Node, Arguments(module, arguments))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                Environment = { ["PORT"] = port.ToString(CultureInfo.InvariantCulture) },
            },
            EnableRaisingEvents = true,
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
            _process.StartInfo.Environment[name] = value;
        _process.OutputDataReceived += (_, line) => Read(line.Data);
        _process.ErrorDataReceived += (_, line) => Read(line.Data);
        _process.Exited += (_, _) => _port.TrySetException(new InvalidOperationException($"{module} ended before it listened"));
    }

    /// <summary>The loopback port it listens on.</summary>
    public int Port { get; private set; }

    /// <summary>
    /// The arguments for Node that start a module of a package. The module listens on the loopback interface only and ends with its parent.
    /// </summary>
    public static IReadOnlyList<string> Arguments(string module, params IEnumerable<string> arguments) =>
        ["--require", NodePackages.Script("loopback.cjs"), NodePackages.Module(module), .. arguments];

    /// <summary>Starts the server on a free port and waits until it listens.</summary>
    public static Task<NodeServer> StartAsync(string module, params IEnumerable<string> arguments) => StartAsync(module, 0, arguments);

    /// <summary>Starts the server on this port, which is passed on as the variable PORT, and waits until it listens.</summary>
    public static Task<NodeServer> StartAsync(string module, int port, params IEnumerable<string> arguments) =>
        StartAsync(module, arguments, environment: null, port);

    /// <summary>Starts the server with more variables, and waits until it listens.</summary>
    public static async Task<NodeServer> StartAsync(
        string module, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, int port = 0)
    {
        var server = new NodeServer(module, port, arguments, environment);
        server._process.Start();
        server._process.BeginOutputReadLine();
        server._process.BeginErrorReadLine();
        try
        {
            server.Port = await server._port.Task.WaitAsync(PoolHost.Patience);
            return server;
        }
        catch (Exception e)
        {
            await server.DisposeAsync();
            throw new InvalidOperationException($"{module} did not start: {e.Message}. Its output:\n{server.Output()}", e);
        }
    }

    /// <summary>Kills the process and its children.</summary>
    public async Task StopAsync()
    {
        _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync().WaitAsync(PoolHost.Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _process.Dispose();
    }

    private void Read(string? line)
    {
        if (line is null)
            return;
        lock (_output)
            _output.Add(line);
        if (line.StartsWith(PortLine, StringComparison.Ordinal))
            _port.TrySetResult(int.Parse(line.AsSpan(PortLine.Length), CultureInfo.InvariantCulture));
    }

    private string Output()
    {
        lock (_output)
            return string.Join('\n', _output.TakeLast(50));
    }
}
