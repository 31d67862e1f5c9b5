namespace McpActors.Configuration;

/// <summary>
/// Removes a server's secrets from texts that come from the server: a program may print its own key before it dies, and a server may repeat
/// a token that it refuses. Values shorter than eight characters stay: they are words such as <c>info</c> rather than secrets. Immutable,
/// safe for any thread.
/// </summary>
internal sealed class Redactor
{
    private const int ShortestSecret = 8;

    private readonly string[] _values;

    private Redactor(string[] values) => _values = values;

    /// <summary>Removes nothing.</summary>
    public static Redactor None { get; } = new([]);

    /// <summary>Removes the secrets of a server, as they are now.</summary>
    public static Redactor For(ServerSettings server) => new(
    [
        .. server.Headers.Values.Concat(server.Environment.Values).Append(server.Token).OfType<Secret>()
            .Select(ValueOf).OfType<string>().Where(value => value.Length >= ShortestSecret).Distinct()
            .OrderByDescending(value => value.Length),
    ]);

    public string Redact(string text)
    {
        foreach (var value in _values)
            text = text.Replace(value, "***", StringComparison.Ordinal);
        return text;
    }

    private static string? ValueOf(Secret secret)
    {
        try
        {
            return secret.Resolve();
        }
        catch (SecretUnavailableException)
        {
            return null;
        }
    }
}
