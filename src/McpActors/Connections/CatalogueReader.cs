using System.Collections.Frozen;
using System.Text.Json;
using McpActors.Configuration;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Connections;

/// <summary>
/// Reads what the server of one connection offers, and subscribes to changes of it. Each list is read on its own: the last good one stays
/// in place of one that cannot be read. One reading at a time.
/// </summary>
/// <param name="client">The SDK's client.</param>
/// <param name="ids">The ids of requests.</param>
/// <param name="isModern">From 2026-07-28 on a server reports changes only to those that subscribe, and the headers of a call repeat some
/// arguments, which the SDK knows from the definition of the tool.</param>
/// <param name="redactor">Removes the server's secrets from what it says of itself.</param>
/// <param name="time">The clock for time limits.</param>
internal sealed class CatalogueReader(McpClient client, RequestIds ids, bool isModern, CurrentRedactor redactor, TimeProvider time)
{
    private const int MostTemplates = 1000;

    /// <summary>The tools are known without the other lists when those take longer than this.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(1);

    private readonly CatalogueRemarks _remarks = new();
    private readonly HashSet<string> _served = new(StringComparer.Ordinal);
    private Task _subscription = Task.CompletedTask;
    private bool _hasNoSubscriptions;
    private bool _hasAskedForTools;
    private FrozenSet<string> _registered = FrozenSet<string>.Empty;

    // The SDK throws when the handshake had none.
    private ServerCapabilities? Offered { get; } = Connection.Said(() => client.ServerCapabilities);

    /// <summary>Reads the catalogue. Never fails: what could not be read is in the reading.</summary>
    public async Task<CatalogueReading> ReadAsync(WantedCatalogue wanted)
    {
        // Subscribing first leaves almost no gap in which a change is missed.
        Subscribe();
        var reading = new Reading(this, redactor, wanted, new ListReader(client, ids, redactor, time, wanted.OnAnswer));
        var declaresTools = Offered?.Tools is not null || _served.Contains(CatalogueList.Tools.Method);
        if (declaresTools)
            await reading.ReadToolsAsync().ConfigureAwait(false);
        var others = reading.ReadOthersAsync();
        if (declaresTools && await Task.WhenAny(others, Task.Delay(Moment, time)).ConfigureAwait(false) != others)
            reading.PublishTools();
        await others.ConfigureAwait(false);
        if (!declaresTools)
            await reading.TryToolsAsync().ConfigureAwait(false);
        return reading.Result;
    }

    /// <summary>One reading.</summary>
    private sealed class Reading(CatalogueReader reader, CurrentRedactor redactor, WantedCatalogue wanted, ListReader lists)
    {
        private readonly CatalogueBudget _budget = new(wanted.Limit);
        private readonly List<ListFailure> _failures = [];
        private ServerCatalogue? _known = wanted.Known;
        private FrozenDictionary<string, CatalogueTool>? _tools = wanted.Known?.Tools;
        private FrozenDictionary<string, JsonElement>? _resources = wanted.Known?.Resources;
        private FrozenDictionary<string, JsonElement>? _templates = wanted.Known?.Templates;
        private FrozenDictionary<string, JsonElement>? _prompts = wanted.Known?.Prompts;

        private ServerCatalogue? Catalogue => ServerCatalogue.Of(_tools, _resources, _templates, _prompts, _known);

        public CatalogueReading Result
        {
            get
            {
                var catalogue = Catalogue;
                return new CatalogueReading(catalogue, _failures, reader._remarks.All(redactor))
                {
                    HasChanged = !ReferenceEquals(catalogue, wanted.Known),
                };
            }
        }

        public async Task ReadToolsAsync()
        {
            _tools = await ReadAsync(CatalogueList.Tools, isOffered: true, _tools, SameTool, reader.ToTools).ConfigureAwait(false);
            if (reader.Offered?.Tools is null && _tools is { } tools)
                reader._remarks.Undeclared(CatalogueList.Tools, tools.Count);
        }

