using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Processes;

/// <summary>The worker as an operator starts it: a process of its own, killed with its children at the end of the test.</summary>
internal sealed class HostProcess : IAsyncDisposable
{
    private const string AddressMark = "HTTP API   ";
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    // Longer than a worker may take to drain, hand over and leave before its host gives up.
    private static readonly TimeSpan EndGuard = TimeSpan.FromSeconds(120);

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource<Uri> _address = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task<string> _error;
    private readonly Task _reading;

    private HostProcess(Process process)
    {
        _process = process;
        _error = ReadLogAsync();
        _reading = ReadAsync();
    }

    /// <summary>The worker that was built with these tests.</summary>
    public static string[] Built => [Dotnet, Path.Combine(AppContext.BaseDirectory, "McpActors.Host.dll")];

    private static string Dotnet => Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet";

    /// <summary>Its stdout so far.</summary>
    public string Output
    {
        get { lock (_output) return _output.ToString(); }
    }

    /// <summary>Its stderr so far, which is its log.</summary>
    public string Log
    {
        get { lock (_log) return _log.ToString(); }
    }

    public bool HasEnded => _process.HasExited;

    public HttpClient Client { get; } = new() { Timeout = Guard };

    public static HostProcess Start(params IEnumerable<string> args) => Start([], args);

    public static HostProcess Start(Dictionary<string, string> environment, params IEnumerable<string> args) =>
        Start(Built, environment, args);

    /// <summary>The worker as another program: installed as a tool, published.</summary>
    public static HostProcess Start(IEnumerable<string> program, Dictionary<string, string> environment, IEnumerable<string> args)
    {
        var start = new ProcessStartInfo
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        // A background job of a shell ignores SIGINT, and so do its children; env restores its default, as in a terminal.
        string[] command = [.. OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : Array.Empty<string>(), .. program, .. args];
        start.FileName = command[0];
        foreach (var arg in command.Skip(1))
            start.ArgumentList.Add(arg);

        // Profile-guided recompilation costs more than it gains in a run of seconds.
        start.Environment["DOTNET_TieredPGO"] = "0";
        foreach (var (name, value) in environment)
            start.Environment[name] = value;

        return new HostProcess(Process.Start(start)!);
    }

    /// <summary>A worker that serves on a free port, once it has printed its address.</summary>
    public static Task<HostProcess> ServeAsync(params IEnumerable<string> args) => ServeAsync([], args);

    public static Task<HostProcess> ServeAsync(Dictionary<string, string> environment, params IEnumerable<string> args) =>
        ServeAsync(Built, environment, args);

    /// <summary>The same as another program.</summary>
    public static async Task<HostProcess> ServeAsync(
        IEnumerable<string> program, Dictionary<string, string> environment, IEnumerable<string> args)
    {
        string[] given = [.. args];
        string[] urls = given.Contains("--urls") ? [] : ["--urls", "http://127.0.0.1:0"];
        var host = Start(program, environment, [.. urls, .. given]);
        host.Client.BaseAddress = await host._address.Task.WaitAsync(Guard);
        return host;
    }

    /// <summary>A worker that serves the demo servers, all on free ports, once they are ready.</summary>
    public static async Task<HostProcess> DemoAsync(Dictionary<string, string>? environment = null)
    {
        var host = await ServeAsync(environment ?? [], "--demo-port", "0");
        await host.ReadyAsync(environment?.GetValueOrDefault("MCP_ACTORS_ACCESS_TOKEN"));
        return host;
    }

    /// <summary>
    /// Waits until the catalogue of every server is known; before that it is not certain which server, if any, gets a call.
    /// </summary>
    public Task ReadyAsync(string? accessToken = null) => Eventually.TrueAsync(async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/status");
        if (accessToken is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        using var response = await Client.SendAsync(request);
        return (await response.JsonAsync()).GetProperty("servers").EnumerateArray().All(server => server.TryGetProperty("tools", out _));
    });

    public Task<HttpResponseMessage> ExecuteAsync(string body) => Client.PostAsync("/api/execute", new StringContent(body));

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", _process.Id.ToString(CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
    }

    /// <summary>Waits for its end; returns the exit code and all of stderr.</summary>
    public async Task<(int ExitCode, string Error)> EndAsync()
    {
        using var guard = new CancellationTokenSource(EndGuard);
        try
        {
            await _process.WaitForExitAsync(guard.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"The worker has not ended within {EndGuard}. Its log: {Log}");
        }

        await _reading;
        return (_process.ExitCode, await _error);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task<string> ReadLogAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            lock (_log)
                _log.AppendLine(line);
        }

        return Log;
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            lock (_output)
                _output.AppendLine(line);
            if (line.StartsWith(AddressMark, StringComparison.Ordinal))
                _address.TrySetResult(new Uri(line[AddressMark.Length..]));
        }

        _address.TrySetException(new InvalidOperationException($"The worker ended before it served: {await _error}"));
    }
}
