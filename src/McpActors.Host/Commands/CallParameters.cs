using System.Text.Json;
using McpActors.Host.Presentation;

namespace McpActors.Host.Commands;

/// <summary>Reads the parameters of a call as they are typed: JSON, <c>-</c> for the standard input, or <c>@file</c>.</summary>
internal static class CallParameters
{
    private const string Example = """'{"name": "value"}'""";

    /// <summary>The parameters; null: none were given.</summary>
    /// <exception cref="CommandException">They cannot be read, or are not a JSON object.</exception>
    public static async Task<JsonElement?> ReadAsync(string? typed, TextReader input, CancellationToken cancellation)
    {
        if (typed is null)
            return null;
        var text = typed switch
        {
            // Reading a console cannot be cancelled, so the read is abandoned.
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
            throw Wrong($"Cannot read {file}: {e.Message}");
        }
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
