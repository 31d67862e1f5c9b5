using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>
/// Checks the settings of a command on a thread of its own and within a time limit, because the check reads the files of secrets, and a
/// file on a hanging file system never ends. Safe for any thread.
/// </summary>
/// <param name="resolve">Reads a secret; throws <see cref="SecretUnavailableException"/>.</param>
/// <param name="limit">The time that a check may take.</param>
/// <param name="time">The clock for the limit.</param>
internal sealed class SettingsCheck(Func<Secret, string> resolve, TimeSpan limit, TimeProvider time)
{
    /// <summary>The time that a check may take in a running pool.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    /// <param name="servers">The servers whose secrets the check reads.</param>
    /// <param name="validate">Finds the problems.</param>
    /// <returns>The problems, or that the check took too long; empty when the settings are valid.</returns>
    public async Task<IReadOnlyList<SettingsProblem>> FindProblemsAsync(
        IReadOnlyCollection<ServerSettings> servers, Func<IReadOnlyList<SettingsProblem>> validate)
    {
        var check = new Run(servers, validate);
        // A thread of its own: one that never comes back must not be missing in the thread pool.
        var problems = Task.Factory.StartNew(
            () => check.FindProblems(resolve), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            return await problems.WaitAsync(limit, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return [check.TookTooLong(limit)];
        }
    }

    private sealed class Run(IReadOnlyCollection<ServerSettings> servers, Func<IReadOnlyList<SettingsProblem>> validate)
    {
        private volatile Tuple<string, Secret>? _reading;

        public IReadOnlyList<SettingsProblem> FindProblems(Func<Secret, string> resolve)
        {
            foreach (var (server, secret) in servers.SelectMany(FilesOf))
            {
                _reading = Tuple.Create(server, secret);
                try
                {
                    resolve(secret);
                }
                catch (Exception)
                {
                    // The validator reports it, with its key.
                }
            }
            _reading = null;
            return validate();
        }

        public SettingsProblem TookTooLong(TimeSpan limit)
        {
            var within = $"within {limit.TotalSeconds:0.#} s";
            return _reading is var (server, secret)
                ? new(
                    KeyPath.OfServer(server),
                    $"secret file {secret.Written.Text} could not be read {within}; check the file system that it is on, then repeat")
                : new(KeyPath.Pool, $"the settings could not be checked {within}; repeat when the machine has less to do");
        }

        private static IEnumerable<(string Server, Secret Secret)> FilesOf(ServerSettings server) => server.Headers.Values
            .Concat(server.Environment.Values)
            .Append(server.Token)
            .Append(server.Proxy)
            .OfType<Secret>()
            .Where(secret => secret.Written.Source == SecretSource.File)
            .Select(secret => (server.Name, secret));
    }
}
