using System.ComponentModel;
using System.Diagnostics;
using McpActors.Configuration;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// Starts a program and connects to it over its stdin and stdout (<see cref="ProcessSession"/>). It leaves no process behind when it is
/// disposed of (<see cref="ProcessFamily"/>), nor when this process is killed (<see cref="ProcessWatchdog"/>).
/// </summary>
internal sealed class ProcessTransport : IClientTransport, IAsyncDisposable
{
    /// <summary>
    /// The beginning of the names of variables that are for this process alone, such as its access token: a program that had them could
    /// operate the pool.
    /// </summary>
    private const string OwnVariables = "MCP_ACTORS_";

    private readonly ServerSettings _server;
    private readonly PoolSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory? _logs;
    private readonly ProgramOutput? _output;
    private readonly Dictionary<string, string?> _environment;
    private readonly ProcessCookie _cookie = ProcessCookie.ForNewConnection();
    private ProcessSession? _session;

    /// <summary>Resolves the secrets; starts nothing.</summary>
    /// <exception cref="SecretUnavailableException">An environment variable of the server cannot be resolved.</exception>
    public ProcessTransport(
        ServerSettings server, PoolSettings settings, TimeProvider time, ILoggerFactory? logs, ProgramOutput? output = null)
    {
        _server = server;
        _settings = settings;
        _time = time;
        _logs = logs;
        _output = output;
        _environment = server.InheritEnvironment ? Inherited() : StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (name, value) in server.Environment)
            _environment[name] = value.Resolve();
        foreach (var cookie in (ProcessCookie[])[ProcessCookie.Owner, _cookie])
            _environment[cookie.Variable] = cookie.Value;
    }

    public string Name => _server.Name;

    /// <exception cref="IOException">The program does not exist or could not be started.</exception>
    public Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var start = StartInfo();
        ProcessWatchdog.EnsureRunning(_logs);
        Process program;
        try
        {
            program = Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new IOException($"the command '{_server.Command}' could not be started: {e.Message}", e);
        }
        ProcessWatchdog.Watch(program.Id);
        _session = new ProcessSession(
            _server.Name,
            program,
            new ProcessFamily(program, _cookie),
            MessageLimits.WithEnvelope(_settings.MaxResultSize),
            MessageLimits.WithEnvelope(_settings.MaxRequestSize),
            _settings.CloseTimeout,
            _time,
            _logs,
            _output);
        return Task.FromResult<ITransport>(new WholeWrites(_session));
    }

    public ValueTask DisposeAsync() => _session?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static Dictionary<string, string?> Inherited() => new ProcessStartInfo().Environment
        .Where(variable => !variable.Key.StartsWith(OwnVariables, StringComparison.OrdinalIgnoreCase))
        .ToDictionary();

    private ProcessStartInfo StartInfo()
    {
        var (command, args) = CommandLine();
        var start = new ProcessStartInfo(command, args)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            CreateNoWindow = true,
            WorkingDirectory = _server.WorkingDirectory ?? "",
        };
        start.Environment.Clear();
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        return start;
    }

    private (string Command, IEnumerable<string> Args) CommandLine()
    {
        var command = _server.Command!;
        // The system's own error would be that of a missing program.
        if (_server.WorkingDirectory is { } folder && !Directory.Exists(folder))
            throw new DirectoryNotFoundException($"cwd: there is no folder {folder}");
        if (OperatingSystem.IsWindows())
        {
            // Most commands there, such as npx, are scripts, which only a shell starts.
            return Path.GetFileName(command).Equals("cmd.exe", StringComparison.OrdinalIgnoreCase)
                ? (command, _server.Args)
                : ("cmd.exe", ["/c", command, .. _server.Args.Select(EscapeForShell)]);
        }
        // In a session of its own, so that only this process receives Ctrl-C of the terminal, and can drain. setsid replaces itself with
        // the program, so the process id is that of the program.
        if (!OperatingSystem.IsLinux() || ProgramPath.Find("setsid") is not { } setsid)
            return (command, _server.Args);
        // Resolved here, because setsid reports a missing program only by an exit code.
        var program = ProgramPath.Find(command, _server.WorkingDirectory, _environment.GetValueOrDefault("PATH"))
            ?? throw new FileNotFoundException(
                $"the command '{command}' was not found, or is not executable. "
                + "Give its full path, or put its directory into PATH.");
        return (setsid, [program, .. _server.Args]);
    }

    // An argument with white space is quoted, and within quotes these characters mean nothing.
    private static string EscapeForShell(string argument) => argument.Any(char.IsWhiteSpace)
        ? argument
        : string.Concat(argument.Select(c => c is '&' or '^' or '>' or '<' or '|' ? $"^{c}" : $"{c}"));
}
