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
    [InlineData("TcpServerHandler (akka://mcp-actors)")]
    [InlineData(Handshake)]
    [InlineData("akka://mcp-actors/system/endpointManager/reliableEndpointWriter-x-1/endpointWriter/endpointReader-x-0")]
    public void Of_what_a_stranger_causes_one_line_a_minute_is_written(string source)
    {
        Assert.False(_lines.IsTooMany(Line(source)));
        for (var i = 0; i < 100; i++)
            Assert.True(_lines.IsTooMany(Line(source)));

        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.False(_lines.IsTooMany(Line(source)));
    }

    [Fact]
    public void Of_connections_that_the_web_server_refuses_one_line_a_minute_is_written()
    {
        Assert.False(_lines.IsTooMany(OfWebServer()));
        Assert.True(_lines.IsTooMany(OfWebServer()));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.False(_lines.IsTooMany(OfWebServer()));

        static LogEvent OfWebServer() => Line("Microsoft.AspNetCore.Server.Kestrel.Connections", "SourceContext");
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
