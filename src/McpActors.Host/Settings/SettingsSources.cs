using System.Collections;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;

namespace McpActors.Host.Settings;

/// <summary>
/// The sources of a worker's settings beside its HOCON file, which wins over them: environment variables <c>MCP_ACTORS__…</c>, and below
/// them the section <c>McpActors</c> of <c>appsettings.json</c>. No other key of ASP.NET's configuration reaches the worker's settings.
/// </summary>
/// <param name="Variables">The environment.</param>
/// <param name="Folder">The folder of <c>appsettings.json</c>.</param>
internal sealed record SettingsSources(IReadOnlyDictionary<string, string> Variables, string Folder)
{
    public const string Prefix = "MCP_ACTORS__";

    private const string SectionName = "McpActors";
    private const string FileName = "appsettings.json";

    /// <summary>The environment of this process, and the file beside the program.</summary>
    public static SettingsSources OfProcess() => new(
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
            .ToDictionary(variable => (string)variable.Key, variable => (string?)variable.Value ?? ""),
        AppContext.BaseDirectory);

    /// <summary>A variable of the environment; null when it is not set.</summary>
    public string? Variable(string name) => Variables.GetValueOrDefault(name);

    /// <summary>The block <c>mcp-actors</c> in each source that has one, the one that wins first.</summary>
    public IEnumerable<ObjectNode> Read(Findings findings)
    {
        if (ReadVariables(findings) is { } variables)
            yield return variables;
        if (ReadFile(findings) is { } file)
            yield return file;
    }

    private ObjectNode? ReadVariables(Findings findings)
    {
        var given = Variables.Where(variable => variable.Key.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase)).ToList();
        if (given.Count == 0)
            return null;
        var values = new Dictionary<string, string?>();
        foreach (var same in given.GroupBy(variable => PathOf(variable.Key), StringComparer.OrdinalIgnoreCase))
        {
            string[] names = [.. same.Select(variable => variable.Key).Order(StringComparer.Ordinal)];
            if (names.Length > 1)
            {
                findings.Problems.Add(new(names[0],
                    $"is set twice: {string.Join(" and ", names)}; case does not count in the name, so keep one of them"));
            }
            values[same.Key] = same.First().Value;
        }
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(values).Build();
        return ConfigurationTree.Read(configuration, PlaceOf, findings.Problems);

        static string PathOf(string variable) => variable[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal);

        Place PlaceOf(string path) =>
            given.FirstOrDefault(variable => PathOf(variable.Key).Equals(path, StringComparison.OrdinalIgnoreCase)).Key is { } name
            ? new Place($"environment variable {name}")
            : new Place($"environment variables {Prefix}{path.Replace(":", "__", StringComparison.Ordinal)}…");
    }

    private ObjectNode? ReadFile(Findings findings)
    {
        var path = Path.Combine(Folder, FileName);
        try
        {
            var section = new ConfigurationBuilder().AddJsonFile(path, optional: true).Build().GetSection(SectionName);
            if (!section.Exists())
                return null;
            findings.Files.Add(path);
            return ConfigurationTree.Read(section, key => new Place(FileName, Key: key), findings.Problems);
        }
        catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or FormatException)
        {
            findings.Problems.Add(new(path, $"the file cannot be read: {(e.InnerException ?? e).Message}"));
            return null;
        }
    }
}
