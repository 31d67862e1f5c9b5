using System.Net;
using System.Text;
using McpActors.Transports;
using McpActors.Transports.Http;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Transports.Http;

/// <summary>JSON answers whose body ends wrongly, or not at all.</summary>
public sealed class UnderstoodAnswersTests
{
    private const string Answer = """{"jsonrpc":"2.0","id":1,"result":{}}""";

    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task A_whole_answer_is_the_answer_though_its_body_is_cut_off() =>
        Assert.Equal(Answer, await SendAsync(new FaultyStream(Answer, () => throw new IOException("ended prematurely"))));

    [Fact]
    public async Task A_part_of_an_answer_is_not() => await Assert.ThrowsAsync<IOException>(
        () => SendAsync(new FaultyStream(Answer[..^1], () => throw new IOException("ended prematurely"))));

    [Fact]
    public async Task A_message_of_the_server_does_not_end_the_wait_for_the_answer() => await Assert.ThrowsAsync<IOException>(
        () => SendAsync(new FaultyStream("""{"jsonrpc":"2.0","method":"m"}""", () => throw new IOException("ended prematurely"))));

    [Fact]
    public async Task A_body_without_an_end_is_waited_for_a_little()
    {
        var body = new FaultyStream(Answer, () => new TaskCompletionSource<int>().Task);
        var answer = SendAsync(body);
        await body.Reached;

        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(answer.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));

        Assert.Equal(Answer, await answer);
    }

    private async Task<string> SendAsync(Stream body)
    {
        using var http = new HttpMessageInvoker(new UnderstoodAnswers(_time, new StreamReplies(), new Answering(body)));
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://test/mcp");
        using var response = await http.SendAsync(request, CancellationToken.None);
        return await response.Content.ReadAsStringAsync();
    }

    private sealed class Answering(Stream body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(body);
            content.Headers.ContentType = new("application/json");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
        }
    }

    /// <summary>A text, and then a read that ends in another way.</summary>
    private sealed class FaultyStream(string text, Func<Task<int>> then) : ReadOnlyStream
    {
        private readonly TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private bool _isRead;

        public Task Reached => _reached.Task;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (_isRead)
            {
                _reached.TrySetResult();
                return new(then());
            }
            _isRead = true;
            return ValueTask.FromResult(Encoding.UTF8.GetBytes(text, buffer.Span));
        }
    }
}
