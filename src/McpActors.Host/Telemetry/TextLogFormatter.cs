using System.Globalization;
using McpActors.Host.Commands;
using Serilog.Events;
using Serilog.Formatting;
using Serilog.Formatting.Display;

namespace McpActors.Host.Telemetry;

/// <summary>
/// Writes a log entry as text: time, level and message as one line, then its exception, indented. Much of a message comes from servers;
/// control characters, line breaks and terminal sequences in it are written as escapes, so that no server forges a line or operates the
/// terminal.
/// </summary>
public sealed class TextLogFormatter : ITextFormatter
{
    private readonly MessageTemplateTextFormatter _line =
        new("{Timestamp:HH:mm:ss} {Level:u3} {Message:lj}", CultureInfo.InvariantCulture);

    /// <inheritdoc/>
    public void Format(LogEvent logEvent, TextWriter output)
    {
        using var line = new StringWriter(CultureInfo.InvariantCulture);
        _line.Format(logEvent, line);
        output.WriteLine(TerminalText.Escaped(line.ToString()));
        if (logEvent.Exception is not { } exception)
            return;
        // Indented, because the message of an exception may have lines that look like entries.
        foreach (var part in exception.ToString().ReplaceLineEndings("\n").Split('\n'))
            output.WriteLine("  " + TerminalText.Escaped(part));
    }
}
