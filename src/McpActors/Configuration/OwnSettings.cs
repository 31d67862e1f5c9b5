namespace McpActors.Configuration;

/// <summary>
/// Copies of settings with lists of their own: who gave the settings to the pool may go on to change the lists. The copies are made in the
/// place where settings enter. A null that the annotations rule out stays one.
/// </summary>
internal static class OwnSettings
{
    /// <summary>The same pool, with lists that nobody else has.</summary>
    public static PoolSettings Own(this PoolSettings settings) => settings with
    {
        Servers = settings.Servers is null ? null! : [.. settings.Servers.Select(server => server?.Own()!)],
        Routes = Copy(settings.Routes),
        Groups = Copy(settings.Groups),
        IdempotentTools = Copy(settings.IdempotentTools),
    };

    /// <summary>The same server, with lists that nobody else has.</summary>
    public static ServerSettings Own(this ServerSettings server) => server with
    {
        Args = Copy(server.Args),
        Environment = Copy(server.Environment),
        Headers = Copy(server.Headers),
        FileTexts = Copy(server.FileTexts),
        Remarks = Copy(server.Remarks),
    };

    private static IReadOnlyList<T> Copy<T>(IReadOnlyList<T> list) => list is null ? null! : [.. list];

    private static Dictionary<string, T> Copy<T>(IReadOnlyDictionary<string, T> map) => map switch
    {
        null => null!,
        Dictionary<string, T> known => new Dictionary<string, T>(known, known.Comparer),
        _ => new Dictionary<string, T>(map, StringComparer.Ordinal),
    };
}
