using System.Globalization;

namespace McpActors.Chaos;

/// <summary>The arguments of a command: flags, and options with one value each.</summary>
internal sealed class CommandLine
{
    private readonly Dictionary<string, string> _values = new(StringComparer.Ordinal);

    /// <exception cref="ArgumentException">An argument is not known, or its value is missing.</exception>
    public CommandLine(string[] args, IReadOnlyList<string> options, IReadOnlyList<string> flags)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (flags.Contains(args[i]))
            {
                _values[args[i]] = "";
            }
            else if (options.Contains(args[i]) && i + 1 < args.Length)
            {
                _values[args[i]] = args[++i];
            }
            else
            {
                throw new ArgumentException(
                    $"{args[i]} is not understood. Options: {string.Join(" ", options.Select(o => o + " VALUE").Concat(flags))}");
            }
        }
    }

    public bool Has(string flag) => _values.ContainsKey(flag);

    public string Text(string option) =>
        _values.TryGetValue(option, out var value) ? value : throw new ArgumentException($"{option} is missing");

    public int Number(string option, int otherwise, int least)
    {
        if (!_values.TryGetValue(option, out var text))
            return otherwise;
        return int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least
            ? number
            : throw new ArgumentException($"{option} takes a whole number from {least}, not {text}");
    }
}
