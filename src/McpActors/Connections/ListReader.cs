using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using McpActors.Transports;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// Reads one list of a server, all pages, as the server writes its entries. A list ends at its last page; one that has no end ends at a
/// cursor that the server has sent before, after some pages without a new entry, or after very many. A list beyond the budget fails.
/// </summary>
/// <param name="client">The SDK's client.</param>
/// <param name="ids">The ids of requests.</param>
/// <param name="redactor">Removes the server's secrets from the entries.</param>
/// <param name="time">The clock for the time limit.</param>
/// <param name="onAnswer">Called with each answer of the server; null: not.</param>
internal sealed class ListReader(
    McpClient client, RequestIds ids, CurrentRedactor redactor, TimeProvider time, Action? onAnswer = null)
{
    /// <summary>Longer names and URIs of entries are no names; a pattern is built from some of them.</summary>
    private const int LongestName = 4096;

    /// <summary>A list that brings nothing new on so many pages has no end.</summary>
    private const int MostPagesWithoutNews = 10;

    /// <summary>A list of more pages has no end.</summary>
    private const int MostPages = 500;

    /// <summary>Reads a list.</summary>
    /// <param name="list">The list.</param>
    /// <param name="budget">The room for it; what it takes is taken from this.</param>
    /// <param name="timeout">The time for all its pages.</param>
    /// <exception cref="Exception">A page could not be read, or the budget is used up.</exception>
    public async Task<ListReading> ReadAsync(CatalogueList list, CatalogueBudget budget, TimeSpan timeout)
    {
        using var timer = new CancellationTokenSource(timeout, time);
        try
        {
            return await ReadPagesAsync(list, budget, timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (timer.IsCancellationRequested)
        {
            throw new TimeoutException($"the list was not read within {timeout.TotalSeconds:0.#} s", e);
        }
    }

    private async Task<ListReading> ReadPagesAsync(CatalogueList list, CatalogueBudget budget, CancellationToken cancellation)
    {
        var entries = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        var cursors = new HashSet<string>(StringComparer.Ordinal);
        var (nameless, pagesWithoutNews) = (0, 0);
        JsonNode? cursor = null;
        while (true)
        {
            var before = entries.Count;
            var page = await ReadPageAsync(list, cursor, cancellation).ConfigureAwait(false);
            budget.TakePage(JsonText.SizeOf(page));
            foreach (var entry in EntriesOf(list, page).Select(redactor.Redact))
            {
                if (NameOf(list, entry) is not { } name)
                {
                    nameless++;
                    continue;
                }
                budget.TakeEntry();
                entries.TryAdd(name, entry);
            }
            cursor = CursorAfter(page);
            pagesWithoutNews = entries.Count > before ? 0 : pagesWithoutNews + 1;
            var cut = cursor is null ? null
                : !cursors.Add(cursor.ToJsonString()) ? "the server sent the same nextCursor again"
                : pagesWithoutNews == MostPagesWithoutNews ? $"{MostPagesWithoutNews} pages in a row had no new entry"
                : cursors.Count == MostPages ? $"it has more than {MostPages} pages"
                : null;
            if (cursor is null || cut is not null)
                return new ListReading(entries, nameless, cut);
        }
    }

    private async Task<JsonElement> ReadPageAsync(CatalogueList list, JsonNode? cursor, CancellationToken cancellation)
    {
        var parameters = cursor is null ? [] : new JsonObject { ["cursor"] = cursor };
        var response = await ids.AskAsync(client, list.Method, parameters, cancellation).ConfigureAwait(false);
        onAnswer?.Invoke();
        return JsonSerializer.SerializeToElement(response.Result, McpJson.Options);
    }

    // Some languages write an empty list as null.
    private static JsonElement.ArrayEnumerator EntriesOf(CatalogueList list, JsonElement page) =>
        page.ValueKind == JsonValueKind.Object
        && page.TryGetProperty(list.Property, out var entries)
        && entries.ValueKind is JsonValueKind.Array or JsonValueKind.Null
            ? entries.ValueKind == JsonValueKind.Null ? default : entries.EnumerateArray()
            : throw new JsonException($"the answer has no array {list.Property}");

    // An entry without a usable name cannot be asked for; the others can.
    private static string? NameOf(CatalogueList list, JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object
        && entry.TryGetProperty(list.Key, out var name)
        && name.ValueKind == JsonValueKind.String
        && JsonText.Read(name) is { Length: > 0 and <= LongestName } text
            ? text
            : null;

    // Some servers count pages, and some write an empty cursor after the last page.
    private static JsonValue? CursorAfter(JsonElement page) => !page.TryGetProperty("nextCursor"u8, out var cursor) ? null
        : cursor.ValueKind == JsonValueKind.Number ? JsonValue.Create(cursor)
        : cursor.ValueKind == JsonValueKind.String && JsonText.Read(cursor) is { Length: > 0 } text ? JsonValue.Create(text)
        : null;
}

/// <summary>What the reading of one list brought.</summary>
/// <param name="Entries">The entries by name. If the server lists a name twice, the first entry wins.</param>
/// <param name="Nameless">How many entries have no usable name.</param>
/// <param name="Cut">Why the reading ended before the list did; null: it was read to its end.</param>
internal sealed record ListReading(Dictionary<string, JsonElement> Entries, int Nameless, string? Cut);

/// <summary>One list of a catalogue.</summary>
/// <param name="Method">The method that reads it.</param>
/// <param name="Property">The member of an answer that holds the entries.</param>
/// <param name="Key">The member of an entry that names it.</param>
internal sealed record CatalogueList(string Method, string Property, string Key)
{
    /// <summary>All lists, the most important first.</summary>
    public static IReadOnlyList<CatalogueList> All => [Tools, Resources, Templates, Prompts];

    public static CatalogueList Tools { get; } = new(RequestMethods.ToolsList, "tools", "name");

    public static CatalogueList Resources { get; } = new(RequestMethods.ResourcesList, "resources", "uri");

    public static CatalogueList Templates { get; } = new(RequestMethods.ResourcesTemplatesList, "resourceTemplates", "uriTemplate");

    public static CatalogueList Prompts { get; } = new(RequestMethods.PromptsList, "prompts", "name");
}

/// <summary>The room that one catalogue may take: bytes of JSON, with a fixed charge for each page and entry beside its text.</summary>
/// <param name="limit">The room, in bytes (<c>max-catalogue-size</c>).</param>
internal sealed class CatalogueBudget(long limit)
{
    /// <summary>The memory that an entry takes beside its text, so that empty pages and tiny entries end as well.</summary>
    private const int Charge = 256;

    /// <summary>The room that is taken; set back when a list fails.</summary>
    public long Taken { get; set; }

    /// <summary>Takes room for a page.</summary>
    /// <exception cref="InvalidDataException">There is no room left.</exception>
    public void TakePage(long size) => Take(Charge + size);

    /// <summary>Takes room for an entry beside its text.</summary>
    /// <exception cref="InvalidDataException">There is no room left.</exception>
    public void TakeEntry() => Take(Charge);

    private void Take(long size)
    {
        Taken += size;
        if (Taken > limit)
            throw new InvalidDataException($"the catalogue takes more than {limit} bytes (max-catalogue-size)");
    }
}
