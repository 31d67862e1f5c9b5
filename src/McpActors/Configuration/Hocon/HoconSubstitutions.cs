namespace McpActors.Configuration.Hocon;

/// <summary>
/// Puts values in the place of <c>${name}</c>: another key's value, else the environment variable's. <c>${?name}</c> with neither leaves what the
/// key had before; when it had nothing that is a problem, because a secret that came out empty must not pass for one.
/// </summary>
internal sealed class HoconSubstitutions(ObjectNode root, List<SettingsProblem> problems)
{
    private readonly HashSet<PendingNode> _inProgress = [];
    private readonly Dictionary<PendingNode, ConfigNode> _done = [];

    /// <summary>Resolves every substitution of the tree, in place.</summary>
    public void ResolveAll() => ResolveIn(root);

    private void ResolveIn(ConfigNode node)
    {
        if (node is ObjectNode block)
        {
            foreach (var key in block.Items.Keys.ToArray())
            {
                block.Items[key] = Resolve(block.Items[key]);
                ResolveIn(block.Items[key]);
            }
        }
        else if (node is ArrayNode array)
        {
            for (var i = 0; i < array.Items.Count; i++)
            {
                array.Items[i] = Resolve(array.Items[i]);
                ResolveIn(array.Items[i]);
            }
        }
    }

    private ConfigNode Resolve(ConfigNode node)
    {
        if (node is not PendingNode pending)
            return node;
        if (_done.TryGetValue(pending, out var known))
            return known;
        if (!_inProgress.Add(pending))
        {
            problems.Add(new(pending.Path, $"its `${{…}}` leads back to itself{HoconTree.At(pending.Place)}"));
            return new BrokenNode(pending.Place);
        }
        var result = Compute(pending);
        _inProgress.Remove(pending);
        _done[pending] = result;
        return result;
    }

    private ConfigNode Compute(PendingNode pending)
    {
        var previous = pending.Previous is { } before ? Resolve(before) : null;
        var pieces = new List<ConfigNode>();
        foreach (var piece in pending.Pieces)
        {
            if (piece is not SubstitutionNode substitution)
            {
                pieces.Add(piece);
            }
            else if (Find(substitution) is { } found)
            {
                pieces.Add(found);
            }
            else if (substitution.Optional && previous is not null)
            {
                return previous;
            }
            else
            {
                problems.Add(new(pending.Path, Unset(substitution)));
                return new BrokenNode(pending.Place);
            }
        }

        var value = HoconTree.Join(pieces, pending.Path, pending.Place, problems);
        if ((previous, value) is not (ObjectNode, ObjectNode))
            return value;
        var merged = new ObjectNode(pending.Place);
        HoconTree.Merge(merged, (ObjectNode)previous!, pending.Path, null);
        HoconTree.Merge(merged, (ObjectNode)value, pending.Path, null);
        return merged;
    }

    private ConfigNode? Find(SubstitutionNode substitution)
    {
        ConfigNode? found = root;
        foreach (var key in substitution.Name.Split('.'))
        {
            found = (found is null ? null : Resolve(found)) is ObjectNode block ? block.Items.GetValueOrDefault(key.Trim('"')) : null;
            if (found is null)
                break;
        }
        if (found is not null)
            return Resolve(found) is var value && value is BrokenNode ? value : Copy(value);
        return Environment.GetEnvironmentVariable(substitution.Name) is { Length: > 0 } variable ? new TextNode(variable, substitution.Place) : null;
    }

    // A block that stands in two places must not be merged into in both.
    private ConfigNode Copy(ConfigNode node)
    {
        switch (Resolve(node))
        {
            case ObjectNode block:
                var copy = new ObjectNode(block.Place, block.Written);
                foreach (var (key, value) in block.Items)
                    copy.Items[key] = Copy(value);
                return copy;
            case ArrayNode array:
                return new ArrayNode([.. array.Items.Select(Copy)], array.Place);
            case var other:
                return other;
        }
    }

    private static string Unset(SubstitutionNode substitution) =>
        $"`${{{(substitution.Optional ? "?" : "")}{substitution.Name}}}` came out empty:"
        + $" there is no key and no environment variable {substitution.Name} (or it is empty)."
        + " Set it, or name the variable by the setting's own key:"
        + $" token-env = {substitution.Name} for a token, {{ env = {substitution.Name} }} for a header or a variable"
        + HoconTree.At(substitution.Place);
}
