using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace McpActors.Configuration;

/// <summary>
/// Removes a server's secrets from texts that come from the server: a program may print its own key before it dies, and a server may repeat
/// a token that it refuses. Secrets are found as they are, in JSON, in URLs and in base64. Values shorter than eight characters stay: they
/// are words such as <c>info</c> rather than secrets. Immutable, safe for any thread.
/// </summary>
internal sealed partial class Redactor
{
    private const string Mask = "***";

    private static readonly JsonWriterOptions Relaxed =
        new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, MaxDepth = JsonDepth.Most };

    private static readonly JsonReaderOptions Deep = new() { MaxDepth = JsonDepth.Most };

    // Longest first: a secret may contain another one.
    private readonly string[] _forms;
    private readonly string[] _sureForms;

    private Redactor(IReadOnlyCollection<HiddenValue> values) => (_forms, _sureForms) =
        (Forms(values), Forms(values.Where(value => value.IsSure)));

    /// <summary>Removes nothing.</summary>
    public static Redactor None { get; } = new([]);

    /// <summary>Removes the secrets of a server, as they are now.</summary>
    public static Redactor For(ServerSettings server) => new([.. HiddenValue.Of(server)]);

    /// <summary>Whether it removes the same secrets.</summary>
    public bool IsSame(Redactor other) => _forms.SequenceEqual(other._forms) && _sureForms.SequenceEqual(other._sureForms);

    /// <summary>The text, which only people read, without secrets and whatever else may be one.</summary>
    [return: NotNullIfNotNull(nameof(text))]
    public string? Redact(string? text) => Redact(text, _forms);

    /// <summary>
    /// The JSON, which programs read, without secrets in its strings and names; the same instance if it has none. A value that may be an
    /// ordinary word stays: the name of a tool may contain it.
    /// </summary>
    public JsonElement Redact(JsonElement json)
    {
        if (_sureForms.Length == 0)
            return json;
        var text = json.GetRawText();
        // A server can write any character of a secret as an escape.
        if (!text.Contains("\\u", StringComparison.OrdinalIgnoreCase) && !Array.Exists(_sureForms, form => text.Contains(form)))
            return json;
        var buffer = new ArrayBufferWriter<byte>(text.Length);
        using (var writer = new Utf8JsonWriter(buffer, Relaxed))
        {
            if (!TryWrite(json, writer))
                return json;
        }
        var reader = new Utf8JsonReader(buffer.WrittenSpan, Deep);
        return JsonElement.ParseValue(ref reader);
    }

    [return: NotNullIfNotNull(nameof(text))]
    private static string? Redact(string? text, string[] forms)
    {
        foreach (var form in forms)
            text = text?.Replace(form, Mask, StringComparison.Ordinal);
        return text;
    }

    /// <summary>Writes the JSON without secrets, a name that occurs twice too; true when something was removed.</summary>
    private bool TryWrite(JsonElement json, Utf8JsonWriter writer)
    {
        var isChanged = false;
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in json.EnumerateObject())
                {
                    var name = NameOf(member);
                    var shownName = Redact(name, _sureForms);
                    writer.WritePropertyName(shownName);
                    isChanged |= shownName != name;
                    isChanged |= TryWrite(member.Value, writer);
                }
                writer.WriteEndObject();
                return isChanged;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                    isChanged |= TryWrite(item, writer);
                writer.WriteEndArray();
                return isChanged;
            case JsonValueKind.String:
                // What cannot be read, because it holds half a surrogate pair, cannot be searched either.
                var text = TryRead(json);
                var shown = text is null ? Mask : Redact(text, _sureForms);
                writer.WriteStringValue(shown);
                return shown != text;
            case JsonValueKind.Number when Redact(json.GetRawText(), _sureForms) != json.GetRawText():
                writer.WriteStringValue(Mask);
                return true;
            default:
                writer.WriteRawValue(json.GetRawText());
                return false;
        }
    }

    private static string? TryRead(JsonElement text)
    {
        try
        {
            return text.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static string NameOf(JsonProperty member)
    {
        try
        {
            return member.Name;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return "\uFFFD";
        }
    }

    private static string[] Forms(IEnumerable<HiddenValue> values) =>
    [
        .. values.Select(value => value.Text).Distinct().SelectMany(FormsOf)
            .Where(form => form.Length >= HiddenValue.Shortest).Distinct().OrderByDescending(form => form.Length),
    ];

    private static IEnumerable<string> FormsOf(string value)
    {
        yield return value;
        yield return JsonEncodedText.Encode(value).ToString();
        yield return JsonEncodedText.Encode(value, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).ToString();
        var url = Uri.EscapeDataString(value);
        yield return url;
        yield return HexDigits().Replace(url, digits => digits.Value.ToLowerInvariant());
        yield return url.Replace("%20", "+", StringComparison.Ordinal);
        var bytes = Encoding.UTF8.GetBytes(value);
        for (var before = 0; before < 3; before++)
        {
            // Within a longer text the value begins at any of three positions, and shares its first and last characters with others.
            var shared = before == 0 ? 0 : before + 1;
            var text = Convert.ToBase64String([.. new byte[before], .. bytes])[shared..((before + bytes.Length) * 8 / 6)];
            yield return text;
            yield return text.Replace('+', '-').Replace('/', '_');
        }
    }

    [GeneratedRegex("%[0-9A-F]{2}")]
    private static partial Regex HexDigits();
}
