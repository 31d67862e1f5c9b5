using System.Net;
using McpActors.Connections;
using ModelContextProtocol.Client;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class CompletionWordsTests
{
    public static TheoryData<ClientCompletionDetails, string> Rows => new()
    {
        { new StdioClientCompletionDetails(), "the process ended" },
        { new StdioClientCompletionDetails { ExitCode = 3 }, "the process ended with exit code 3" },
        {
            new StdioClientCompletionDetails { ExitCode = 1, StandardErrorTail = ["a", "b", "c", "d"] },
            "the process ended with exit code 1; its last output: b | c | d"
        },
        { new HttpClientCompletionDetails { HttpStatusCode = HttpStatusCode.NotFound }, "the server ended the session with HTTP 404" },
        { new HttpClientCompletionDetails { Exception = new IOException("reset") }, "reset" },
        { new ClientCompletionDetails { Exception = new IOException("outer.", new IOException("inner")) }, "outer: inner" },
        { new ClientCompletionDetails(), "the server closed the connection" },
    };

    [Theory]
    [MemberData(nameof(Rows))]
    public void Names_the_cause(ClientCompletionDetails details, string words) => Assert.Equal(words, CompletionWords.Of(details));
}
