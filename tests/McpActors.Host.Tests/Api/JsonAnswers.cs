using System.Text.Json;

namespace McpActors.Host.Tests.Api;

/// <summary>Reads the JSON of answers.</summary>
internal static class JsonAnswers
{
    public static async Task<JsonElement> JsonAsync(this HttpResponseMessage response)
    {
        using var document = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        return document.RootElement.Clone();
    }

    /// <summary>The message of an error answer of that kind.</summary>
    public static async Task<string> ErrorAsync(this HttpResponseMessage response, string kind)
    {
        var error = (await response.JsonAsync()).GetProperty("error");
        Assert.Equal(kind, error.GetProperty("kind").GetString());
        return error.GetProperty("message").GetString()!;
    }

    public static JsonElement Json(this string text)
    {
        using var document = JsonDocument.Parse(text);
        return document.RootElement.Clone();
    }
}
