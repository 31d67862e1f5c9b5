using System.Text.Json;
using McpActors.Configuration;

namespace McpActors.Pool;

/// <summary>The steps from the configuration of a running pool to another one. Pure.</summary>
/// <param name="Added">Servers to add.</param>
/// <param name="Replaced">Servers that get other settings.</param>
/// <param name="Rebuilt">Names of servers with the same settings whose connections and circuits depend on a key that changed.</param>
/// <param name="Removed">Names of servers to remove: only the old configuration has them.</param>
/// <param name="Keys">The keys, beside those of servers, whose values differ.</param>
/// <param name="ForConnections">Connections and circuits depend on one of these keys.</param>
/// <param name="After">The settings in force afterwards; their servers are those of the new configuration.</param>
internal sealed record ConfigurationChange(
    IReadOnlyList<ServerSettings> Added,
    IReadOnlyList<ServerSettings> Replaced,
    IReadOnlyList<string> Rebuilt,
    IReadOnlyList<string> Removed,
    IReadOnlyList<string> Keys,
    bool ForConnections,
    PoolSettings After)
{
    /// <summary>Every key of the pool beside its servers, and whether connections and circuits depend on it.</summary>
    private static readonly (string Key, Func<PoolSettings, object?> Value, bool ForConnections)[] Settings =
    [
        ("routes", pool => pool.Routes, false),
        ("groups", pool => pool.Groups, false),
        ("load-balancing", pool => pool.LoadBalancing, false),
        ("default-route", pool => pool.DefaultRoute, false),
        ("failover", pool => pool.Failover, false),
        ("retry-budget", pool => pool.RetryBudget, false),
        ("call-timeout", pool => pool.CallTimeout, false),
        ("attempt-timeout", pool => pool.AttemptTimeout, false),
        ("idempotent-tools", pool => pool.IdempotentTools, false),
        ("max-request-size", pool => pool.MaxRequestSize, false),
        ("slow-start", pool => pool.SlowStart, false),
        ("panic-threshold", pool => pool.PanicThreshold, false),
        ("drain-timeout", pool => pool.DrainTimeout, true),
        ("max-open-share", pool => pool.MaxOpenShare, true),
        ("circuit", pool => pool.Circuit, true),
        ("reconnect", pool => pool.Reconnect, true),
        ("ping-interval", pool => pool.Probe, true),
        ("connect-timeout", pool => pool.ConnectTimeout, true),
        ("start-timeout", pool => pool.StartTimeout, true),
        ("discover-timeout", pool => pool.DiscoverTimeout, true),
        ("connect-concurrency", pool => pool.ConnectConcurrency, true),
        ("close-timeout", pool => pool.CloseTimeout, true),
        ("catalogue-refresh", pool => pool.CatalogueRefresh, true),
        ("max-in-flight", pool => pool.MaxInFlight, true),
        ("max-queue", pool => pool.MaxQueue, true),
        ("max-result-size", pool => pool.MaxResultSize, true),
        ("max-catalogue-size", pool => pool.MaxCatalogueSize, true),
    ];

    public bool IsNothing => Added.Count + Replaced.Count + Rebuilt.Count + Removed.Count + Keys.Count == 0;

    public ConfigurationApplied ToEvent(DateTimeOffset at) =>
        new([.. Added.Select(server => server.Name)], [.. Replaced.Select(server => server.Name), .. Rebuilt], Removed, Keys, at);

    /// <summary>Whether the settings that all nodes share have changed (<see cref="PoolRouting"/>).</summary>
    public bool IsOfRouting => Keys.Intersect(PoolRouting.Keys).Any();

    /// <summary>
    /// What changes is what differs between the file before and now. What the file does not change stays as commands and other nodes have
    /// made it.
    /// </summary>
    /// <param name="before">What the file said before.</param>
    /// <param name="now">What it says now.</param>
    /// <param name="inForce">The settings of the pool; other nodes may have changed them since the file was read.</param>
    /// <param name="running">The servers of the pool; commands and other nodes may have changed them.</param>
    public static ConfigurationChange Between(
        PoolSettings before, PoolSettings now, PoolSettings inForce, IReadOnlyCollection<ServerSettings> running)
    {
        var after = now with
        {
            Routes = AfterOf(pool => pool.Routes),
            Groups = AfterOf(pool => pool.Groups),
            LoadBalancing = AfterOf(pool => pool.LoadBalancing),
            DefaultRoute = AfterOf(pool => pool.DefaultRoute),
        };
        var changed = Settings.Where(setting => !Same(setting.Value(inForce), setting.Value(after))).ToList();
        var forConnections = changed.Exists(setting => setting.ForConnections);
        var byName = running.ToDictionary(server => server.Name, StringComparer.Ordinal);
        var inFile = before.Servers.ToDictionary(server => server.Name, StringComparer.Ordinal);
        var wanted = now.Servers.Select(server => server.Name).ToHashSet(StringComparer.Ordinal);
        var edited = now.Servers.Where(server => !inFile.TryGetValue(server.Name, out var was) || !Same(was, server)).ToList();
        var removed = inFile.Keys.Where(name => !wanted.Contains(name) && byName.ContainsKey(name)).ToList();
        var replaced = edited.Where(server => byName.TryGetValue(server.Name, out var known) && !Same(known, server)).ToList();
        var rebuilt = forConnections
            ? running.Select(server => server.Name).Except(removed).Except(replaced.Select(server => server.Name))
            : [];
        return new(
            [.. edited.Where(server => !byName.ContainsKey(server.Name))],
            replaced,
            [.. rebuilt],
            removed,
            [.. changed.Select(setting => setting.Key)],
            forConnections,
            after);

        T AfterOf<T>(Func<PoolSettings, T> setting) => setting(Same(setting(before), setting(now)) ? inForce : now);
    }

    /// <summary>Whether two settings of one server are the same. Record equality compares lists by reference.</summary>
    public static bool Same(ServerSettings left, ServerSettings right) =>
        left with
        {
            Args = right.Args,
            Environment = right.Environment,
            Headers = right.Headers,
            FileTexts = right.FileTexts,
            Remarks = right.Remarks,
        } == right
        && left.Args.SequenceEqual(right.Args)
        && Same(left.Environment, right.Environment)
        && Same(left.Headers, right.Headers);

    private static bool Same(object? left, object? right) => JsonSerializer.Serialize(left) == JsonSerializer.Serialize(right);

    private static bool Same(IReadOnlyDictionary<string, Secret> left, IReadOnlyDictionary<string, Secret> right) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && other == entry.Value);
}
