using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace McpActors.Configuration.Hocon;

/// <summary>Carries a configuration from Akka's classes into the tree that is read here, and back.</summary>
internal static class AkkaTree
{
    /// <summary>What stands under a path; null when nothing does.</summary>
    public static ConfigNode? Read(Config config, IEnumerable<string> keys, List<SettingsProblem> problems)
    {
        var value = config.Root;
        var path = "";
        foreach (var key in keys)
        {
            path = KeyPath.Of(path, key);
            if (value is null || !value.IsObject() || !value.GetObject().Items.TryGetValue(key, out value))
                return null;
        }
        return value is null ? null : FromValue(value, path, problems, 0);
    }

    /// <summary>The same values as Akka's classes.</summary>
    public static Config ToConfig(ObjectNode root) => new(new HoconRoot(ToValue(root)));

    private static ConfigNode? FromValue(HoconValue value, string path, List<SettingsProblem> problems, int depth)
    {
        // Akka reads `${?NAME}` as a reference to the whole configuration, followed by the word NAME: an empty text, and a circle for whoever walks it.
        if (value.Values.FindIndex(v => v is HoconSubstitution { Path: "" }) is >= 0 and var at)
        {
            var name = value.Values.Skip(at + 1).OfType<HoconLiteral>().FirstOrDefault()?.Value.Trim() ?? "NAME";
            problems.Add(new(path, $"`${{?{name}}}` came out empty: Akka's HOCON does not look up environment variables."
                + $" Name the variable by the setting's own key: token-env = {name} for a token, {{ env = {name} }} for a header or a variable"));
            return new BrokenNode(null);
        }
        if (depth > 32)
        {
            problems.Add(new(path, "is nested too deeply, or refers to itself"));
            return new BrokenNode(null);
        }
        if (value.IsObject())
        {
            var block = new ObjectNode(null);
            foreach (var (key, child) in value.GetObject().Items)
            {
                if (FromValue(child, KeyPath.Of(path, key), problems, depth + 1) is { } node)
                    block.Items[key] = node;
            }

            return block;
        }
        if (value.IsString())
            return value.GetString() is { } text ? new TextNode(text, null) : null;
        if (value.Values.Count == 0)
        {
            problems.Add(new(path, "has no value; an address must stand in double quotes, \"ws://…\", because HOCON takes what follows // for a comment"));
            return new BrokenNode(null);
        }

        // An empty list holds one value without elements.
        var items = value.GetArray().Where(v => v.Values.Count > 0).ToList();
        return new ArrayNode([.. items.Select((v, i) => FromValue(v, KeyPath.Item(path, i), problems, depth + 1) ?? new BrokenNode(null))], null);
    }

    private static HoconValue ToValue(ConfigNode node)
    {
        var value = new HoconValue();
        switch (node)
        {
            case ObjectNode block:
                var items = new HoconObject();
                foreach (var (key, child) in block.Items)
                    items.Items[key] = ToValue(child);
                value.AppendValue(items);
                break;
            case ArrayNode array:
                var list = new HoconArray();
                list.AddRange(array.Items.Select(ToValue));
                value.AppendValue(list);
                break;
            case TextNode text:
                value.AppendValue(new HoconLiteral { Value = text.Text });
                break;
        }
        return value;
    }
}