        public async Task ReadOthersAsync()
        {
            var (resources, prompts) = (reader.Offered?.Resources is not null, reader.Offered?.Prompts is not null);
            _resources = await ReadAsync(CatalogueList.Resources, resources, _resources, Same, ToEntries).ConfigureAwait(false);
            _templates = await ReadAsync(CatalogueList.Templates, resources, _templates, Same, reader.ToTemplates).ConfigureAwait(false);
            _prompts = await ReadAsync(CatalogueList.Prompts, prompts, _prompts, Same, ToEntries).ConfigureAwait(false);
        }

        /// <summary>Some servers have tools and do not declare them: once they are asked for them all the same.</summary>
        public async Task TryToolsAsync()
        {
            if (reader._hasAskedForTools)
                return;
            var found = new Dictionary<string, JsonElement>();
            var taken = _budget.Taken;
            try
            {
                var read = await lists.ReadAsync(CatalogueList.Tools, _budget, wanted.TimeToTry).ConfigureAwait(false);
                reader._remarks.Read(CatalogueList.Tools, read);
                found = read.Entries;
            }
            catch (Exception e) when (_tools is { Count: > 0 } && FailureClassifier.CodeOf(e) is null)
            {
                // It had tools on an earlier connection, and has not said that they are gone.
                _budget.Taken = taken;
                reader._remarks.Failed(CatalogueList.Tools, e, isKept: true);
                _failures.Add(new ListFailure(CatalogueList.Tools.Method, e, WasServed: false));
                return;
            }
            catch (Exception)
            {
                // It has none, as it says.
                _budget.Taken = taken;
            }
            reader._hasAskedForTools = true;
            if (found.Count > 0)
                reader._served.Add(CatalogueList.Tools.Method);
            reader._remarks.Undeclared(CatalogueList.Tools, found.Count);
            _tools = Unchanged(_tools, reader.ToTools(found), SameTool);
        }

        public void PublishTools() => wanted.Publish(_known = Catalogue);

        private async Task<FrozenDictionary<string, T>?> ReadAsync<T>(
            CatalogueList list,
            bool isOffered,
            FrozenDictionary<string, T>? last,
            Func<T, T, bool> same,
            Func<Dictionary<string, JsonElement>, FrozenDictionary<string, T>> freeze)
        {
            if (!isOffered)
                return Unchanged(last, FrozenDictionary<string, T>.Empty, same);
            if (wanted.Only?.Contains(list.Method) == false)
                return last;
            var taken = _budget.Taken;
            try
            {
                var read = await lists.ReadAsync(list, _budget, wanted.Timeout).ConfigureAwait(false);
                reader._remarks.Read(list, read);
                reader._served.Add(list.Method);
                return Unchanged(last, freeze(read.Entries), same);
            }
            catch (Exception e) when (FailureClassifier.CodeOf(e) == (int)McpErrorCode.MethodNotFound)
            {
                reader._remarks.Unknown(list);
                return Unchanged(last, FrozenDictionary<string, T>.Empty, same);
            }
            catch (Exception e)
            {
                _budget.Taken = taken;
                reader._remarks.Failed(list, e, last is not null);
                _failures.Add(new ListFailure(list.Method, e, reader._served.Contains(list.Method)));
                return last;
            }
        }
    }

    // Comparing here keeps the work off the actor, which is on the way of calls.
    private static FrozenDictionary<string, T> Unchanged<T>(
        FrozenDictionary<string, T>? last, FrozenDictionary<string, T> next, Func<T, T, bool> same) =>
        last is not null
        && last.Count == next.Count
        && last.All(entry => next.TryGetValue(entry.Key, out var value) && same(entry.Value, value))
            ? last
            : next;

