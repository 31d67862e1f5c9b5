using System.Globalization;

namespace McpActors.Configuration;

/// <summary>Durations and sizes as HOCON spells them.</summary>
internal static class Units
{
    /// <summary>
    /// Reads <c>500ms</c>, <c>30s</c>, <c>5 min</c>, <c>1h</c>, <c>2 days</c>. A bare number other than 0 is refused: HOCON means
    /// milliseconds by it, most readers expect seconds.
    /// </summary>
    public static bool TryDuration(string text, out TimeSpan duration)
    {
        duration = default;
        if (!TrySplit(text, out var number, out var unit))
            return false;
        double? milliseconds = unit switch
        {
            "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => 1e-6,
            "us" or "micro" or "micros" or "microsecond" or "microseconds" => 1e-3,
            "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => 1,
            "s" or "sec" or "second" or "seconds" => 1_000,
            "m" or "min" or "minute" or "minutes" => 60_000,
            "h" or "hour" or "hours" => 3_600_000,
            "d" or "day" or "days" => 86_400_000,
            "w" or "week" or "weeks" => 604_800_000,
            "" when number == 0 => 1,
            _ => null,
        };
        if (milliseconds is not { } each || Math.Abs(number * each) > TimeSpan.MaxValue.TotalMilliseconds / 2)
            return false;
        duration = TimeSpan.FromMilliseconds(number * each);
        return true;
    }

    /// <summary>Reads <c>65536</c>, <c>512 KiB</c>, <c>4 MiB</c>, <c>4M</c> (powers of 1024), <c>4 MB</c> (powers of 1000).</summary>
    public static bool TrySize(string text, out long bytes)
    {
        bytes = 0;
        if (!TrySplit(text, out var number, out var unit))
            return false;
        double? factor = unit switch
        {
            "" or "b" or "B" or "byte" or "bytes" => 1,
            "k" or "K" or "Ki" or "KiB" or "kibibyte" or "kibibytes" => 1L << 10,
            "m" or "M" or "Mi" or "MiB" or "mebibyte" or "mebibytes" => 1L << 20,
            "g" or "G" or "Gi" or "GiB" or "gibibyte" or "gibibytes" => 1L << 30,
            "kB" or "KB" or "kilobyte" or "kilobytes" => 1e3,
            "MB" or "megabyte" or "megabytes" => 1e6,
            "GB" or "gigabyte" or "gigabytes" => 1e9,
            _ => null,
        };
        if (factor is not { } each || Math.Abs(number * each) > long.MaxValue / 2)
            return false;
        bytes = (long)(number * each);
        return true;
    }

    private static bool TrySplit(string text, out double number, out string unit)
    {
        var end = text.Length;
        while (end > 0 && char.IsLetter(text[end - 1]))
            end--;
        unit = text[end..];
        return double.TryParse(text[..end].TrimEnd(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out number);
    }
}
