using System.Text;
using System.Text.Json;
using McpActors.Host.Presentation;

namespace McpActors.Host.Commands;

/// <summary>Reads the parameters of a call as they are typed: JSON, <c>-</c> for the standard input, or <c>@file</c>.</summary>
internal static class CallParameters
{
    private const int MostCharacters = 64 * 1024 * 1024;
    private const string Example = """'{"name": "value"}'""";

    /// <summary>The parameters; null: none were given.</summary>
    /// <exception cref="CommandException">They cannot be read, or are not a JSON object.</exception>
    public static async Task<JsonElement?> ReadAsync(string? typed, TextReader input, CancellationToken cancellation)
    {
        if (typed is null)
            return null;
        var text = typed switch
        {
            "-" => await ReadAsync(() => input, "the standard input", cancellation),
            ['@', .. var file] => await ReadAsync(() => new StreamReader(file), file, cancellation),
            _ => typed,
        };
        var source = typed switch { "-" => "the standard input", ['@', .. var file] => file, _ => "the parameters" };
        return Parse(text.TrimStart('\ufeff'), source);
    }

    private static async Task<string> ReadAsync(Func<TextReader> open, string source, CancellationToken cancellation)
    {
        try
        {
            // Reading a console or a pipe cannot be cancelled, so the read is abandoned.
            return await Task.Run(() => ReadAll(open), cancellation).WaitAsync(cancellation)
                ?? throw Wrong($"Cannot read {source}: it is longer than {MostCharacters / 1024 / 1024} MiB.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Wrong($"Cannot read {source}: {e.Message}");
        }
    }

    // Null for a text that is too long, such as that of a device without an end.
    private static string? ReadAll(Func<TextReader> open)
    {
        using var reader = open();
        var (text, buffer) = (new StringBuilder(), new char[64 * 1024]);
        while (reader.Read(buffer, 0, buffer.Length) is > 0 and var read)
        {
            if (text.Append(buffer, 0, read).Length > MostCharacters)
                return null;
        }
        return text.ToString();
    }

    private static JsonElement Parse(string text, string source)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw Wrong($"The JSON in {source} is empty. For a call without parameters, leave it out.");
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw Wrong($"Expected a JSON object in {source}, such as {Example}, but found {Name(document.RootElement.ValueKind)}.");
        }
        catch (JsonException e)
        {
            var position = e.LineNumber is null ? "" : $" ({e.Position()})";
            throw Wrong($"The JSON in {source} is not valid{position}: {e.Reason()} In a shell, put it in single quotes: {Example}.");
        }
    }

    private static string Name(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => "a single value",
    };

    private static CommandException Wrong(string message) => new(nameof(PoolErrorKind.InvalidRequest), message);
}
