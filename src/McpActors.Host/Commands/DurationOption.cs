using System.CommandLine;
using System.CommandLine.Parsing;
using McpActors.Configuration;

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
        if (Units.TryDuration(text, out var time) && time >= TimeSpan.FromMilliseconds(1) && time <= Longest)
            return time;
        var option = ((OptionResult)given.Parent!).Option.Name;
        given.AddError($"{option}: '{text}' is not valid; expected a duration from 1ms to 24 days, such as 500ms, 30s, 2m or 1h.");
        return null;
    }
}
