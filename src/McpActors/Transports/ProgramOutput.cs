using System.Text;

namespace McpActors.Transports;

/// <summary>What a program writes, for people; secrets are still in it. Thread-safe.</summary>
internal sealed class ProgramOutput
{
    private const int Longest = 200;

    private volatile string? _firstLine;

    /// <summary>Called, on any thread, with each line that the program writes to stderr; null: not.</summary>
    public Action<string>? OnErrorLine { get; init; }

    /// <summary>The beginning of the first line that the program wrote to stdout, message or not; null before it.</summary>
    public string? FirstLine => _firstLine;

    /// <summary>The program wrote a line to stdout.</summary>
    public void NoteLine(ReadOnlySpan<byte> line)
    {
        if (_firstLine is null && !line.TrimStart(" \t"u8).IsEmpty)
            _firstLine = Encoding.UTF8.GetString(line[..Math.Min(line.Length, Longest)]);
    }
}
