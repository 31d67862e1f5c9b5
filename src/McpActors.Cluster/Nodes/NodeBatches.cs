namespace McpActors.Clustering.Nodes;

/// <summary>
/// Splits the state of servers into messages that fit the smallest frame of Akka.Remote, whatever characters their names and reasons have.
/// Pure.
/// </summary>
internal static class NodeBatches
{
    /// <summary>The most servers in one message.</summary>
    public const int MostServers = 100;

    /// <summary>A little less than the smallest frame without the envelope of a message.</summary>
    private const int MostBytes = 48 * 1024;

    /// <summary>The names of the properties of one server, its states and what separates them.</summary>
    private const int BytesOfOne = 200;

    /// <summary>JSON writes a character as <c>\uXXXX</c> in the worst case.</summary>
    private const int BytesOfCharacter = 6;

    /// <param name="items">Servers or names.</param>
    /// <param name="stateOf">The state that is sent of an item; null: only its name.</param>
    /// <param name="nameOf">The name of an item.</param>
    public static IEnumerable<IReadOnlyList<T>> Split<T>(IEnumerable<T> items, Func<T, string> nameOf, Func<T, ServerNews?> stateOf)
    {
        var (batch, bytes) = (new List<T>(), 0);
        foreach (var item in items)
        {
            var size = SizeOf(nameOf(item), stateOf(item));
            if (batch.Count == MostServers || (batch.Count > 0 && bytes + size > MostBytes))
            {
                yield return batch;
                (batch, bytes) = ([], 0);
            }
            batch.Add(item);
            bytes += size;
        }
        if (batch.Count > 0)
            yield return batch;
    }

    private static int SizeOf(string name, ServerNews? state) =>
        BytesOfOne + (BytesOfCharacter * (name.Length + (state?.Reason?.Length ?? 0) + (state?.HeldBy?.Length ?? 0)));
}
