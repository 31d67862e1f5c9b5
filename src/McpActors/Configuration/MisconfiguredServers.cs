using McpActors.Configuration.Hocon;
using McpActors.Configuration.Imports;

namespace McpActors.Configuration;

/// <summary>A server whose settings are wrong was asked to connect. The message has all that is wrong, and no secret.</summary>
/// <param name="message">The problem.</param>
internal sealed class MisconfiguredServerException(string message) : Exception(message)
{
    /// <summary>The sentence for the status of a server that lacks a setting or a secret; null for another cause.</summary>
    public static string? Words(Exception cause) =>
        cause is MisconfiguredServerException or SecretUnavailableException ? $"Misconfigured: {cause.Message}" : null;
}

/// <summary>
/// Takes the problems of single servers from those of the pool: such a server stays in the pool, with its name and group, as one that
/// reports its problem and never connects. Pure.
/// </summary>
internal static class MisconfiguredServers
{
    /// <summary>
    /// The settings in which every server that has a problem is such a server. Its problems go from <see cref="Findings.Problems"/> to
    /// <see cref="Findings.OfServers"/>.
    /// </summary>
    public static PoolSettings LeaveOut(PoolSettings settings, Findings findings)
    {
        var servers = new List<ServerSettings>();
        var names = ImportNames.Assign([.. settings.Servers.Select(server => server.Name)], []);
        foreach (var server in settings.Servers.DistinctBy(server => server.Name, StringComparer.Ordinal))
        {
            // A block in the file may have the name that people know an imported server by.
            string[] paths = [.. new[] { server.Name, server.DisplayName }.OfType<string>().Select(KeyPath.OfServer)];
            var wrong = findings.Problems.Where(problem => paths.Any(path => KeyPath.IsAtOrBelow(problem.Path, path))).ToList();
            findings.OfServers.AddRange(wrong);
            findings.Problems.RemoveAll(wrong.Contains);
            servers.Add(wrong.Count == 0 ? server : Misconfigured(server, names[server.Name], paths, wrong));
        }
        return settings with { Servers = servers };
    }

    private static ServerSettings Misconfigured(ServerSettings server, string name, string[] paths, List<SettingsProblem> wrong) => new()
    {
        Name = name,
        DisplayName = server.DisplayName ?? (name == server.Name ? null : server.Name),
        Group = ServerRules.NameProblem(server.Group) is null ? server.Group : ServerSettings.DefaultGroup,
        Uri = server.Uri is { IsAbsoluteUri: true } uri ? uri : null,
        Command = server.Uri is null ? server.Command : null,
        Misconfigured = string.Join("; ", wrong.Select(problem =>
            Words(problem, paths.First(path => KeyPath.IsAtOrBelow(problem.Path, path))))),
    };

    private static string Words(SettingsProblem problem, string path) =>
        problem.Path.Length == path.Length ? problem.Message : $"{problem.Path[path.Length..].TrimStart('.')}: {problem.Message}";
}
