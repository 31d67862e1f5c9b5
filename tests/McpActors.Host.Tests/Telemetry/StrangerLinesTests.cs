using McpActors.Host.Telemetry;
using Microsoft.Extensions.Time.Testing;
using Serilog.Events;
using Serilog.Parsing;

namespace McpActors.Host.Tests.Telemetry;

public class StrangerLinesTests
{
    private const string Handshake =
        "akka://mcp-actors/system/transports/akkaprotocolmanager.tcp.0/akkaProtocol-tcp%3A%2F%2Fmcp-actors%40%5B%3A%3Affff%5D%3A4-1";

    private readonly FakeTimeProvider _time = new();
    private readonly StrangerLines _lines;

    public StrangerLinesTests() => _lines = new StrangerLines(_time);

    [Theory]
    [InlineData("LogSource", "TcpServerHandler (akka://mcp-actors)")]
    [InlineData("LogSource", Handshake)]
    [InlineData("LogSource", "akka://mcp-actors/system/endpointManager/reliableEndpointWriter-x-1/endpointWriter/endpointReader-x-0")]
    [InlineData("SourceContext", "Microsoft.AspNetCore.Server.Kestrel.Connections")]
    public void Strangers_cause_one_line_a_minute(string property, string source)
    {
        Assert.False(_lines.IsTooMany(Line(source, property)));
        for (var i = 0; i < 100; i++)
            Assert.True(_lines.IsTooMany(Line(source, property)));

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.False(_lines.IsTooMany(Line(source, property)));
    }

    [Fact]
    public void Each_kind_has_a_line_of_its_own()
    {
        Assert.False(_lines.IsTooMany(Line("TcpServerHandler (akka://mcp-actors)")));
        Assert.False(_lines.IsTooMany(Line(Handshake)));
    }

    [Theory]
    [InlineData("akka://mcp-actors/user/mcp-pool")]
    [InlineData("akka://mcp-actors/system/endpointManager/reliableEndpointWriter-x-1/endpointWriter")]
    [InlineData(null)]
    public void Every_other_line_is_written(string? source)
    {
        for (var i = 0; i < 100; i++)
            Assert.False(_lines.IsTooMany(Line(source)));
    }

    private static LogEvent Line(string? source, string property = "LogSource") => new(
        DateTimeOffset.UnixEpoch, LogEventLevel.Error, null, new MessageTemplate("x", [new TextToken("x")]),
        source is null ? [] : [new LogEventProperty(property, new ScalarValue(source))]);
}
