using System.Diagnostics;
using McpActors.Configuration;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// A child process that speaks MCP on stdin and stdout, by the SDK, of which nothing is left when this is disposed: on Linux every process
/// that descends from the child is found by a cookie in its environment, however it detached itself, and killed.
/// </summary>
internal sealed class ProcessTransport : IClientTransport, IAsyncDisposable
{
    private const int MostLooks = 40;

    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    private readonly ServerSettings _server;
    private readonly PoolSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory? _logs;
    private readonly Dictionary<string, string?> _environment;
    private readonly ProcessCookie _cookie = ProcessCookie.ForNewConnection();

    /// <summary>Resolves the secrets; nothing is started yet.</summary>
    /// <exception cref="SecretUnavailableException">An environment variable of the server cannot be resolved.</exception>
    public ProcessTransport(ServerSettings server, PoolSettings settings, TimeProvider time, ILoggerFactory? logs)
    {
        _server = server;
        _settings = settings;
        _time = time;
        _logs = logs;
        _environment = server.InheritEnvironment ? [] : StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (name, value) in server.Environment)
        {
            _environment[name] = value.Resolve();
        }

        foreach (var cookie in (ProcessCookie[])[ProcessCookie.Owner, _cookie])
        {
            _environment[cookie.Variable] = cookie.Value;
        }
    }

    public string Name => _server.Name;

    /// <exception cref="IOException">The program does not exist or could not be started.</exception>
    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var (command, args) = CommandLine();
        ProcessWatchdog.EnsureRunning(_logs);
        var stdio = new StdioClientTransport(
            new StdioClientTransportOptions
            {
                Name = _server.Name,
                Command = command,
                Arguments = [.. args],
                WorkingDirectory = _server.WorkingDirectory,
                InheritEnvironmentVariables = _server.InheritEnvironment,
                EnvironmentVariables = _environment,
                // Half of the time to close is the process's own, to end by itself; the other half is there to kill it.
                ShutdownTimeout = _settings.CloseTimeout / 2,
            },
            _logs);
        try
        {
            var session = await stdio.ConnectAsync(cancellationToken).ConfigureAwait(false);
            if (OperatingSystem.IsLinux())
            {
                _ = EndWithProgramAsync();
            }

            return new WholeWrites(session);
        }
        catch
        {
            await DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public ValueTask DisposeAsync() => new(_cookie.KillHoldersAsync(_settings.CloseTimeout, _time, _logs));

    /// <summary>
    /// What a program started holds the ends of its pipes open after the program itself has died: without this the SDK would wait for an
    /// answer for ever.
    /// </summary>
    private async Task EndWithProgramAsync()
    {
        if (await FindProgramAsync().ConfigureAwait(false) is { } program)
        {
            using (program)
            {
                await program.WaitForExitAsync().ConfigureAwait(false);
            }
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    // While a process replaces itself by another program, as setsid does, its environment reads as empty: not to be found at one look, or at a
    // few, does not mean that it has ended.
    private async Task<Process?> FindProgramAsync()
    {
        for (var look = 0; look < MostLooks; look++)
        {
            if (_cookie.ChildHolder() is { } program)
            {
                return program;
            }

            await Task.Delay(BetweenLooks, _time).ConfigureAwait(false);
        }

        return null;
    }

    /// <summary>
    /// On Linux the program gets a session of its own, so that Ctrl-C in the terminal reaches this process alone, which then drains.
    /// setsid replaces itself by the program: the process id stays that of the program.
    /// </summary>
    private (string Command, IReadOnlyList<string> Args) CommandLine()
    {
        if (!OperatingSystem.IsLinux() || ProgramPath.Find("setsid") is not { } setsid)
        {
            return (_server.Command!, _server.Args);
        }

        // Looked up here, for setsid could tell of a missing program only by an exit code.
        var program = ProgramPath.Find(_server.Command!, _server.WorkingDirectory, _environment.GetValueOrDefault("PATH"))
            ?? throw new FileNotFoundException(
                $"Server '{_server.Name}': the command '{_server.Command}' was not found, or is not executable. "
                + "Give its full path, or put its directory into PATH.");
        return (setsid, [program, .. _server.Args]);
    }
}
