using System.Net.Sockets;
using System.Net.WebSockets;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class WebSocketWordsTests
{
    private static readonly Dictionary<string, Exception> Errors = new()
    {
        ["s answered no ping"] = new WebSocketException(
            WebSocketError.InvalidState, "invalid state ('Aborted')", new WebSocketException(WebSocketError.Faulted, "no Pong frame")),
        ["the connection to s broke: " + new SocketException((int)SocketError.ConnectionReset).Message] = new WebSocketException(
            WebSocketError.ConnectionClosedPrematurely, new IOException("reset", new SocketException((int)SocketError.ConnectionReset))),
        ["s ended the connection without closing it properly"] =
            new WebSocketException(WebSocketError.ConnectionClosedPrematurely),
        ["the connection to s was aborted"] = new WebSocketException(WebSocketError.InvalidState, "invalid state ('Aborted')"),
        ["s broke the protocol of WebSockets: unknown opcode"] = new WebSocketException(WebSocketError.Faulted, "unknown opcode"),
    };

    public static TheoryData<string> Words => [.. Errors.Keys];

    [Theory]
    [MemberData(nameof(Words))]
    public void The_cause_is_named_without_the_states_of_the_runtime(string words) =>
        Assert.Equal(words, WebSocketWords.Of(Errors[words], "s"));

    [Fact]
    public void A_cancelled_reception_is_an_aborted_connection() =>
        Assert.Equal("the connection to s was aborted", WebSocketWords.Of(new OperationCanceledException("Aborted"), "s"));
}
