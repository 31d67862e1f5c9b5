namespace McpActors.Host.Dashboard.Calling;

/// <summary>How an attempt ended, in words.</summary>
/// <param name="Title">A word or two.</param>
/// <param name="Text">A sentence.</param>
/// <param name="Good">Whether the server did its part.</param>
public sealed record OutcomeWords(string Title, string Text, bool Good)
{
    /// <summary>The words for an outcome.</summary>
    public static OutcomeWords Of(AttemptOutcome outcome) => outcome switch
    {
        AttemptOutcome.Succeeded => new("answered", "The server answered.", true),
        AttemptOutcome.NotSent => new("not sent", "The server never saw the request.", false),
        AttemptOutcome.Refused => new("turned away", "The server turned the request away before running it.", false),
        AttemptOutcome.Rejected => new("rejected", "The request itself is wrong; every server would reject it.", false),
        AttemptOutcome.NotSupported => new("not supported", "This server does not have the tool or method.", false),
        AttemptOutcome.ServerError => new("server error", "The server answered with an error.", false),
        AttemptOutcome.ToolError => new("tool error", "The tool ran and answered that it failed.", true),
        AttemptOutcome.Lost => new("answer lost", "The request was sent and no answer came: it may have run.", false),
        AttemptOutcome.Cancelled => new("cancelled", "The call was cancelled.", false),
        _ => throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "unknown outcome of an attempt"),
    };
}
