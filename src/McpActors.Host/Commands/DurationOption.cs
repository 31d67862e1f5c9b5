using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace McpActors.Host.Commands;

/// <summary>Options that take a time, written as in the configuration: <c>500ms</c>, <c>30s</c>, <c>2m</c>, <c>1h</c>.</summary>
internal static class DurationOption
{
    /// <summary>As far as the timers of .NET and the HTTP API go.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(24);

    /// <summary>An option for a time from 1 ms to 24 days; null when it is not given.</summary>
    public static Option<TimeSpan?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = Parse,
    };

    private static TimeSpan? Parse(ArgumentResult given)
    {
        var text = given.Tokens[0].Value;
        if (Read(text) is { } time && time >= TimeSpan.FromMilliseconds(1) && time <= Longest)
            return time;
        given.AddError($"{((OptionResult)given.Parent!).Option.Name}: '{text}' is no time from 1ms to 24 days. Write it as 500ms, 30s, 2m or 1h.");
        return null;
    }

    private static TimeSpan? Read(string text)
    {
        var number = text.TrimEnd('m', 's', 'h');
        if (!double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) || value > Longest.TotalMilliseconds)
            return null;
        return text[number.Length..] switch
        {
            "ms" => TimeSpan.FromMilliseconds(value),
            "s" => TimeSpan.FromSeconds(value),
            "m" => TimeSpan.FromMinutes(value),
            "h" => TimeSpan.FromHours(value),
            _ => null,
        };
    }
}
