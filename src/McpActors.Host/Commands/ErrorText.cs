using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary>Writes an error for people: its kind and message, whether the call may have run, the server's data, and the attempts.</summary>
internal static class ErrorText
{
    private const int LongestData = 1000;

    public static void Write(ErrorReply reply, TextWriter error)
    {
        var code = reply.Error.Code is { } number ? $" ({number})" : "";
        error.WriteLine($"{TerminalText.Line(reply.Error.Kind)}{code}: {TerminalText.Lines(reply.Error.Message)}");
        if (reply.Error.MayHaveRun is { } mayHaveRun)
            error.WriteLine(mayHaveRun ? "It may have run." : "Nothing ran.");
        if (reply.Error.Data is { } data)
            error.WriteLine($"Data: {TerminalText.Line(data.GetRawText(), LongestData)}");
        if (reply.Error.RetryAfterMs is { } wait)
            error.WriteLine($"Try again in {Times.Text(wait)}.");
        if (reply.Attempts is { Count: > 0 } attempts)
            WriteAttempts(attempts, error);
    }

    /// <summary>Writes the attempts in order.</summary>
    public static void WriteAttempts(IReadOnlyList<AttemptReply> attempts, TextWriter error)
    {
        var table = new TextTable("ATTEMPT", "SERVER", "OUTCOME", "TIME", "ERROR");
        for (var i = 0; i < attempts.Count; i++)
            table.Add($"{i + 1}", attempts[i].Server, $"{attempts[i].Outcome}", Times.Text(attempts[i].ElapsedMs), attempts[i].Error);
        table.WriteTo(error);
    }
}
