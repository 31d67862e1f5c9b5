using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>
/// Finds all problems of settings, from a file or made in code. Each has the path that the setting has in HOCON. Secrets are resolved to
/// see whether they can be; their values are neither kept nor shown. Safe for any thread.
/// </summary>
public static class SettingsValidator
{
    // The runtime's timers end at 2^32 ms, about 49 days.
    internal static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>
    /// The longest drain, and the longest closing of a connection: the phases of the actor system's shutdown have a time limit of their
    /// own, and it must be longer (<see cref="Hosting.PoolStart.ShutdownDefaults"/>).
    /// </summary>
    internal static readonly TimeSpan LongestStop = TimeSpan.FromDays(1);

    /// <summary>All problems of the settings; empty when they are valid.</summary>
    /// <param name="settings">The settings to check.</param>
    /// <param name="strategies">The names of the strategies that exist.</param>
    public static IReadOnlyList<SettingsProblem> Validate(PoolSettings settings, IReadOnlyCollection<string> strategies)
    {
        var problems = new List<SettingsProblem>();
        CheckServers(settings, problems);
        CheckStrategies(settings, strategies, problems);
        CheckTargets(settings, settings.ServersComplete, problems);
        CheckPatterns(settings, problems);
        CheckRoutes(settings, problems);
        CheckPool(settings, new Checks(KeyPath.Pool, problems));
        CheckFailover(settings.Failover, new Checks(KeyPath.Pool + ".failover", problems));
        CheckCircuit(settings.Circuit, new Checks(KeyPath.Pool + ".circuit", problems));
        CheckReconnect(settings.Reconnect, new Checks(KeyPath.Pool + ".reconnect", problems));

        var budget = new Checks(KeyPath.Pool + ".retry-budget", problems);
        budget.Share("ratio", settings.RetryBudget.Ratio);
        budget.Range("min-per-second", settings.RetryBudget.MinPerSecond, 0, 1_000_000);
        return problems;
    }

    /// <summary>All problems of one server, as added to a running pool; empty when it is valid.</summary>
    /// <param name="server">The server to check.</param>
    public static IReadOnlyList<SettingsProblem> Validate(ServerSettings server)
    {
        var problems = new List<SettingsProblem>();
        ServerRules.Check(server, problems);
        return problems;
    }

    /// <summary>The secrets that the servers lack now. Servers that are left out for another reason are passed over.</summary>
    internal static IReadOnlyList<SettingsProblem> MissingSecrets(PoolSettings settings)
    {
        var problems = new List<SettingsProblem>();
        foreach (var server in settings.Servers)
            ServerRules.Check(server, problems);
        return problems;
    }

    private static void CheckServers(PoolSettings settings, List<SettingsProblem> problems)
    {
        var names = new HashSet<string>();
        foreach (var server in settings.Servers)
        {
            ServerRules.Check(server, problems, withSources: !settings.LeavesOutServers);
            if (!names.Add(server.Name))
            {
                problems.Add(new(KeyPath.OfServer(server.Name),
                    $"the name `{server.Name}` is given to two servers; rename one of them"));
            }
        }
        foreach (var group in settings.Groups.Keys)
        {
            if (ServerRules.NameProblem(group) is { } problem)
                problems.Add(new(KeyPath.Of(KeyPath.Pool + ".groups", group), problem));
        }
    }

    private static void CheckStrategies(PoolSettings settings, IReadOnlyCollection<string> strategies, List<SettingsProblem> problems)
    {
        Check(KeyPath.Pool, settings.LoadBalancing);
        foreach (var (name, group) in settings.Groups)
            Check(KeyPath.Of(KeyPath.Pool + ".groups", name), group.LoadBalancing);
        for (var i = 0; i < settings.Routes.Count; i++)
            Check(RoutePath(i), settings.Routes[i].LoadBalancing);

        void Check(string path, string? strategy)
        {
            if (strategy is not null && !strategies.Contains(strategy))
            {
                problems.Add(new(KeyPath.Of(path, "load-balancing"),
                    $"there is no strategy `{strategy}`{Suggestion.End(strategy, strategies)}"
                    + $" Known: {string.Join(", ", strategies.Order(StringComparer.Ordinal))}"));
            }
        }
    }

