using System.Globalization;
using System.Net.Http.Headers;

namespace McpActors.Transports.Http;

/// <summary>
/// Reads how long a server asks its clients to wait. It writes seconds or a date by the standard; some write a point in time as seconds or
/// milliseconds since 1970, fractions, or dates of other forms. The wait is reported as it is kept (<see cref="AskedWait"/>). Pure.
/// </summary>
internal static class RetryAfterHeader
{
    /// <summary>Greater numbers are points in time; as waits they would be more than 31 years.</summary>
    private const double FirstPointInTime = 1e9;

    private const double FirstMilliseconds = 1e12;

    private const DateTimeStyles DateStyles = DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite;

    private static readonly string[] DateFormats =
    [
        "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy",
        "yyyy-MM-ddTHH:mm:ssK", "yyyy-MM-ddTHH:mm:ss.FFFFFFFK",
    ];

    /// <summary>The wait of an answer; null when it asks for none, or its header has no known format.</summary>
    /// <param name="headers">The headers of the answer.</param>
    /// <param name="now">The time now.</param>
    public static TimeSpan? Read(HttpResponseHeaders headers, DateTimeOffset now) =>
        headers.NonValidated.TryGetValues("Retry-After", out var values) ? Parse(values.First().Trim(), now) : null;

    /// <summary>The wait of a header's value.</summary>
    public static TimeSpan? Parse(string text, DateTimeOffset now)
    {
        // The words of infinity and of no number are not a number here.
        if (text.Length > 0
            && char.IsAsciiDigit(text[0])
            && double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return AskedWait.Kept(TimeSpan.FromSeconds(Math.Min(SecondsOf(number, now), FirstPointInTime)));
        }
        return DateTimeOffset.TryParseExact(text, DateFormats, CultureInfo.InvariantCulture, DateStyles, out var date)
            ? AskedWait.Kept(date - now)
            : null;
    }

    private static double SecondsOf(double number, DateTimeOffset now) => number switch
    {
        >= FirstMilliseconds => (number / 1000) - now.ToUnixTimeSeconds(),
        >= FirstPointInTime => number - now.ToUnixTimeSeconds(),
        _ => number,
    };
}
