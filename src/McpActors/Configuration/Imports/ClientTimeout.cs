using System.Globalization;
using System.Text.Json;

namespace McpActors.Configuration.Imports;

/// <summary>
/// Reads a time limit in the unit of the client that wrote it. Some clients mean seconds, others milliseconds, by the same key under the
/// same top: the key's name decides, then the keys that only one kind of client writes, then the size of the number. Pure.
/// </summary>
internal static class ClientTimeout
{
    // A smaller number of milliseconds would be less than a second, a larger one of seconds more than a quarter of an hour.
    private const double LeastMilliseconds = 1000;
    private const double MostSeconds = 86_400;
    private const double MostPossible = 1e11;

    private static readonly string[] OfSeconds = ["autoapprove", "alwaysallow", "watchpaths"];
    private static readonly string[] OfMilliseconds = ["trust", "httpurl", "includetools", "excludetools", "inittimeout", "environment"];

    /// <summary>The time; null when the value is none.</summary>
    /// <param name="key">The key, folded.</param>
    /// <param name="value">Its value.</param>
    /// <param name="beside">The folded keys of the entry.</param>
    public static TimeSpan? Of(string key, JsonElement value, IReadOnlyCollection<string> beside)
    {
        if (NumberOf(value) is not { } number)
            return value.ValueKind == JsonValueKind.String && Units.TryDuration(value.GetString()!.Trim(), out var time) ? time : null;
        if (!(number is > 0 and < 1e12))
            return null;
        var isMilliseconds = IsIn(key, "ms", "millis", "milliseconds")
            || (!IsIn(key, "sec", "seconds") && IsLikelyMilliseconds(number, beside));
        return isMilliseconds ? TimeSpan.FromMilliseconds(number) : number < MostPossible ? TimeSpan.FromSeconds(number) : null;
    }

    private static bool IsIn(string key, params string[] units) => units.Any(unit => key.EndsWith(unit, StringComparison.Ordinal));

    private static bool IsLikelyMilliseconds(double number, IReadOnlyCollection<string> beside) =>
        beside.Any(OfMilliseconds.Contains)
        || (number >= LeastMilliseconds && !(number <= MostSeconds && beside.Any(OfSeconds.Contains)));

    private static double? NumberOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number when value.TryGetDouble(out var number) => number,
        JsonValueKind.String when double.TryParse(
            value.GetString(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };
}
