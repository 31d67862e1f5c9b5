namespace McpActors.Host.Dashboard.Calling;

/// <summary>The outcome of an attempt, explained for people.</summary>
/// <param name="Title">The outcome in a word or two.</param>
/// <param name="Text">The outcome in a sentence.</param>
/// <param name="Good">Whether the server answered as it should.</param>
public sealed record OutcomeWords(string Title, string Text, bool Good)
{
    /// <summary>The words for an outcome.</summary>
    public static OutcomeWords Of(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Succeeded => new("answered", "The server answered.", true),
        AttemptOutcome.NotSent => new("not sent", "The request was not sent to the server.", false),
        AttemptOutcome.Refused => new("refused", "The server refused the request before running it.", false),
        AttemptOutcome.Rejected => new("rejected", "The request is not valid; every server would reject it.", false),
        AttemptOutcome.NotSupported => new("not supported", "This server does not have the tool or method.", false),
        AttemptOutcome.ServerError => new("server error", "The server answered with an error.", false),
        AttemptOutcome.ToolError => new("tool error", "The tool ran and reported that it failed.", true),
        AttemptOutcome.Lost => new("answer lost", "The request was sent, but no answer came: it may have run.", false),
        AttemptOutcome.Cancelled => new("cancelled", "The call was cancelled.", false),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "unknown outcome of an attempt"),
    };
}
