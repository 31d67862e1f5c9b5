using System.Net;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class PingMemoryTests
{
    private readonly PingMemory _ping = new();

    public static TheoryData<Exception> Ways =>
    [
        new TimeoutException(), new HttpRequestException("no", null, HttpStatusCode.InternalServerError),
        new HttpRequestException("no", null, HttpStatusCode.Forbidden),
    ];

    public static TheoryData<Exception> Accidents =>
    [
        new HttpRequestException("reset"), new IOException("reset"), new OperationCanceledException(), new InvalidOperationException(),
    ];

    [Theory]
    [MemberData(nameof(Ways))]
    public void No_answer_in_time_and_a_status_show_that_a_server_answers_no_ping(Exception failure)
    {
        Assert.True(_ping.NoteRefusal(failure));
        Assert.True(_ping.IsIgnored);
        Assert.False(_ping.NoteRefusal(failure));
    }

    [Theory]
    [MemberData(nameof(Accidents))]
    public void An_accident_shows_nothing(Exception failure)
    {
        Assert.False(_ping.NoteRefusal(failure));
        Assert.False(_ping.IsIgnored);
    }
}