    private FrozenDictionary<string, CatalogueTool> ToTools(Dictionary<string, JsonElement> entries)
    {
        List<string> refused = [];
        if (isModern)
            refused.AddRange(entries.Where(entry => !TryRegister(entry.Value)).Select(entry => entry.Key));
        var tools = entries
            .Where(entry => !refused.Contains(entry.Key))
            .ToFrozenDictionary(
                entry => entry.Key,
                entry => new CatalogueTool(InputSchema.Mend(entry.Value), IsRepeatable(entry.Value)),
                StringComparer.Ordinal);
        if (isModern)
        {
            client.RemoveKnownTools(_registered.Where(name => !tools.ContainsKey(name)));
            _registered = tools.Keys.ToFrozenSet(StringComparer.Ordinal);
            _remarks.LeftOut(CatalogueList.Tools, refused, "x-mcp-header is not valid");
        }
        return tools;
    }

    private static FrozenDictionary<string, JsonElement> ToEntries(Dictionary<string, JsonElement> entries) =>
        entries.ToFrozenDictionary(StringComparer.Ordinal);

    // A URI is compared with each template, and one of which no pattern can be made matches no URI.
    private FrozenDictionary<string, JsonElement> ToTemplates(Dictionary<string, JsonElement> entries)
    {
        _remarks.LeftOut(
            CatalogueList.Templates, [.. entries.Keys.Where(template => !UriTemplate.IsUsable(template))], "no pattern can be made of it");
        return entries.Where(entry => UriTemplate.IsUsable(entry.Key)).Take(MostTemplates).ToFrozenDictionary(StringComparer.Ordinal);
    }

    // The specification requires that tools whose header annotations are not valid are left out.
    private bool TryRegister(JsonElement definition)
    {
        if (Read(definition) is not { } tool)
            return true;
        try
        {
            client.AddKnownTools([tool]);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    // The SDK sends no headers for a tool that it cannot read; the server decides whether it accepts that.
    private static Tool? Read(JsonElement definition)
    {
        try
        {
            return definition.Deserialize<Tool>(McpJsonUtilities.DefaultOptions);
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException or NotSupportedException)
        {
            return null;
        }
    }

    // Defaults of MCP's ToolAnnotations: readOnlyHint false, idempotentHint false.
    private static bool IsRepeatable(JsonElement tool) =>
        tool.TryGetProperty("annotations"u8, out var hints)
        && hints.ValueKind == JsonValueKind.Object
        && (IsTrue(hints, "readOnlyHint"u8) || IsTrue(hints, "idempotentHint"u8));

    private static bool IsTrue(JsonElement hints, ReadOnlySpan<byte> name) =>
        hints.TryGetProperty(name, out var hint) && hint.ValueKind == JsonValueKind.True;

    private static bool Same(JsonElement left, JsonElement right) => JsonElement.DeepEquals(left, right);

    private static bool SameTool(CatalogueTool left, CatalogueTool right) => Same(left.Definition, right.Definition);

    // The subscription is a request that stays open; the SDK has no method for it.
    private void Subscribe()
    {
        var offers = Offered;
        var wanted = new SubscriptionsListenNotifications
        {
            ToolsListChanged = offers?.Tools?.ListChanged,
            PromptsListChanged = offers?.Prompts?.ListChanged,
            ResourcesListChanged = offers?.Resources?.ListChanged,
        };
        var isAny = wanted is { ToolsListChanged: true } or { PromptsListChanged: true } or { ResourcesListChanged: true };
        if (isAny && isModern && !_hasNoSubscriptions && _subscription.IsCompleted)
            _subscription = SubscribeAsync(wanted);
    }

    private async Task SubscribeAsync(SubscriptionsListenNotifications wanted)
    {
        try
        {
            var parameters = JsonSerializer.SerializeToNode(
                new SubscriptionsListenRequestParams { Notifications = wanted }, McpJsonUtilities.DefaultOptions);
            // It ends with the client.
            await ids.AskAsync(client, RequestMethods.SubscriptionsListen, parameters, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (FailureClassifier.CodeOf(e) is not null)
        {
            // The server does not support it.
            _hasNoSubscriptions = true;
        }
        catch (Exception)
        {
            // A stream that ended is opened again with the next reading; the end of the connection is noticed elsewhere.
        }
    }
}
