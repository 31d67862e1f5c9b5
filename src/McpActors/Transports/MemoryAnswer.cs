using System.Text.Json;
using System.Text.Json.Nodes;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>Special answers that a handler of a <see cref="MemoryServer"/> may return instead of a value. Immutable.</summary>
public abstract record MemoryAnswer
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web);

    private MemoryAnswer() { }

    /// <summary>No answer: the call ends when the client cancels it or disconnects.</summary>
    public static MemoryAnswer Never { get; } = new NoAnswer();

    /// <summary>A tool's result with <c>isError: true</c>.</summary>
    /// <param name="text">The text of the error.</param>
    public static MemoryAnswer ToolError(string text) => new Failed(text);

    /// <summary>A JSON-RPC error.</summary>
    /// <param name="code">Its code, such as -32602.</param>
    /// <param name="message">Its message.</param>
    public static MemoryAnswer Error(int code, string message) => new Refused(code, message);

    /// <summary>An answer after a delay, by the clock of the <see cref="MemoryServers"/>.</summary>
    /// <param name="delay">The delay; zero or more.</param>
    /// <param name="answer">The answer: a value or another <see cref="MemoryAnswer"/>.</param>
    public static MemoryAnswer After(TimeSpan delay, object? answer) => new Delayed(delay, answer);

    /// <summary>Runs a handler and its special answers, up to a value or a <see cref="Failed"/>.</summary>
    /// <exception cref="McpProtocolException">The call fails with a JSON-RPC error.</exception>
    internal static async Task<object?> RunAsync(
        Func<MemoryCall, CancellationToken, Task<object?>> handler, MemoryCall call, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var answer = await handler(call, cancellationToken).ConfigureAwait(false);
            while (answer is MemoryAnswer and not Failed)
            {
                answer = answer switch
                {
                    Delayed delayed => await delayed.WaitAsync(time, cancellationToken).ConfigureAwait(false),
                    Refused refused => throw new McpProtocolException(refused.Message, (McpErrorCode)refused.Code),
                    _ => await NeverAsync(cancellationToken).ConfigureAwait(false),
                };
            }
            return answer;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is not McpProtocolException)
        {
            // The SDK would turn other exceptions of a tool into a result with isError and hide the message.
            var fault = Printable.Of(e);
            throw new McpProtocolException(fault.Message, fault, McpErrorCode.InternalError);
        }
    }

    internal static CallToolResult ToToolResult(object? answer)
    {
        switch (answer)
        {
            case CallToolResult result:
                return result;
            case Failed failed:
                return new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = failed.Text }] };
            case null:
                return new CallToolResult { Content = [] };
            case string text:
                return new CallToolResult { Content = [new TextContentBlock { Text = text }] };
            default:
                var value = JsonSerializer.SerializeToElement(answer, Json);
                return new CallToolResult
                {
                    Content = [new TextContentBlock { Text = value.GetRawText() }],
                    StructuredContent = value.ValueKind == JsonValueKind.Object ? value : null,
                };
        }
    }

    internal static JsonNode ToObject(object? answer) => answer switch
    {
        Failed => JsonSerializer.SerializeToNode(ToToolResult(answer), McpJsonUtilities.DefaultOptions)!,
        Result result => JsonSerializer.SerializeToNode(result, result.GetType(), McpJsonUtilities.DefaultOptions)!,
        null => new JsonObject(),
        _ => JsonSerializer.SerializeToNode(answer, Json) is JsonObject value
            ? value
            : throw new McpProtocolException("The handler of the method returned no JSON object.", McpErrorCode.InternalError),
    };

    private static async Task<object?> NeverAsync(CancellationToken cancellationToken)
    {
        var never = new TaskCompletionSource<object?>(TaskCreationOptions.RunContinuationsAsynchronously);
        return await never.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private sealed record NoAnswer : MemoryAnswer;

    private sealed record Failed(string Text) : MemoryAnswer;

    private sealed record Refused(int Code, string Message) : MemoryAnswer;

    private sealed record Delayed(TimeSpan Delay, object? Answer) : MemoryAnswer
    {
        public async Task<object?> WaitAsync(TimeProvider time, CancellationToken cancellationToken)
        {
            await Task.Delay(Delay, time, cancellationToken).ConfigureAwait(false);
            return Answer;
        }
    }
}
