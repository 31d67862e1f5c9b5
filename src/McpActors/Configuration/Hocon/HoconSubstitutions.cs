namespace McpActors.Configuration.Hocon;

/// <summary>
/// Replaces each <c>${name}</c> by the value of another key, else of the environment variable. A <c>${name}</c> in the value of its own key
/// means the value that the key had before. An unset <c>${?name}</c> leaves nothing in a text or list; a value that has nothing else leaves
/// what the key had before, and is a problem when that is nothing, because a missing secret must not pass for an empty one.
/// </summary>
internal sealed class HoconSubstitutions(ObjectNode root, List<SettingsProblem> problems)
{
    private const int MaxChain = 200;
    private const int MaxNodes = 1_000_000;
    private const int MaxCharacters = 16 * 1024 * 1024;

    private readonly HashSet<PendingNode> _inProgress = [];
    private readonly HashSet<PendingNode> _open = [];
    private readonly Dictionary<PendingNode, ConfigNode> _done = [];
    private int _chain;
    private int _nodes;
    private int _characters;

    /// <summary>Resolves every substitution of the tree, in place.</summary>
    /// <returns>False when they multiply beyond all bounds.</returns>
    public bool ResolveAll()
    {
        ResolveIn(root);
        return _nodes <= MaxNodes && _characters <= MaxCharacters;
    }

    private void ResolveIn(ConfigNode node)
    {
        if (!Count(node))
            return;
        if (node is ObjectNode block)
        {
            foreach (var key in block.Items.Keys.ToArray())
                block.Items[key] = ResolveWhole(block.Items[key]);
        }
        else if (node is ArrayNode array)
        {
            for (var i = 0; i < array.Items.Count; i++)
                array.Items[i] = ResolveWhole(array.Items[i]);
            array.Items.RemoveAll(item => item is AbsentNode);
        }
    }

    // A value and everything in it. A substitution inside its own result would go on for ever.
    private ConfigNode ResolveWhole(ConfigNode node)
    {
        if (node is not PendingNode pending)
        {
            ResolveIn(node);
            return node;
        }
        if (!_open.Add(pending))
            return LeadsBack(pending);
        var value = Resolve(pending);
        ResolveIn(value);
        _open.Remove(pending);
        return value;
    }

    private ConfigNode Resolve(ConfigNode node)
    {
        if (node is not PendingNode pending)
            return node;
        if (_done.TryGetValue(pending, out var known))
            return known;
        if (_inProgress.Contains(pending))
            return LeadsBack(pending);
        if (_chain == MaxChain)
            return Broken(pending, $"its `${{…}}` leads through more than {MaxChain} others");

        // The oldest `+=` or `x = ${x} …` of a key first and without recursion: a file may have many of them.
        var appended = new Stack<PendingNode>();
        ConfigNode? at = pending;
        while (at is PendingNode next && !_done.ContainsKey(next) && _inProgress.Add(next))
        {
            appended.Push(next);
            at = next.FollowsPrevious ? next.Previous : null;
        }
        _chain++;
        while (appended.TryPop(out var next))
        {
            _done[next] = Compute(next);
            _inProgress.Remove(next);
        }
        _chain--;
        return _done[pending];
    }

    private ConfigNode Compute(PendingNode pending)
    {
        var pieces = new List<ConfigNode>();
        SubstitutionNode? unset = null;
        foreach (var piece in pending.Pieces)
        {
            if (piece is SubstitutionNode substitution)
            {
                if (Find(substitution, out var isCircle) is { } found)
                    pieces.Add(found);
                else if (substitution.Optional)
                    unset = substitution;
                else
                    return isCircle ? LeadsBack(pending) : Broken(pending, Unset(substitution, pending), substitution.Place);
            }
            else if (piece is not PreviousNode)
            {
                pieces.Add(piece);
            }
            else if (pending.Previous is { } appendedTo && Resolve(appendedTo) is var before and not NullNode)
            {
                pieces.Add(before);
            }
        }

        if (pieces.TrueForAll(piece => piece is BlankNode))
        {
            return pending.Previous is { } kept ? Resolve(kept)
                : pending.IsInList ? new AbsentNode(pending.Place)
                : Broken(pending, Unset(unset!, pending), unset!.Place);
        }
        var value = HoconTree.Join(pieces, pending.Path, pending.Place, problems);
        if (pieces.Count > 1 && !CountJoined(value))
            return new BrokenNode(pending.Place);
        if (value is not ObjectNode block || pending.Previous is not { } earlier || Resolve(earlier) is not ObjectNode under)
            return value;
        if (Copy(under) is not ObjectNode merged)
            return new BrokenNode(pending.Place);
        HoconTree.Merge(merged, block, pending.Path, null);
        return merged;
    }