    private static void CheckTargets(PoolSettings settings, bool serversComplete, List<SettingsProblem> problems)
    {
        var servers = settings.Servers.Select(s => s.Name).Concat(settings.SwitchedOff.Names).ToHashSet();
        var groups = GroupsOf(settings);
        for (var i = 0; i < settings.Routes.Count; i++)
        {
            var route = settings.Routes[i];
            if (route.Group is null == route.Server is null)
            {
                problems.Add(new(RoutePath(i), route.Group is null
                    ? "leads nowhere; write group = NAME or server = NAME"
                    : "leads to a group and to a server; keep one of the two"));
            }

            if (route.Server is { } server && !servers.Contains(server) && (serversComplete || IsMisspelled(server, servers)))
            {
                problems.Add(new(KeyPath.Of(RoutePath(i), "server"),
                    $"there is no server `{server}`{Suggestion.End(server, servers)}{Known(servers)}"));
            }
            if (route.Group is { } group)
                CheckGroup(KeyPath.Of(RoutePath(i), "group"), group, groups, serversComplete, problems);
        }
        CheckGroup(KeyPath.Pool + ".default-route", settings.DefaultRoute, groups, serversComplete, problems);
    }

    /// <summary>The groups that exist: those of the servers, those that have settings, and the default group.</summary>
    internal static HashSet<string> GroupsOf(PoolSettings settings) =>
        settings.Servers.Select(s => s.Group).Concat(settings.Groups.Keys).Concat(settings.SwitchedOff.Groups)
            .Append(ServerSettings.DefaultGroup).ToHashSet();

    /// <summary>
    /// Reports a group that does not exist. While servers are missing, only a name that is nearly one of the known ones is certainly wrong.
    /// </summary>
    internal static void CheckGroup(string path, string group, HashSet<string> groups, bool serversComplete, List<SettingsProblem> problems)
    {
        if (!groups.Contains(group) && (serversComplete || IsMisspelled(group, groups)))
        {
            problems.Add(new(path, $"no server is in a group `{group}`{Suggestion.End(group, groups)}{Known(groups)}"
                + $" For a group whose servers are added later write groups {{ {group} {{ }} }}"));
        }
    }

    private static bool IsMisspelled(string name, HashSet<string> known) => Suggestion.For(name, known).Length > 0;

    private static string Known(HashSet<string> names) =>
        names.Count is 0 or > 20 ? "." : $" Known: {string.Join(", ", names.Order(StringComparer.Ordinal))}.";

    private static void CheckPatterns(PoolSettings settings, List<SettingsProblem> problems)
    {
        for (var i = 0; i < settings.Routes.Count; i++)
        {
            if (!NamePattern.TryParse(settings.Routes[i].Match, out _, out var problem))
                problems.Add(new(KeyPath.Of(RoutePath(i), "match"), problem));
        }

        for (var i = 0; i < settings.IdempotentTools.Count; i++)
        {
            if (!NamePattern.TryParse(settings.IdempotentTools[i], out _, out var problem))
                problems.Add(new(KeyPath.Item(KeyPath.Pool + ".idempotent-tools", i), problem));
        }
    }

    private static void CheckRoutes(PoolSettings settings, List<SettingsProblem> problems)
    {
        for (var i = 0; i < settings.Routes.Count; i++)
        {
            var route = settings.Routes[i];
            if (route.Timeout is { } timeout)
                new Checks(RoutePath(i), problems).Duration("timeout", timeout, Longest);
            if (route.Failover is { } failover)
                CheckFailover(failover, new Checks(RoutePath(i) + ".failover", problems));
            if (ProblemOf(route.Hedge) is { } problem)
                problems.Add(new(KeyPath.Of(RoutePath(i), "hedge"), problem));
        }
    }

