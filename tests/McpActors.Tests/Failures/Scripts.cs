using Microsoft.AspNetCore.Http;

namespace McpActors.Tests.Failures;

/// <summary>Answers of an HTTP server to a tool call, most of them faulty.</summary>
internal static class Scripts
{
    /// <summary>No answer, until the client or the server closes the connection.</summary>
    public static Script Never { get; } = async (context, _) =>
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted)
            .ContinueWith(_ => { }, TaskScheduler.Default);

    /// <summary>The connection is reset after the whole request was read.</summary>
    public static Script Reset { get; } = (context, _) =>
    {
        context.Abort();
        return Task.CompletedTask;
    };

    /// <summary>An event stream that begins correctly and is reset.</summary>
    public static Script ResetStream { get; } = async (context, _) =>
    {
        await BeginEventsAsync(context);
        context.Abort();
    };

    /// <summary>An event stream that ends correctly, but without the reply.</summary>
    public static Script EndedStream { get; } = (context, _) => BeginEventsAsync(context);

    /// <summary>The correct reply to a message of the handshake, the catalogue or a probe.</summary>
    public static Script AsItShouldBe { get; } = (context, message) =>
        Body("application/json", LegacyMcp.Answer(message)!.ToJsonString())(context, message);

    public static Script Result(string text, bool isError = false) => (context, request) =>
        Body("application/json", LegacyMcp.ToolResult(request, text, isError).ToJsonString())(context, request);

    public static Script Error(int code, int status = 200, string words = "it says no") => (context, request) =>
        Body("application/json", LegacyMcp.Error(request, code, words).ToJsonString(), status)(context, request);

    public static Script WrongId { get; } = (context, request) =>
    {
        request["id"] = 99999;
        return Result("for somebody else")(context, request);
    };

    public static Script Status(int status, string? retryAfter = null) => (context, _) =>
    {
        context.Response.StatusCode = status;
        if (retryAfter is not null)
            context.Response.Headers.RetryAfter = retryAfter;
        return Task.CompletedTask;
    };

    public static Script Body(string type, string body, int status = 200) => (context, _) =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body, context.RequestAborted);
    };

    /// <summary>A result as one event of a stream.</summary>
    public static Script EventOf(string text) => (context, request) =>
        Body("text/event-stream", $"event: message\ndata: {LegacyMcp.ToolResult(request, text).ToJsonString()}\n\n")(context, request);

    private static async Task BeginEventsAsync(HttpContext context)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(
            "event: message\n"
            + """data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":"begun"}}"""
            + "\n\n");
        await context.Response.Body.FlushAsync();
    }
}