    // In an included file a name is first looked up below the key that the file is included under.
    private ConfigNode? Find(SubstitutionNode substitution, out bool isCircle)
    {
        isCircle = false;
        if (_nodes > MaxNodes)
            return new BrokenNode(substitution.Place);
        var found = substitution.Root.Count > 0 ? Find([.. substitution.Root, .. substitution.Keys], ref isCircle) : null;
        found ??= Find(substitution.Keys, ref isCircle);
        return found is not null ? Copy(found)
            : Environment.GetEnvironmentVariable(substitution.Name) is { Length: > 0 } variable ? new TextNode(variable, substitution.Place)
            : null;
    }

    private ConfigNode? Find(IReadOnlyList<string> keys, ref bool isCircle)
    {
        ConfigNode? found = root;
        foreach (var key in keys)
        {
            found = found is ObjectNode block ? block.Items.GetValueOrDefault(key) : null;

            // A value that is being computed refers to itself here, which means what its key had before.
            while (found is PendingNode pending && _inProgress.Contains(pending))
            {
                isCircle = true;
                found = pending.Previous;
            }
            if (found is null)
                return null;
            found = Resolve(found);
        }
        return found;
    }

    // A block in two places must not be merged into in both. Substitutions in it have the same value in every place.
    private ConfigNode Copy(ConfigNode node)
    {
        if (!Count(node))
            return new BrokenNode(node.Place);
        switch (node)
        {
            case ObjectNode block:
                var copy = new ObjectNode(block.Place, block.Written);
                foreach (var (key, value) in block.Items)
                    copy.Items[key] = Copy(value);
                return copy;
            case ArrayNode array:
                return new ArrayNode([.. array.Items.Select(Copy)], array.Place);
            default:
                return node;
        }
    }

    private bool Count(ConfigNode node, int count = 1)
    {
        var before = _nodes;
        _nodes = (int)Math.Min(MaxNodes + 1L, (long)before + count);
        if (before <= MaxNodes && _nodes > MaxNodes)
            Excess(node, $"more than {MaxNodes} values");
        return _nodes <= MaxNodes;
    }

    // Each join copies the entries or characters of its pieces.
    private bool CountJoined(ConfigNode value)
    {
        if (value is ArrayNode list)
            return Count(value, list.Items.Count);
        if (value is not TextNode text)
            return true;
        var before = _characters;
        _characters = (int)Math.Min(MaxCharacters + 1L, (long)before + text.Text.Length);
        if (before <= MaxCharacters && _characters > MaxCharacters)
            Excess(value, $"texts of more than {MaxCharacters} characters");
        return _characters <= MaxCharacters;
    }

    private void Excess(ConfigNode node, string result) => problems.Add(new(node.Place?.Source ?? KeyPath.Top,
        $"its `${{…}}` and `+=` multiply to {result}{HoconTree.At(node.Place)}"));

    private BrokenNode LeadsBack(PendingNode pending) => Broken(pending, "its `${…}` leads back to itself");

    private BrokenNode Broken(PendingNode pending, string message, Place? place = null)
    {
        problems.Add(new(pending.Path, message + HoconTree.At(place ?? pending.Place)));
        return new BrokenNode(pending.Place);
    }

    private static string Unset(SubstitutionNode substitution, PendingNode pending) =>
        $"`${{{(substitution.Optional ? "?" : "")}{substitution.Name}}}` is not set:"
        + $" there is no key and no environment variable {substitution.Name} (or it is empty). Set it"
        // Akka has no keys of that kind.
        + (KeyPath.IsAtOrBelow(pending.Path, "akka") ? "" : ", or name the variable by the setting's own key:"
            + $" token-env = {substitution.Name} for a token, {{ env = {substitution.Name} }} for a header or a variable");
}