    /// <summary>The problem of a hedge; null for a valid one.</summary>
    internal static string? ProblemOf(Hedging? hedge) => hedge switch
    {
        null => null,
        { After: null, Quantile: null } or { After: not null, Quantile: not null } => "must have either a time or a quantile",
        { After: { } after } when after < TimeSpan.FromMilliseconds(1) || after > Longest =>
            "the time must be at least 1ms and at most 24 days",
        { Quantile: { } share } when !(share is > 0 and < 1) => "the quantile must be above 0 % and below 100 %, such as p95",
        _ => null,
    };

    private static void CheckPool(PoolSettings settings, Checks pool)
    {
        pool.Duration("call-timeout", settings.CallTimeout, Longest);
        if (settings.AttemptTimeout is { } attempt)
            pool.Duration("attempt-timeout", attempt, Longest);
        pool.Duration("connect-timeout", settings.ConnectTimeout, Longest);
        pool.Duration("start-timeout", settings.StartTimeout, Longest);
        pool.Duration("discover-timeout", settings.DiscoverTimeout, Longest);
        pool.Range("connect-concurrency", settings.ConnectConcurrency, 1, 10_000);
        pool.Duration("close-timeout", settings.CloseTimeout, LongestStop);
        pool.Duration("drain-timeout", settings.DrainTimeout, LongestStop, zero: true);
        pool.Duration("catalogue-refresh", settings.CatalogueRefresh, Longest);
        pool.Range("max-in-flight", settings.MaxInFlight, 1, 1_000_000);
        pool.Range("max-queue", settings.MaxQueue, 0, 1_000_000);
        pool.Range("max-request-size", settings.MaxRequestSize, 1024, int.MaxValue);
        pool.Range("max-result-size", settings.MaxResultSize, 1024, int.MaxValue);
        pool.Range("max-catalogue-size", settings.MaxCatalogueSize, 1024, int.MaxValue);
        pool.Duration("slow-start", settings.SlowStart, Longest, zero: true);
        if (settings.MaxOpenShare is { } ejectionLimit)
            pool.Share("max-open-share", ejectionLimit);
        if (settings.PanicThreshold is { } panic)
            pool.Share("panic-threshold", panic);
        pool.Duration("ping-interval", settings.Probe.Interval, Longest);
        pool.Share("ping-jitter", settings.Probe.Jitter);
        pool.Duration("ping-timeout", settings.Probe.Timeout, Longest);
        pool.Range("unhealthy-threshold", settings.Probe.UnhealthyThreshold, 1, 1000);
    }

    private static void CheckFailover(FailoverSettings settings, Checks failover)
    {
        failover.Range("max-attempts", settings.MaxAttempts, 1, 100);
        failover.Duration("min-delay", settings.MinDelay, Longest, zero: true);
        failover.Duration("max-delay", settings.MaxDelay, Longest, zero: true);
        failover.Ordered("min-delay", settings.MinDelay, "max-delay", settings.MaxDelay);
    }

    private static void CheckCircuit(CircuitSettings settings, Checks circuit)
    {
        circuit.Range("consecutive-failures", settings.ConsecutiveFailures, 1, 1_000_000);
        circuit.Share("failure-ratio", settings.FailureRatio, zero: false);
        circuit.Range("minimum-calls", settings.MinimumCalls, 1, 1_000_000);
        circuit.Duration("window", settings.Window, Longest);
        circuit.Duration("open-for", settings.OpenFor, Longest);
        circuit.Duration("max-open-for", settings.MaxOpenFor, Longest);
        circuit.Ordered("open-for", settings.OpenFor, "max-open-for", settings.MaxOpenFor);
        circuit.Share("jitter", settings.Jitter);
    }

    private static void CheckReconnect(ReconnectSettings settings, Checks reconnect)
    {
        reconnect.Duration("min-backoff", settings.MinBackoff, Longest);
        reconnect.Duration("max-backoff", settings.MaxBackoff, Longest);
        reconnect.Ordered("min-backoff", settings.MinBackoff, "max-backoff", settings.MaxBackoff);
        reconnect.Between("factor", settings.Factor, 1, 100);
        reconnect.Share("jitter", settings.Jitter);
        reconnect.Duration("reset-after", settings.ResetAfter, Longest, zero: true);
    }

    private static string RoutePath(int index) => KeyPath.Item(KeyPath.Pool + ".routes", index);
}
