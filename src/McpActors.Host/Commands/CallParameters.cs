using System.Text.Json;

namespace McpActors.Host.Commands;

/// <summary>The parameters of a call as they are typed: JSON, <c>-</c> for what is piped in, or <c>@file</c>.</summary>
internal static class CallParameters
{
    /// <summary>The parameters; null: none were given.</summary>
    /// <exception cref="CommandException">They cannot be read, or are no JSON object.</exception>
    public static async Task<JsonElement?> ReadAsync(string? typed, TextReader input, CancellationToken cancellation)
    {
        if (typed is null)
            return null;
        var text = typed switch
        {
            // Reading a console cannot be cancelled, so it is left behind.
            "-" => await Task.Run(input.ReadToEnd, cancellation).WaitAsync(cancellation),
            ['@', .. var file] => await ReadFileAsync(file, cancellation),
            _ => typed,
        };
        var source = typed switch { "-" => "the standard input", ['@', .. var file] => file, _ => "the parameters" };
        return Parse(text.TrimStart('\ufeff'), source);
    }

    private static async Task<string> ReadFileAsync(string file, CancellationToken cancellation)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellation);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw Wrong($"{file} cannot be read: {e.Message}");
        }
    }

    private static JsonElement Parse(string text, string source)
    {
        if (string.IsNullOrWhiteSpace(text))
            throw Wrong($"There is no JSON in {source}: it is empty. Leave it out for a call without parameters.");
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return document.RootElement.ValueKind == JsonValueKind.Object
                ? document.RootElement.Clone()
                : throw Wrong($"A JSON object is needed, such as '{{\"name\": \"value\"}}'; in {source} stands {Article(document.RootElement.ValueKind)}.");
        }
        catch (JsonException e)
        {
            var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            var reason = end < 0 ? e.Message : e.Message[..end];
            var position = e.LineNumber is { } line ? $" (line {line + 1}, byte {e.BytePositionInLine + 1})" : "";
            throw Wrong($"No valid JSON in {source}{position}: {reason} A shell wants it in single quotes: '{{\"name\": \"value\"}}'.");
        }
    }

    private static string Article(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Array => "a list",
        JsonValueKind.String => "a string",
        JsonValueKind.Number => "a number",
        _ => "a single word",
    };

    private static CommandException Wrong(string message) => new(nameof(PoolErrorKind.InvalidRequest), message);
}
