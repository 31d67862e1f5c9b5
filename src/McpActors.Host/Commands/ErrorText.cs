using McpActors.Host.Api;

namespace McpActors.Host.Commands;

/// <summary>An error for people: its kind and words, and what was tried.</summary>
internal static class ErrorText
{
    public static void Write(ErrorReply reply, TextWriter error)
    {
        error.WriteLine($"{TerminalText.Line(reply.Error.Kind)}: {TerminalText.Lines(reply.Error.Message)}");
        if (reply.Error.RetryAfterMs is { } wait)
            error.WriteLine($"Try again in {Times.Text(wait)}.");
        if (reply.Attempts is { Count: > 0 } attempts)
            WriteAttempts(attempts, error);
    }

    /// <summary>What was tried, in order.</summary>
    public static void WriteAttempts(IReadOnlyList<AttemptReply> attempts, TextWriter error)
    {
        var table = new TextTable("ATTEMPT", "SERVER", "OUTCOME", "TIME", "ERROR");
        for (var i = 0; i < attempts.Count; i++)
            table.Add($"{i + 1}", attempts[i].Server, $"{attempts[i].Outcome}", Times.Text(attempts[i].ElapsedMs), attempts[i].Error);
        table.WriteTo(error);
    }
}
