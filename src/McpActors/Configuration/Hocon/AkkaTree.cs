using Akka.Configuration;
using Akka.Configuration.Hocon;

namespace McpActors.Configuration.Hocon;

/// <summary>Converts a configuration between Akka's classes and the tree that the readers take.</summary>
internal static class AkkaTree
{
    /// <summary>The value of a path; null when there is none.</summary>
    public static ConfigNode? Read(Config config, IEnumerable<string> keys, List<SettingsProblem> problems)
    {
        FindEmptySubstitutions(config.Root, "", problems);
        var value = config.Root;
        var path = "";
        foreach (var key in keys)
        {
            path = KeyPath.Of(path, key);
            if (value is null || !value.IsObject() || !value.GetObject().Items.TryGetValue(key, out value))
                return null;
        }
        return value is null ? null : FromValue(value, path, problems, new(ReferenceEqualityComparer.Instance));
    }

    /// <summary>The same values as Akka's classes.</summary>
    public static Config ToConfig(ObjectNode root) => new(new HoconRoot(ToValue(root)));

    // Akka's classes may form a circle, which their own methods would follow until the stack overflows; `above` holds the values that lead
    // here.
    private static ConfigNode? FromValue(HoconValue value, string path, List<SettingsProblem> problems, HashSet<HoconValue> above)
    {
        var entered = new List<HoconValue>();
        try
        {
            while (true)
            {
                if (!above.Add(value))
                {
                    problems.Add(new(path, "refers to itself"));
                    return new BrokenNode(null);
                }
                entered.Add(value);
                if (EmptySubstitution(value) is not null)
                    return new BrokenNode(null);
                if (value.Values is not [HoconSubstitution { ResolvedValue: { } referred }])
                    return FromOwn(value, path, problems, above);
                value = referred;
            }
        }
        finally
        {
            above.ExceptWith(entered);
        }
    }

    private static ConfigNode? FromOwn(HoconValue value, string path, List<SettingsProblem> problems, HashSet<HoconValue> above)
    {
        if (value.Values.Count == 0)
        {
            problems.Add(new(path,
                "has no value; an address must be in double quotes, \"ws://…\", because HOCON reads what follows // as a comment"));
            return new BrokenNode(null);
        }
        if (value.IsObject())
        {
            var block = new ObjectNode(null);
            foreach (var (key, child) in value.GetObject().Items)
            {
                if (FromValue(child, KeyPath.Of(path, key), problems, above) is { } node)
                    block.Items[key] = node;
            }
            return block;
        }
        if (value.IsString())
            return value.GetString() is { } text ? new TextNode(text, null) : null;

        // An empty list holds one value without elements.
        var items = value.GetArray().Where(v => v.Values.Count > 0);
        return new ArrayNode([.. items.Select((v, i) => FromValue(v, KeyPath.Item(path, i), problems, above) ?? new BrokenNode(null))],
            null);
    }

    // The whole tree is searched: a key that follows an empty substitution anywhere in the file has lost its place.
    private static void FindEmptySubstitutions(HoconValue? value, string path, List<SettingsProblem> problems)
    {
        if (value is null)
            return;
        if (EmptySubstitution(value) is { } name)
        {
            problems.Add(new(path,
                $"`${{?{name}}}` is not set, and the keys after it are lost: Akka's parser reads its `}}` as the end of the block."
                // Akka has no keys of that kind.
                + (KeyPath.IsAtOrBelow(path, "akka") ? " Set it," : $" Name the variable by the setting's own key (token-env = {name} for a"
                    + $" token, {{ env = {name} }} for a header or a variable),")
                + " or read the file with PoolConfiguration.ReadFile"));
            return;
        }
        foreach (var (key, child) in value.Values.OfType<HoconObject>().SelectMany(o => o.Items))
            FindEmptySubstitutions(child, KeyPath.Of(path, key), problems);
        foreach (var (child, index) in value.Values.OfType<HoconArray>().SelectMany(a => a).Select((child, index) => (child, index)))
            FindEmptySubstitutions(child, KeyPath.Item(path, index), problems);
    }

    // Akka reads `${?NAME}` as a reference to the whole configuration, followed by the word NAME.
    private static string? EmptySubstitution(HoconValue value)
    {
        var at = value.Values.FindIndex(v => v is HoconSubstitution { Path: "" });
        return at < 0 ? null : value.Values.Skip(at + 1).OfType<HoconLiteral>().FirstOrDefault()?.Value.Trim() ?? "NAME";
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
            case NullNode:
                value.AppendValue(new HoconLiteral { Value = null });
                break;
        }
        return value;
    }
}
