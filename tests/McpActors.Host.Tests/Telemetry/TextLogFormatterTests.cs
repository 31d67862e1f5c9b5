using McpActors.Host.Telemetry;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace McpActors.Host.Tests.Telemetry;

public class TextLogFormatterTests
{
    [Fact]
    public void A_line_has_the_time_the_level_and_the_message()
    {
        Assert.Matches(@"^\d\d:\d\d:\d\d WRN Server files is slow\n$", Written(log => log.Warning("Server {Server} is slow", "files")));
    }

    [Theory]
    [InlineData("name\n12:00:00 INF Server primary is connected", @"name\u000a12:00:00 INF Server primary is connected")]
    [InlineData("\r\nforged", @"\u000d\u000aforged")]
    [InlineData("\u001b[2J\u001b[31m", @"\u001b[2J\u001b[31m")]
    [InlineData("\u001b]0;title\u0007", @"\u001b]0;title\u0007")]
    [InlineData("\u009b2J", @"\u009b2J")]
    [InlineData("\u007f\b", @"\u007f\u0008")]
    [InlineData("a\u2028b\u2029c", @"a\u2028b\u2029c")]
    [InlineData("\u202ereversed", @"\u202ereversed")]
    public void Control_characters_of_a_property_are_escapes(string value, string shown)
    {
        var text = Written(log => log.Information("Server said {Words}", value));

        Assert.EndsWith($" INF Server said {shown}\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Those_within_structures_too()
    {
        var text = Written(log => log.Information("Servers {Names} {@Info}", new[] { "a\u001b[2J" }, new { Name = "b\nc" }));

        Assert.DoesNotContain('\u001b', text);
        Assert.Single(text.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public void An_exception_follows_indented()
    {
        var text = Written(log => log.Error(new IOException("gone\n12:00:00 INF forged\u001b[2J"), "It failed"));

        var lines = text.TrimEnd('\n').Split('\n');
        Assert.EndsWith(" ERR It failed", lines[0], StringComparison.Ordinal);
        Assert.Equal(["  System.IO.IOException: gone", @"  12:00:00 INF forged\u001b[2J"], lines[1..3]);
    }

    private static string Written(Action<ILogger> log)
    {
        var sink = new TextSink();
        using (var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger())
            log(logger);
        return sink.Text.ReplaceLineEndings("\n");
    }

    private sealed class TextSink : ILogEventSink
    {
        private readonly StringWriter _writer = new();

        public string Text => _writer.ToString();

        public void Emit(LogEvent logEvent) => new TextLogFormatter().Format(logEvent, _writer);
    }
}
