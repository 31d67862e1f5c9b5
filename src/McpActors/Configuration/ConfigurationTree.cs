using McpActors.Configuration.Hocon;
using Microsoft.Extensions.Configuration;

namespace McpActors.Configuration;

/// <summary>Turns an <c>IConfiguration</c> into the tree that the readers take.</summary>
internal static class ConfigurationTree
{
    /// <summary>The tree of a section, whose keys may be in any spelling.</summary>
    /// <param name="configuration">The section.</param>
    /// <param name="placeOf">The place of a key, from its path in the configuration.</param>
    /// <param name="problems">Where problems go.</param>
    public static ObjectNode Read(IConfiguration configuration, Func<string, Place> placeOf, List<SettingsProblem> problems)
    {
        var path = (configuration as IConfigurationSection)?.Path ?? "";
        if (configuration is IConfigurationSection { Value.Length: > 0 })
            problems.Add(new(path, $"has a value of its own; it must be a block, {{ … }}{HoconTree.At(placeOf(path))}"));
        return Block(configuration.GetChildren(), placeOf(path));

        ObjectNode Block(IEnumerable<IConfigurationSection> children, Place place)
        {
            var block = new ObjectNode(place) { AnySpelling = true };
            foreach (var child in children)
                block.Items[child.Key] = Node(child);
            return block;
        }

        ConfigNode Node(IConfigurationSection section)
        {
            var place = placeOf(section.Path);
            var children = section.GetChildren().ToList();
            if (children.Count == 0)
                return section.Value is { Length: > 0 } text ? new TextNode(text, place) : new EmptyNode(section.Value is null, place);
            if (section.Value is { Length: > 0 })
            {
                problems.Add(new(section.Path,
                    "has a value of its own beside its keys, perhaps from another source (a file, an environment variable);"
                    + $" remove the value or the keys{HoconTree.At(place)}"));
            }
            return Block(children, place);
        }
    }
}
