using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace McpActors.Configuration;

/// <summary>
/// Removes the secrets of a server as they are now and as they were a few rotations ago: one for all that a server's connections report and
/// log. It knows new secrets before they are used, and old ones while answers to requests with them may still arrive. Thread-safe.
/// </summary>
internal sealed class CurrentRedactor
{
    /// <summary>How many earlier sets of secrets are remembered.</summary>
    public const int Earlier = 4;

    private readonly Lock _changing = new();
    private volatile Redactor[] _redactors = [];

    /// <summary>Knows these secrets from now on, in addition to the last ones before them.</summary>
    public void Use(Redactor redactor)
    {
        lock (_changing)
            _redactors = [redactor, .. _redactors.Where(earlier => !earlier.IsSame(redactor)).Take(Earlier)];
    }

    /// <inheritdoc cref="Redactor.Redact(string?)"/>
    [return: NotNullIfNotNull(nameof(text))]
    public string? Redact(string? text)
    {
        foreach (var redactor in _redactors)
            text = redactor.Redact(text);
        return text;
    }

    /// <inheritdoc cref="Redactor.Redact(JsonElement)"/>
    public JsonElement Redact(JsonElement json)
    {
        foreach (var redactor in _redactors)
            json = redactor.Redact(json);
        return json;
    }
}
