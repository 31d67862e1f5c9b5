using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace McpActors.Host.Api;

/// <summary>Reads a JSON body and says of a bad one what is wrong and where, in the caller's words rather than in those of .NET.</summary>
internal static class RequestBody
{
    /// <summary>The body.</summary>
    /// <exception cref="InvalidBodyException">It is not what is asked for, or larger than the server accepts.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, type, cancellationToken)
                ?? throw new InvalidBodyException("The body is null. A JSON object is needed.");
        }
        catch (JsonException e)
        {
            throw new InvalidBodyException(Explain(e, type), StatusCodes.Status400BadRequest, e);
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new InvalidBodyException("The body is larger than this server accepts (max-request-size).", e.StatusCode, e);
        }
        catch (BadHttpRequestException e)
        {
            throw new InvalidBodyException($"The body cannot be read: {e.Message}", e.StatusCode, e);
        }
    }

    private static string Explain(JsonException e, JsonTypeInfo root)
    {
        var position = $"line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
        if (e is { LineNumber: 0, BytePositionInLine: 0, InnerException: JsonException })
            return "The body is empty. A JSON object is needed.";
        if (e.InnerException is JsonException syntax)
            return $"The body is no valid JSON ({position}): {WithoutPosition(syntax.Message)}";

        var path = (e.Path ?? "$").TrimStart('$').TrimStart('.');
        if (path.Length == 0)
            return MissingField(e, root) ?? $"The body is no JSON object ({position}).";

        var (owner, field) = Find(root, path);
        if (field is null)
            return $"Unknown field '{path}' ({position}). Known here: {string.Join(", ", owner.Properties.Select(p => p.Name))}.";
        if (e.Message.StartsWith("Duplicate property", StringComparison.Ordinal))
            return $"A field is given twice in or at '{path}' ({position}).";

        return $"Field '{path}' must be {Expected(field.PropertyType)} ({position}).";
    }

    /// <summary>The type that the path ends in, and its field there if it has that field.</summary>
    private static (JsonTypeInfo Owner, JsonPropertyInfo? Field) Find(JsonTypeInfo root, string path)
    {
        var owner = root;
        JsonPropertyInfo? field = null;
        foreach (var name in path.Split('.'))
        {
            if (field is not null)
                owner = ApiJson.Strict.Options.GetTypeInfo(field.PropertyType);
            field = owner.Properties.FirstOrDefault(p => p.Name == name);
            if (field is null || field.PropertyType == typeof(JsonElement?))
                break;
        }

        return (owner, field);
    }

    private static string? MissingField(JsonException e, JsonTypeInfo root) =>
        root.Properties.FirstOrDefault(p => p.IsRequired && e.Message.Contains($"'{p.Name}'", StringComparison.Ordinal)) is { } missing
            ? $"Field '{missing.Name}' is missing."
            : null;

    private static string Expected(Type type)
    {
        var plain = Nullable.GetUnderlyingType(type) ?? type;
        return plain == typeof(string) ? "a string"
            : plain == typeof(bool) ? "true or false"
            : plain == typeof(long) ? "a whole number"
            : plain.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(plain))}"
            : "a JSON object";
    }

    private static string WithoutPosition(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}

/// <summary>A request's body is not what is asked for.</summary>
/// <param name="message">What is wrong, and where.</param>
/// <param name="status">The HTTP status that says so.</param>
/// <param name="inner">The cause, if any.</param>
internal sealed class InvalidBodyException(string message, int status = StatusCodes.Status400BadRequest, Exception? inner = null)
    : Exception(message, inner)
{
    public int Status { get; } = status;
}
