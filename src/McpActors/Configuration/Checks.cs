using System.Globalization;

using McpActors.Configuration.Hocon;

namespace McpActors.Configuration;

/// <summary>Reports the values of one block that are out of their bounds.</summary>
internal readonly struct Checks(string path, Action<SettingsProblem> report)
{
    public Checks(string path, List<SettingsProblem> problems) : this(path, problems.Add)
    {
    }

    /// <summary>Reports each with its place.</summary>
    public Checks(string path, Findings findings) : this(path, problem => findings.AddConsequences([problem]))
    {
    }

    public void Range(string key, long value, long least, long most)
    {
        if (value < least || value > most)
            Add(key, $"{Text(value)} is out of range; must be a whole number from {Text(least)} to {Text(most)}");
    }

    public void Between(string key, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
            Add(key, $"{Text(value)} is out of range; must be a number from {Text(least)} to {Text(most)}");
    }

    public void Share(string key, double value, bool zero = true)
    {
        if (!(value is >= 0 and <= 1) || (value == 0 && !zero))
            Add(key, $"{Text(value)} is not a share; must be {(zero ? "from 0 to 1" : "above 0, at most 1")}, such as 0.2 for 20 %");
    }

    public void Duration(string key, TimeSpan value, TimeSpan most, bool zero = false)
    {
        if (value < TimeSpan.Zero)
            Add(key, $"{Text(value)} is negative; must be {(zero ? "zero or more" : "more than zero")}");
        else if (value == TimeSpan.Zero && !zero)
            Add(key, "must be more than zero, such as 30s");
        else if (value > TimeSpan.Zero && value < TimeSpan.FromMilliseconds(1))
            Add(key, "is shorter than 1ms, which is the shortest that can be kept");
        else if (value > most)
            Add(key, $"{Text(value)} is too long; must be at most {Text(most)}");
    }

    public void Ordered(string lessKey, TimeSpan less, string moreKey, TimeSpan more)
    {
        if (less > more)
            Add(lessKey, $"{Text(less)} is more than {moreKey}, which is {Text(more)}; must be at most that");
    }

    private void Add(string key, string message) => report(new(KeyPath.Of(path, key), message));

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Text(TimeSpan value)
    {
        var size = value.Duration();
        var (number, unit) = size < TimeSpan.FromSeconds(1) ? (value.TotalMilliseconds, "ms")
            : size < TimeSpan.FromMinutes(2) ? (value.TotalSeconds, "s")
            : size < TimeSpan.FromHours(2) ? (value.TotalMinutes, "min")
            : size < TimeSpan.FromDays(2) ? (value.TotalHours, "h")
            : (value.TotalDays, "d");
        return number.ToString("0.###", CultureInfo.InvariantCulture) + unit;
    }
}
