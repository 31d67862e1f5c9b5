using System.Globalization;

namespace McpActors.Tests;

/// <summary>
/// The seeds of tests with generated input: the same few in every run, or with the variable <c>MCPACTORS_FUZZ_SECONDS</c> as many as there
/// is time for.
/// </summary>
internal static class Fuzz
{
    public static IEnumerable<int> Seeds(int count)
    {
        var limit = Environment.GetEnvironmentVariable("MCPACTORS_FUZZ_SECONDS") is { Length: > 0 } text
            ? TimeSpan.FromSeconds(int.Parse(text, CultureInfo.InvariantCulture))
            : (TimeSpan?)null;
        var start = TimeProvider.System.GetTimestamp();
        for (var seed = 0; limit is null ? seed < count : TimeProvider.System.GetElapsedTime(start) < limit; seed++)
            yield return seed;
    }
}
