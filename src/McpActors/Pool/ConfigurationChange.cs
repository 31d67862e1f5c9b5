using System.Text.Json;
using McpActors.Configuration;

namespace McpActors.Pool;

/// <summary>The steps from the configuration of a running pool to another one. Pure.</summary>
/// <param name="Added">New servers.</param>
/// <param name="Replaced">Servers whose settings changed.</param>
/// <param name="Rebuilt">Names of servers with the same settings whose connections and circuits depend on a key that changed.</param>
/// <param name="Removed">Names of servers that only the old configuration has.</param>
/// <param name="Keys">The keys, beside those of servers, whose values differ.</param>
/// <param name="ForConnections">Connections and circuits depend on one of these keys.</param>
internal sealed record ConfigurationChange(
    IReadOnlyList<ServerSettings> Added,
    IReadOnlyList<ServerSettings> Replaced,
    IReadOnlyList<string> Rebuilt,
    IReadOnlyList<string> Removed,
    IReadOnlyList<string> Keys,
    bool ForConnections)
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
        ("discover-timeout", pool => pool.DiscoverTimeout, true),
        ("connect-concurrency", pool => pool.ConnectConcurrency, true),
        ("close-timeout", pool => pool.CloseTimeout, true),
        ("catalogue-refresh", pool => pool.CatalogueRefresh, true),
        ("max-in-flight", pool => pool.MaxInFlight, true),
        ("max-queue", pool => pool.MaxQueue, true),
        ("max-result-size", pool => pool.MaxResultSize, true),
    ];

    public bool IsNothing => Added.Count + Replaced.Count + Rebuilt.Count + Removed.Count + Keys.Count == 0;

    public ConfigurationApplied ToEvent(DateTimeOffset at) =>
        new([.. Added.Select(server => server.Name)], [.. Replaced.Select(server => server.Name), .. Rebuilt], Removed, Keys, at);

    /// <param name="old">The configuration before.</param>
    /// <param name="now">The new configuration.</param>
    /// <param name="running">The servers of the pool, which commands may have changed since then.</param>
    public static ConfigurationChange Between(PoolSettings old, PoolSettings now, IReadOnlyCollection<ServerSettings> running)
    {
        var changed = Settings.Where(setting => !Same(setting.Value(old), setting.Value(now))).ToList();
        var forConnections = changed.Exists(setting => setting.ForConnections);
        var byName = running.ToDictionary(server => server.Name, StringComparer.Ordinal);
        var wanted = now.Servers.Select(server => server.Name).ToHashSet(StringComparer.Ordinal);
        var removed = old.Servers.Select(server => server.Name).Where(name => !wanted.Contains(name) && byName.ContainsKey(name)).ToList();
        var replaced = now.Servers.Where(server => byName.TryGetValue(server.Name, out var known) && !Same(known, server)).ToList();
        // A server that a command added is not removed by a configuration that does not have it.
        var rebuilt = forConnections
            ? running.Select(server => server.Name).Except(removed).Except(replaced.Select(server => server.Name))
            : [];
        return new(
            [.. now.Servers.Where(server => !byName.ContainsKey(server.Name))],
            replaced,
            [.. rebuilt],
            removed,
            [.. changed.Select(setting => setting.Key)],
            forConnections);
    }

    private static bool Same(object? left, object? right) => JsonSerializer.Serialize(left) == JsonSerializer.Serialize(right);

    // Record equality compares lists by reference.
    private static bool Same(ServerSettings left, ServerSettings right) =>
        left with { Args = right.Args, Environment = right.Environment, Headers = right.Headers } == right
        && left.Args.SequenceEqual(right.Args)
        && Same(left.Environment, right.Environment)
        && Same(left.Headers, right.Headers);

    private static bool Same(IReadOnlyDictionary<string, Secret> left, IReadOnlyDictionary<string, Secret> right) =>
        left.Count == right.Count && left.All(entry => right.TryGetValue(entry.Key, out var other) && other == entry.Value);
}
