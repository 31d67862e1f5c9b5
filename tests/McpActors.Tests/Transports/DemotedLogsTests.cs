using McpActors.Configuration;
using McpActors.Transports;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class DemotedLogsTests
{
    private readonly RecordingLogs _recorded = new();
    private readonly DemotedLogs _logs;
    private readonly ILogger _log;

    public DemotedLogsTests()
    {
        var server = new ServerSettings { Name = "s", Uri = new Uri("http://host"), Token = Secret.FromLiteral("planted-token-1") };
        var redactor = new CurrentRedactor();
        redactor.Use(Redactor.For(server));
        _logs = new DemotedLogs(_recorded, "s", redactor);
        _log = _logs.CreateLogger("ModelContextProtocol.Client.McpClient");
    }

    [Fact]
    public void A_line_is_a_detail_and_has_no_secret_in_message_property_or_exception()
    {
        _log.LogError(new IOException("refused planted-token-1"), "Received {Message} after {Count}", "planted-token-1", 3);

        var line = Assert.Single(_recorded.Lines);
        Assert.StartsWith("Debug Received *** after 3 [", line, StringComparison.Ordinal);
        Assert.Contains("[Message, ***]; [Count, 3]", line, StringComparison.Ordinal);
        Assert.Contains("IOException: refused ***", line, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_line_of_this_library_keeps_its_level_and_has_no_secret_either()
    {
        _logs.CreateLogger(typeof(ProcessSession).FullName!).LogWarning("dropped {What}", "planted-token-1");

        Assert.StartsWith("Warning dropped *** [", Assert.Single(_recorded.Lines), StringComparison.Ordinal);
    }

    [Fact]
    public void A_trace_line_stays_one()
    {
        _log.LogTrace("Sent {Message}", "words");

        Assert.StartsWith("Trace Sent words", Assert.Single(_recorded.Lines), StringComparison.Ordinal);
    }
}
