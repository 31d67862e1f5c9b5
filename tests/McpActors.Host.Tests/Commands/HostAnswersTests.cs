using System.Net;
using System.Net.Sockets;
using System.Text;
using McpActors.Configuration;
using McpActors.Host.Commands;
using McpActors.Host.Settings;
using McpActors.Host.Tests.Api;
using McpActors.Host.Tests.Processes;

namespace McpActors.Host.Tests.Commands;

/// <summary>Commands to hosts that cannot be reached, require a token or answer badly; and whether a call may have run.</summary>
public class HostAnswersTests
{
    private const string Token = "an access token of the tests";

    [Theory]
    [InlineData("status")]
    [InlineData("tools")]
    [InlineData("call", "t")]
    public async Task A_host_that_cannot_be_reached_has_run_nothing(params string[] args)
    {
        // Port 1, because the system may give a port that was free a moment ago to another process.
        const string url = "http://127.0.0.1:1";

        var run = await CommandRun.RunAsync([.. args, "--url", url, "--json"]);

        Assert.Equal(ExitCode.HostUnreachable, run.ExitCode);
        Assert.StartsWith($"HostUnreachable: {url}/ cannot be reached: Connection refused", run.Error, StringComparison.Ordinal);
        Assert.Equal("HostUnreachable", run.Output.Json().GetProperty("error").GetProperty("kind").GetString());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("localhost:5000")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("http://user:hidden-word@127.0.0.1:1")]
    public async Task An_invalid_address_is_refused_without_repeating_its_password(string url)
    {
        var run = await CommandRun.RunAsync(["status"], Uri.TryCreate(url, UriKind.RelativeOrAbsolute, out var given) ? given : null);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("MCP_ACTORS_URL", run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_error_names_a_port_that_does_not_speak_TLS()
    {
        await using var api = await ApiServer.StartAsync();
        var url = new UriBuilder(api.Client.BaseAddress!) { Scheme = "https" }.Uri;

        var run = await CommandRun.RunAsync(["status"], url);

        Assert.Equal(ExitCode.HostUnreachable, run.ExitCode);
        Assert.Contains($"{url.Authority} does not speak TLS; use http://.", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_Unix_socket_is_refused_with_what_reaches_it()
    {
        var run = await CommandRun.RunAsync(["status", "--url", "http://unix:/run/mcp-actors/api.sock"]);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("--unix-socket", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_access_token_comes_from_the_environment_or_a_file()
    {
        await using var api = await GuardedAsync();
        using var file = new TempFile(Token + "\n");

        Assert.Equal(ExitCode.Done, (await CommandRun.RunAsync(["status"], api.Client.BaseAddress, token: Token)).ExitCode);
        Assert.Equal(
            ExitCode.Done,
            (await CommandRun.RunAsync(["status", "--token-file", file.Name], api.Client.BaseAddress, token: "not it")).ExitCode);
    }

    [Theory]
    [InlineData(null, "requires an access token")]
    [InlineData("a token that is wrong", "rejected the access token")]
    [InlineData("a token\nof two lines", "printable ASCII")]
    public async Task A_wrong_or_missing_token_is_reported_and_never_shown(string? token, string message)
    {
        await using var api = await GuardedAsync();

        var run = await CommandRun.RunAsync(["call", "t"], api.Client.BaseAddress, token: token);

        Assert.Equal(ExitCode.Unauthorized, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(token ?? Token, run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("unauthorized", true)]
    [InlineData("""{"error":{"kind":"Unauthorized","message":"…"}}""", false)]
    public async Task A_server_that_asks_for_a_token_may_be_no_host(string body, bool isDoubted)
    {
        using var server = new OneAnswer($"HTTP/1.1 401 Unauthorized\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}");

        var run = await CommandRun.RunAsync(["status"], server.Url);

        Assert.Equal(ExitCode.Unauthorized, run.ExitCode);
        Assert.Equal(isDoubted, run.Error.Contains("If no McpActors host listens there", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_missing_token_file_is_reported()
    {
        var run = await CommandRun.RunAsync(["status", "--token-file", "/nowhere/token"]);

        Assert.Equal(ExitCode.Unauthorized, run.ExitCode);
        Assert.Contains("/nowhere/token", run.Error, StringComparison.Ordinal);
    }

    // An unreadable answer, the answer of a proxy, and no answer after the request was sent.
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>", 10)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", 10)]
    [InlineData("HTTP/1.1 204 No Content\r\n\r\n", 10)]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 4)]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 4)]
    [InlineData("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 6\r\n\r\n<html>", 10)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"result\"", 10)]
    [InlineData("", 10)]
    public async Task A_call_without_an_answer_may_have_run_if_it_may_have_reached_a_host(string answer, int code)
    {
        using var server = new OneAnswer(answer);

        var run = await CommandRun.RunAsync(["call", "pay"], server.Url);

        Assert.Equal((ExitCode)code, run.ExitCode);
        Assert.Contains(server.Url.ToString(), run.Error, StringComparison.Ordinal);
        Assert.Equal(1, server.Requests);
    }

    [Theory]
    [InlineData("""{"result":{"content":[],"content":[]},"server":"s","attempts":[],"elapsedMs":1}""")]
    [InlineData("""{"result":{"content":[]},"server":"s","attempts":[{"server":"s","outcome":"NewWord","elapsedMs":1}],"elapsedMs":1}""")]
    [InlineData("""{"result":{"content":[]},"server":null,"attempts":null}""")]
    [InlineData("""{"result":{"content":[]}}""")]
    public async Task A_result_is_read_whatever_else_is_odd_about_the_answer(string json)
    {
        using var server = new OneAnswer($"HTTP/1.1 200 OK\r\nContent-Length: {json.Length}\r\n\r\n{json}");

        var run = await CommandRun.RunAsync(["call", "pay"], server.Url);

        Assert.Equal((ExitCode.Done, "(empty)"), (run.ExitCode, run.Output.Trim()));
    }

    [Fact]
    public async Task The_kind_of_an_error_is_read_whatever_else_is_odd_about_it()
    {
        const string json = """{"error":{"kind":"OutcomeUnknown","code":"x"},"attempts":[{"outcome":"NewWord"}]}""";
        using var server = new OneAnswer($"HTTP/1.1 409 Conflict\r\nContent-Length: {json.Length}\r\n\r\n{json}");

        Assert.Equal(ExitCode.OutcomeUnknown, (await CommandRun.RunAsync(["call", "pay"], server.Url)).ExitCode);
    }

    [Fact]
    public async Task A_query_without_an_answer_means_that_the_host_is_unreachable()
    {
        using var server = new OneAnswer("");

        Assert.Equal(ExitCode.HostUnreachable, (await CommandRun.RunAsync(["status"], server.Url)).ExitCode);
    }

    [Fact]
    public async Task Ignores_fields_that_only_a_newer_host_sends()
    {
        const string json = """{"tools":[{"name":"a","servers":["s"],"definition":{},"news":1}],"more":{}}""";
        using var server = new OneAnswer($"HTTP/1.1 200 OK\r\nContent-Length: {json.Length}\r\n\r\n{json}");

        var run = await CommandRun.RunAsync(["tools"], server.Url);

        Assert.Equal(ExitCode.Done, run.ExitCode);
        Assert.Contains("a     s", run.Output, StringComparison.Ordinal);
    }

    private static Task<ApiServer> GuardedAsync() =>
        ApiServer.StartAsync(host: new HostSettings { AccessToken = Secret.FromLiteral(Token) });

    /// <summary>Reads a request, answers it with these bytes, closes the connection, and does the same to the next.</summary>
    private sealed class OneAnswer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private int _requests;

        public OneAnswer(string answer)
        {
            _listener.Start();
            Url = new Uri($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");
            _ = AnswerAsync(answer);
        }

        public Uri Url { get; }

        public int Requests => Volatile.Read(ref _requests);

        public void Dispose() => _listener.Dispose();

        private async Task AnswerAsync(string answer)
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await AnswerAsync(client, answer);
            }
        }

        private async Task AnswerAsync(TcpClient client, string answer)
        {
            await using var stream = client.GetStream();
            var (seen, buffer) = ("", new byte[4096]);
            while (!seen.Contains("\r\n\r\n", StringComparison.Ordinal)
                || (seen.StartsWith("POST", StringComparison.Ordinal) && !seen.EndsWith('}')))
            {
                if (await stream.ReadAsync(buffer) is not (> 0 and var count))
                    return;
                seen += Encoding.UTF8.GetString(buffer, 0, count);
            }
            Interlocked.Increment(ref _requests);
            await stream.WriteAsync(Encoding.UTF8.GetBytes(answer));
        }
    }
}
