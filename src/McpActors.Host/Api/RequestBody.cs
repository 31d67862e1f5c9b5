using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using McpActors.Host.Api.Contract;
using McpActors.Host.Presentation;

namespace McpActors.Host.Api;

/// <summary>Reads a JSON body. The error for an invalid one names the field and the position, without the terms of .NET.</summary>
internal static class RequestBody
{
    /// <summary>A call to execute or explain.</summary>
    /// <exception cref="InvalidBodyException">It is not valid, or larger than the server accepts.</exception>
    public static async Task<ExecuteRequest> ReadCallAsync(HttpContext context)
    {
        var request = await ReadAsync(context.Request, ApiJson.Strict.ExecuteRequest, context.RequestAborted);
        return request.Options?.Problem() is { } problem ? throw new InvalidBodyException(problem) : request;
    }

    /// <summary>The body.</summary>
    /// <exception cref="InvalidBodyException">It is not valid, or larger than the server accepts.</exception>
    public static async Task<T> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        try
        {
            return await JsonSerializer.DeserializeAsync(request.Body, type, cancellationToken)
                ?? throw new InvalidBodyException("The body is null; expected a JSON object.");
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
        catch (InvalidOperationException e) when (e.Source == "Microsoft.AspNetCore.Server.Kestrel.Core")
        {
            // Kestrel has no exception for a trailer of a chunked body that it cannot decode.
            throw new InvalidBodyException(
                "The body cannot be read: a trailer after it is not text in UTF-8.", StatusCodes.Status400BadRequest, e);
        }
        catch (IOException e)
        {
            // A chunk whose size is no number, or the client is gone.
            throw new InvalidBodyException($"The body cannot be read: {e.Message}", StatusCodes.Status400BadRequest, e);
        }
    }

    private static string Explain(JsonException e, JsonTypeInfo root)
    {
        var position = e.Position();
        if (e is { LineNumber: 0, BytePositionInLine: 0, InnerException: JsonException })
            return "The body is empty; expected a JSON object.";
        if (e.InnerException is JsonException syntax)
            return $"The body is not valid JSON ({position}): {syntax.Reason()}";

        var path = (e.Path ?? "$").TrimStart('$').TrimStart('.');
        if (path.Length == 0)
            return MissingField(e, root) ?? $"The body is not a JSON object ({position}).";

        var (owner, field) = Find(root, path);
        if (field is null)
            return $"Unknown field '{path}' ({position}). Known fields: {string.Join(", ", owner.Properties.Select(p => p.Name))}.";
        if (e.Message.StartsWith("Duplicate property", StringComparison.Ordinal))
            return $"A field occurs twice in or at '{path}' ({position}).";

        return $"Field '{path}' must be {Expected(field.PropertyType)} ({position}).";
    }

    /// <summary>The type at the end of the path, and its field of that name, if it has one.</summary>
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
            : plain == typeof(int) ? $"a whole number in digits, such as 1000, and at most {int.MaxValue}"
            : plain == typeof(long) ? "a whole number in digits, such as 1000"
            : plain == typeof(double) ? "a number"
            : plain.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(plain))}"
            : "a JSON object";
    }
}

/// <summary>The body of a request is not valid.</summary>
/// <param name="message">The problem, and where it is.</param>
/// <param name="status">The HTTP status of the answer.</param>
/// <param name="inner">The cause, if any.</param>
internal sealed class InvalidBodyException(string message, int status = StatusCodes.Status400BadRequest, Exception? inner = null)
    : Exception(message, inner)
{
    public int Status { get; } = status;
}
