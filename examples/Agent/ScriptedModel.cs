using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Agent;

/// <summary>
/// Takes the place of a model: calls the tool <c>forecast</c>, if it is offered, and answers from the tool's result. Like a model it keeps
/// nothing between requests; the conversation is its whole state.
/// </summary>
internal sealed class ScriptedModel : IChatClient
{
    public Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var result = messages.SelectMany(message => message.Contents).OfType<FunctionResultContent>().LastOrDefault();
        AIContent content = result is null ? AskForForecast(options) : Advise(result);
        return Task.FromResult(new ChatResponse(new ChatMessage(ChatRole.Assistant, [content])));
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default) =>
        throw new NotSupportedException("The script answers at once; use GetResponseAsync.");

    public object? GetService(Type serviceType, object? serviceKey = null) => serviceType.IsInstanceOfType(this) ? this : null;

    public void Dispose()
    {
    }

    private static AIContent AskForForecast(ChatOptions? options) =>
        options?.Tools?.Any(tool => tool.Name == "forecast") == true
            ? new FunctionCallContent("call-1", "forecast", new Dictionary<string, object?> { ["city"] = "Oslo" })
            : new TextContent("I have no way to look up the weather.");

    private static TextContent Advise(FunctionResultContent result)
    {
        // The result of an MCP tool, as any model gets it.
        var weather = ((JsonElement)result.Result!).GetProperty("structuredContent");
        var celsius = weather.GetProperty("celsius").GetInt32();
        return new($"{celsius} degrees{(weather.GetProperty("snow").GetBoolean() ? " and snow" : "")}: a winter coat and boots.");
    }
}
