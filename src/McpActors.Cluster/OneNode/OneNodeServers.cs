using System.Collections.Immutable;
using McpActors.Configuration;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// The servers with one connection in the cluster that the pool of this node has, each under the id of its entity. An entity that runs on
/// this node takes its settings from here, never from a message. Thread-safe.
/// </summary>
internal sealed class OneNodeServers
{
    private readonly record struct Entry(ServerSettings Settings, int Count);

    private ImmutableDictionary<string, Entry> _entries = ImmutableDictionary.Create<string, Entry>(StringComparer.Ordinal);

    /// <summary>The settings of a server; null when the pool of this node does not have them.</summary>
    public ServerSettings? Find(string entity) => _entries.TryGetValue(entity, out var entry) ? entry.Settings : null;

    /// <summary>The pool has a server. A server that is built again is there twice until the earlier one is gone.</summary>
    public void Add(string entity, ServerSettings settings) => ImmutableInterlocked.AddOrUpdate(
        ref _entries, entity, _ => new Entry(settings, 1), (_, entry) => new Entry(settings, entry.Count + 1));

    /// <summary>The pool no longer has the server.</summary>
    public void Remove(string entity) => ImmutableInterlocked.Update(
        ref _entries,
        entries => !entries.TryGetValue(entity, out var entry) ? entries
            : entry.Count == 1 ? entries.Remove(entity)
            : entries.SetItem(entity, entry with { Count = entry.Count - 1 }));
}
