using System.Text.Json;
using McpActors.Host.Api.Contract;
using McpActors.Host.Presentation;

namespace McpActors.Host.Commands;

/// <summary>
/// Writes the outcome of a call for people: the result to the output, so that it can be piped on, and which server answered to the error
/// stream. The result of a tool that failed goes to the error stream too.
/// </summary>
internal static class ResultText
{
    /// <summary>Writes it.</summary>
    /// <param name="reply">The host's answer.</param>
    /// <param name="console">Where to.</param>
    /// <param name="isWritten">True: the result has been written already, as JSON.</param>
    /// <returns>The exit code: whether the tool reports that it failed.</returns>
    public static ExitCode Write(ExecuteReply reply, CommandConsole console, bool isWritten)
    {
        var result = ToolResult.Read(reply.Result);
        if (!isWritten)
        {
            (result.IsError ? console.Error : console.Output).WriteLine(Of(reply.Result, result));
            if (!result.IsError)
                console.Error.WriteLine($"{TerminalText.Line(reply.Server)} answered in {Times.Text(reply.ElapsedMs)}.");
            if (reply.Attempts.Count > 1)
                ErrorText.WriteAttempts(reply.Attempts, console.Error);
        }
        if (!result.IsError)
            return ExitCode.Done;
        console.Error.WriteLine($"The tool ran on {TerminalText.Line(reply.Server)} and reports that it failed (isError).");
        return ExitCode.ToolError;
    }

    /// <summary>The content blocks of a tool's result in order, else its structured content; any other result as JSON.</summary>
    private static string Of(JsonElement json, ToolResult result) => result switch
    {
        { Blocks: null } => Indent(json),
        { Blocks.Count: > 0 } => string.Join('\n', result.Blocks.Select(OfBlock)),
        { Structured: { } structured } => Indent(structured),
        _ => "(empty)",
    };

    private static string OfBlock(ResultBlock block) => block.Kind switch
    {
        BlockKind.Text => TerminalText.Lines(block.Text ?? ""),
        BlockKind.Image or BlockKind.Audio =>
            $"({TerminalText.Line(block.MimeType ?? "data")}, {block.Data?.Length ?? 0} characters of base64: --json has them)",
        _ => Indent(block.Json),
    };

    private static string Indent(JsonElement json) => TerminalText.Json(ReadableJson.Indent(json));
}
