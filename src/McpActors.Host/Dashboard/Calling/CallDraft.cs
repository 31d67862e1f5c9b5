using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Host.Presentation;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>A call that a person is composing on a page.</summary>
public sealed class CallDraft
{
    private const string OfGroup = "group ";
    private const string OfServer = "server ";

    // A choice of the tool's schema may be deeper than what the pool sends; the pool says so.
    private static readonly JsonSerializerOptions Deep = new() { MaxDepth = JsonDepth.Most };

    private ToolInfo? _tool;

    /// <summary>Where it may run: empty for the route of the tool, else the target of a group or server.</summary>
    public string Target { get; set; } = "";

    /// <summary>The tool.</summary>
    public ToolInfo? Tool
    {
        get => _tool;
        set
        {
            if (value?.Name != _tool?.Name)
                (Values, Raw, RawText, Problems) = (new FormValues(), false, "", Nothing);
            _tool = value;
            Fields = value is null ? [] : ToolSchema.Fields(value.InputSchema);
        }
    }

    /// <summary>The fields of the tool's arguments.</summary>
    public IReadOnlyList<FormField> Fields { get; private set; } = [];

    /// <summary>The entered values.</summary>
    public FormValues Values { get; private set; } = new();

    /// <summary>Whether the arguments are written as JSON.</summary>
    public bool Raw { get; private set; }

    /// <summary>The arguments as JSON.</summary>
    public string RawText { get; set; } = "";

    /// <summary>The problems of the entered values by the path of the field; those of the JSON under an empty path.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; private set; } = Nothing;

    /// <summary>The time limit in seconds; empty for the default of the pool.</summary>
    public string Timeout { get; set; } = "";

    /// <summary>Calls with the same key go to the same server under <c>consistent-hash</c>; empty for none.</summary>
    public string AffinityKey { get; set; } = "";

    /// <summary>Whether the caller declares that the call is safe to repeat.</summary>
    public bool Idempotent { get; set; }

    /// <summary>The chosen group; null for none.</summary>
    public string? Group => Target.StartsWith(OfGroup, StringComparison.Ordinal) ? Target[OfGroup.Length..] : null;

    /// <summary>The chosen server; null for none.</summary>
    public string? Server => Target.StartsWith(OfServer, StringComparison.Ordinal) ? Target[OfServer.Length..] : null;

    private static IReadOnlyDictionary<string, string> Nothing { get; } = new Dictionary<string, string>();

    /// <summary>The target for a group.</summary>
    public static string TargetOfGroup(string name) => OfGroup + name;

    /// <summary>The target for one server.</summary>
    public static string TargetOfServer(string name) => OfServer + name;

    /// <summary>Switches to JSON, with the valid values of the fields.</summary>
    public void WriteJson()
    {
        RawText = FormValues.Write(Values.Draft(Fields));
        (Raw, Problems) = (true, Nothing);
    }

    /// <summary>Switches to the fields, with the values of the JSON; stays if that is not a JSON object.</summary>
    public void FillFields()
    {
        if (ReadRaw() is not { } arguments)
            return;
        Values.Load(Fields, arguments);
        (Raw, Problems) = (false, Nothing);
    }

    /// <summary>The arguments; null if there are <see cref="Problems"/>.</summary>
    public JsonElement? Arguments()
    {
        if (Raw)
            return ReadRaw() is { } written ? JsonSerializer.SerializeToElement(written, Deep) : null;

        (var arguments, Problems) = Values.Build(Fields);
        return arguments is null ? null : JsonSerializer.SerializeToElement(arguments, Deep);
    }

    /// <summary>The options of the call; null if the time limit is not valid, which <see cref="Problems"/> then reports.</summary>
    public CallOptions? Options(CallMode mode)
    {
        TimeSpan? timeout = null;
        if (Timeout.Trim() is { Length: > 0 } text)
        {
            var isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds);
            if (!isNumber || seconds is not (> 0 and <= 86_400))
            {
                Problems = new Dictionary<string, string>(Problems) { ["timeout"] = "Enter a number of seconds, at most 86400." };
                return null;
            }

            timeout = TimeSpan.FromSeconds(seconds);
        }

        return new CallOptions
        {
            Server = Server,
            Group = Group,
            Mode = mode,
            Timeout = timeout,
            AffinityKey = AffinityKey.Trim() is { Length: > 0 } key ? key : null,
            Idempotent = Idempotent ? true : null,
        };
    }

    private JsonObject? ReadRaw()
    {
        Problems = Nothing;
        try
        {
            if (RawText.Trim().Length == 0)
                return [];
            if (JsonNode.Parse(RawText) is JsonObject arguments)
            {
                // Duplicate names are detected only when the object is read.
                _ = arguments.Count;
                return arguments;
            }

            Problems = new Dictionary<string, string> { [""] = "Enter a JSON object: { … }." };
        }
        catch (JsonException e)
        {
            Problems = new Dictionary<string, string> { [""] = $"This is not valid JSON ({e.Position()})." };
        }
        catch (ArgumentException e)
        {
            Problems = new Dictionary<string, string> { [""] = e.Message };
        }

        return null;
    }
}
