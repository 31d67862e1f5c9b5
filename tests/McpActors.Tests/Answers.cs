namespace McpActors.Tests;

/// <summary>Short access to the content of an answer.</summary>
internal static class Answers
{
    /// <summary>The text of a tool's result.</summary>
    public static string? Text(this CallCompleted answer) => answer.Result.GetProperty("content")[0].GetProperty("text").GetString();
}
