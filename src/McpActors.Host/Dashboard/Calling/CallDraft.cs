using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Host.Presentation;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>A call as a person puts it together on a page.</summary>
public sealed class CallDraft
{
    private const string OfGroup = "group ";
    private const string OfServer = "server ";

    private ToolInfo? _tool;

    /// <summary>Where it may run: empty for the route of the tool, else the value of a group or server.</summary>
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

    /// <summary>What the tool asks for.</summary>
    public IReadOnlyList<FormField> Fields { get; private set; } = [];

    /// <summary>What was entered.</summary>
    public FormValues Values { get; private set; } = new();

    /// <summary>Whether the arguments are written as JSON.</summary>
    public bool Raw { get; private set; }

    /// <summary>The arguments as JSON.</summary>
    public string RawText { get; set; } = "";

    /// <summary>What is wrong with what was entered, by the path of the field; the JSON's own under an empty path.</summary>
    public IReadOnlyDictionary<string, string> Problems { get; private set; } = Nothing;

    /// <summary>How long the call may take, in seconds; empty for the pool's default.</summary>
    public string Timeout { get; set; } = "";

    /// <summary>Calls with the same key go to the same server under <c>consistent-hash</c>; empty for none.</summary>
    public string AffinityKey { get; set; } = "";

    /// <summary>Whether the caller vouches that running it twice does no harm.</summary>
    public bool Idempotent { get; set; }

    /// <summary>The group it is for; null for none.</summary>
    public string? Group => Target.StartsWith(OfGroup, StringComparison.Ordinal) ? Target[OfGroup.Length..] : null;

    /// <summary>The one server it is for; null for none.</summary>
    public string? Server => Target.StartsWith(OfServer, StringComparison.Ordinal) ? Target[OfServer.Length..] : null;

    private static IReadOnlyDictionary<string, string> Nothing { get; } = new Dictionary<string, string>();

    /// <summary>The target that means a group.</summary>
    public static string TargetOfGroup(string name) => OfGroup + name;

    /// <summary>The target that means one server.</summary>
    public static string TargetOfServer(string name) => OfServer + name;

    /// <summary>Goes over to JSON with what is in the fields, as far as it can be written.</summary>
    public void WriteJson()
    {
        RawText = FormValues.Write(Values.Draft(Fields));
        (Raw, Problems) = (true, Nothing);
    }

    /// <summary>Goes back to the fields with what is in the JSON; stays when that is no JSON object.</summary>
    public void FillFields()
    {
        if (ReadRaw() is not { } arguments)
            return;
        Values.Load(Fields, arguments);
        (Raw, Problems) = (false, Nothing);
    }

    /// <summary>The arguments; null when something is wrong, and <see cref="Problems"/> then says what.</summary>
    public JsonElement? Arguments()
    {
        if (Raw)
            return ReadRaw() is { } written ? JsonSerializer.SerializeToElement(written) : null;

        (var arguments, Problems) = Values.Build(Fields);
        return arguments is null ? null : JsonSerializer.SerializeToElement(arguments);
    }

    /// <summary>The options of the call; null when the time-out is none, and <see cref="Problems"/> then says so.</summary>
    public CallOptions? Options(CallMode mode)
    {
        TimeSpan? timeout = null;
        if (Timeout.Trim() is { Length: > 0 } text)
        {
            if (!double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) || seconds is not (> 0 and <= 86_400))
            {
                Problems = new Dictionary<string, string>(Problems) { ["timeout"] = "A number of seconds is needed, at most 86400." };
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
                // Duplicate names show only when they are read.
                _ = arguments.Count;
                return arguments;
            }

            Problems = new Dictionary<string, string> { [""] = "The arguments are a JSON object: { … }." };
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
