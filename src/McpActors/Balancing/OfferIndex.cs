using System.Collections.Frozen;
using McpActors.Connections;
using ModelContextProtocol.Protocol;

namespace McpActors.Balancing;

/// <summary>
/// Counts what the catalogues of some servers list. A call that names something that none of them lists then costs no look at each server,
/// whatever callers make up. Not thread-safe.
/// </summary>
internal sealed class OfferIndex
{
    private readonly Dictionary<Offer, int> _listed = [];
    private int _withTemplates;

    /// <summary>Whether a catalogue lists it, or may have it by a template of a URI.</summary>
    public bool MayHave(Offer offer) => _listed.ContainsKey(offer) || (!offer.IsAlwaysListed && _withTemplates > 0);

    /// <summary>Replaces one server's catalogue; null: none.</summary>
    public void Replace(ServerCatalogue? before, ServerCatalogue? after)
    {
        if (ReferenceEquals(before, after))
            return;
        _withTemplates += WithTemplates(after) - WithTemplates(before);
        Replace(RequestMethods.ToolsCall, before?.Tools, after?.Tools);
        Replace(RequestMethods.PromptsGet, before?.Prompts, after?.Prompts);
        Replace(RequestMethods.ResourcesRead, before?.Resources, after?.Resources);
    }

    private static int WithTemplates(ServerCatalogue? catalogue) => catalogue?.Templates is { Count: > 0 } ? 1 : 0;

    // A reading of a catalogue keeps the lists that have not changed.
    private void Replace<T>(string method, FrozenDictionary<string, T>? before, FrozenDictionary<string, T>? after)
    {
        if (ReferenceEquals(before, after))
            return;
        // In this order nothing that both list is forgotten meanwhile.
        Count(method, after, 1);
        Count(method, before, -1);
    }

    private void Count<T>(string method, FrozenDictionary<string, T>? list, int change)
    {
        if (list is null)
            return;
        foreach (var name in list.Keys)
        {
            var offer = new Offer(method, name);
            var count = _listed.GetValueOrDefault(offer) + change;
            if (count > 0)
                _listed[offer] = count;
            else
                _listed.Remove(offer);
        }
    }
}
