using McpActors.Configuration.Hocon;
using McpActors.Configuration.Imports;

namespace McpActors.Configuration;

/// <summary>The results of reading a configuration beside its settings: the problems, and where each key is written.</summary>
internal sealed class Findings
{
    /// <summary>All problems, in the order they were found.</summary>
    public List<SettingsProblem> Problems { get; } = [];

    /// <summary>Whether a server that is wrong is left out, or is a problem of the whole.</summary>
    public bool LeavesOutServers { get; init; }

    /// <summary>The problems of the servers that are left out.</summary>
    public List<SettingsProblem> OfServers { get; } = [];

    /// <summary>All problems, those of servers too.</summary>
    public IReadOnlyList<SettingsProblem> All => [.. OfServers, .. Problems];

    /// <summary>What a person should know although nothing is wrong, such as a key that has no effect.</summary>
    public List<SettingsProblem> Notes { get; } = [];

    /// <summary>Where each key that was read is written, by its path.</summary>
    public Dictionary<string, Place> Places { get; } = [];

    /// <summary>The paths of all keys that a reader asked for.</summary>
    public HashSet<string> Asked { get; } = [];

    /// <summary>Every file that was read or could not be read.</summary>
    public HashSet<string> Files { get; } = [];

    /// <summary>The file of each imported server, by the server's name.</summary>
    public Dictionary<string, string> Imported { get; } = [];

    /// <summary>What the placeholders of imported files may still multiply to.</summary>
    public ExpansionBudget Expansion { get; } = new();

    /// <summary>The names of imported servers that are switched off.</summary>
    public HashSet<string> SwitchedOff { get; } = [];

    /// <summary>The groups that blocks of the file give to servers that are switched off.</summary>
    public HashSet<string> GroupsSwitchedOff { get; } = [];

    /// <summary>
    /// True when a part of the configuration that names servers could not be read, so that an unknown name may be a consequence of that.
    /// </summary>
    public bool ServersIncomplete { get; set; }

    /// <summary>Adds a problem, with the place to its message.</summary>
    public void Add(string path, string message, Place? place) => Problems.Add(new(path, message + HoconTree.At(place)));

    /// <summary>
    /// Adds the problems that a validator found, each with its place. A problem at a key that has one already is left out: it follows from
    /// the first.
    /// </summary>
    public void AddConsequences(IEnumerable<SettingsProblem> found)
    {
        var known = Problems.ToList();
        foreach (var problem in found.Where(problem => !known.Exists(k => KeyPath.Related(k.Path, problem.Path))))
            Add(problem.Path, problem.Message, PlaceOf(problem.Path));
    }

    /// <summary>Gives the keys of a block their places under the other path that the block has.</summary>
    public void AddPlaces(string path, string other)
    {
        if (path == other)
            return;
        foreach (var (key, place) in Places.Where(known => KeyPath.IsAtOrBelow(known.Key, path) && known.Key != path).ToList())
            Places[other + key[path.Length..]] = place;
    }

    /// <summary>Where the key, or the nearest block around it, is written; null when that is not known.</summary>
    public Place? PlaceOf(string path) => Nearest(path).Place;

    /// <summary>
    /// The path as the source of the configuration spells it: <c>McpPool:Servers:files:uri</c> for an <c>IConfiguration</c>.
    /// </summary>
    public string Spelled(string path) => Nearest(path) is not ({ Key: { } key }, { } known)
        ? path
        : (key + path[known.Length..].Replace('.', ':').Replace('[', ':').Replace("]", "", StringComparison.Ordinal)
            .Replace("\"", "", StringComparison.Ordinal))
            .TrimStart(':');

    private (Place? Place, string Path) Nearest(string path)
    {
        while (true)
        {
            if (Places.TryGetValue(path, out var place))
                return (place, path);
            var end = path.LastIndexOfAny(['.', '[']);
            if (end < 0)
                return (null, path);
            path = path[..end];
        }
    }
}
