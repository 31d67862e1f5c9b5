using System.Globalization;

namespace McpActors.Host.Presentation;

/// <summary>Numbers and times as text, for the pages and the command line.</summary>
internal static class Format
{
    /// <summary>The text for an unknown value.</summary>
    public const string None = "–";

    /// <summary>Such as <c>0.42 ms</c>, <c>8.4 ms</c>, <c>120 ms</c>, <c>1.2 s</c>.</summary>
    public static string Latency(TimeSpan? latency) => latency switch
    {
        null => None,
        { TotalMilliseconds: < 1 } t => Invariant($"{t.TotalMilliseconds:0.00} ms"),
        { TotalMilliseconds: < 9.95 } t => Invariant($"{t.TotalMilliseconds:0.0} ms"),
        { TotalMilliseconds: < 999.5 } t => Invariant($"{t.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 9.95 } t => Invariant($"{t.TotalSeconds:0.0} s"),
        { TotalSeconds: < 59.5 } t => Invariant($"{t.TotalSeconds:0} s"),
        { } t => Duration(t),
    };

    /// <summary>Such as <c>0</c>, <c>0.4</c>, <c>12</c>, <c>1,250</c>.</summary>
    public static string Rate(double perSecond) => perSecond switch
    {
        0 => "0",
        < 0.1 => "<0.1",
        < 9.95 => Invariant($"{perSecond:0.0}"),
        _ => Invariant($"{perSecond:#,0}"),
    };

    /// <summary>Such as <c>0 %</c>, <c>0.4 %</c>, <c>12 %</c>.</summary>
    public static string Percent(double? share) => share switch
    {
        null => None,
        0 => "0 %",
        < 0.001 => "<0.1 %",
        < 0.0995 => Invariant($"{share * 100:0.0} %"),
        _ => Invariant($"{share * 100:0} %"),
    };

    /// <summary>Such as <c>now</c>, <c>12 s ago</c>, <c>3 min ago</c>; the date after two days.</summary>
    public static string Ago(DateTimeOffset at, DateTimeOffset now) => (now - at) switch
    {
        { TotalSeconds: < 1 } => "now",
        { TotalDays: >= 2 } => Invariant($"{at.UtcDateTime:yyyy-MM-dd HH:mm} UTC"),
        var past => Duration(past) + " ago",
    };

    /// <summary>Such as <c>in 4 s</c>; <c>now</c> once it is due.</summary>
    public static string Until(DateTimeOffset at, DateTimeOffset now) =>
        at - now is { Ticks: > 0 } wait ? "in " + Duration(TimeSpan.FromSeconds(Math.Ceiling(wait.TotalSeconds))) : "now";

    /// <summary>Such as <c>1 server</c> or <c>3 servers</c>.</summary>
    public static string Count(long number, string one, string? many = null) =>
        Invariant($"{number:#,0} {(number == 1 ? one : many ?? one + "s")}");

    private static string Duration(TimeSpan time) => time switch
    {
        { TotalSeconds: < 60 } => Invariant($"{Math.Floor(time.TotalSeconds)} s"),
        { TotalMinutes: < 60 } => Invariant($"{Math.Floor(time.TotalMinutes)} min"),
        { TotalHours: < 48 } => Invariant($"{Math.Floor(time.TotalHours)} h"),
        _ => Invariant($"{Math.Floor(time.TotalDays)} d"),
    };

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
