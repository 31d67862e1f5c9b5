using System.Diagnostics;
using McpActors.Configuration;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// The SDK's transport to a child process over stdin and stdout that leaves no process behind when it is disposed: on Linux, all
/// descendants of the child are found by a cookie in their environment, even if they detached themselves, and killed.
/// </summary>
internal sealed class ProcessTransport : IClientTransport, IAsyncDisposable
{
    private const int MaxSearches = 40;

    private static readonly TimeSpan SearchInterval = TimeSpan.FromMilliseconds(50);

    private readonly ServerSettings _server;
    private readonly PoolSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory? _logs;
    private readonly Dictionary<string, string?> _environment;
    private readonly ProcessCookie _cookie = ProcessCookie.ForNewConnection();

    /// <summary>Resolves the secrets; starts nothing.</summary>
    /// <exception cref="SecretUnavailableException">An environment variable of the server cannot be resolved.</exception>
    public ProcessTransport(ServerSettings server, PoolSettings settings, TimeProvider time, ILoggerFactory? logs)
    {
        _server = server;
        _settings = settings;
        _time = time;
        _logs = logs;
        _environment = server.InheritEnvironment ? [] : StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (name, value) in server.Environment)
            _environment[name] = value.Resolve();
        foreach (var cookie in (ProcessCookie[])[ProcessCookie.Owner, _cookie])
            _environment[cookie.Variable] = cookie.Value;
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
                // In the first half of the time limit the process may end by itself; in the second it is killed.
                ShutdownTimeout = _settings.CloseTimeout / 2,
            },
            _logs);
        try
        {
            var session = await stdio.ConnectAsync(cancellationToken).ConfigureAwait(false);
            if (OperatingSystem.IsLinux())
                _ = EndWithProgramAsync();
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
    /// Ends the descendants with the program. They keep its pipes open after the program has died, so the SDK would wait for answers for
    /// ever.
    /// </summary>
    private async Task EndWithProgramAsync()
    {
        if (await FindProgramAsync().ConfigureAwait(false) is { } program)
        {
            using (program)
                await program.WaitForExitAsync().ConfigureAwait(false);
        }
        await DisposeAsync().ConfigureAwait(false);
    }

    // While a process replaces itself with another program, as setsid does, its environment reads as empty. So one that is not found has
    // not necessarily ended.
    private async Task<Process?> FindProgramAsync()
    {
        for (var search = 0; search < MaxSearches; search++)
        {
            if (_cookie.ChildHolder() is { } program)
                return program;
            await Task.Delay(SearchInterval, _time).ConfigureAwait(false);
        }
        return null;
    }

    /// <summary>
    /// On Linux the program runs in its own session, so that only this process receives Ctrl-C of the terminal, and can drain. setsid
    /// replaces itself with the program, so the process id is that of the program.
    /// </summary>
    private (string Command, IReadOnlyList<string> Args) CommandLine()
    {
        if (!OperatingSystem.IsLinux() || ProgramPath.Find("setsid") is not { } setsid)
            return (_server.Command!, _server.Args);
        // Resolved here, because setsid reports a missing program only by an exit code.
        var program = ProgramPath.Find(_server.Command!, _server.WorkingDirectory, _environment.GetValueOrDefault("PATH"))
            ?? throw new FileNotFoundException(
                $"Server '{_server.Name}': the command '{_server.Command}' was not found, or is not executable. "
                + "Give its full path, or put its directory into PATH.");
        return (setsid, [program, .. _server.Args]);
    }
}
