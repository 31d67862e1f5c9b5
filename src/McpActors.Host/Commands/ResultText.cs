using System.Text.Encodings.Web;
using System.Text.Json;
using McpActors.Host.Api;
using McpActors.Host.Dashboard.Calling;

namespace McpActors.Host.Commands;

/// <summary>
/// What came of a call, for people: the result on the output, who answered on the error stream, so that the result can be piped on. What a tool says
/// of its own failure goes to the error stream.
/// </summary>
internal static class ResultText
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes it.</summary>
    /// <param name="reply">What the host answered.</param>
    /// <param name="console">Where to.</param>
    /// <param name="isWritten">True: the result itself has been written already, as JSON.</param>
    /// <returns>The exit code: whether the tool says that it failed.</returns>
    public static ExitCode Write(ExecuteReply reply, CommandConsole console, bool isWritten)
    {
        var failed = reply.Result.Flag("isError") == true;
        if (!isWritten)
        {
            (failed ? console.Error : console.Output).WriteLine(Of(reply.Result));
            if (!failed)
                console.Error.WriteLine($"{TerminalText.Line(reply.Server)} answered in {Times.Text(reply.ElapsedMs)}.");
            if (reply.Attempts.Count > 1)
                ErrorText.WriteAttempts(reply.Attempts, console.Error);
        }
        if (failed)
            console.Error.WriteLine($"The tool ran on {TerminalText.Line(reply.Server)} and says that it failed (isError).");
        return failed ? ExitCode.ToolError : ExitCode.Done;
    }

    /// <summary>The content of a tool's result, one part after the other; its structured content when there is no other; any other result as JSON.</summary>
    private static string Of(JsonElement result)
    {
        if (result.Find("content") is not { ValueKind: JsonValueKind.Array } content)
            return Indent(result);
        if (content.GetArrayLength() == 0)
            return result.Find("structuredContent") is { } structured ? Indent(structured) : "(empty)";
        return string.Join('\n', content.EnumerateArray().Select(OfBlock));
    }

    private static string OfBlock(JsonElement block) => block.Text("type") switch
    {
        "text" => TerminalText.Lines(block.Text("text") ?? ""),
        "image" or "audio" =>
            $"({TerminalText.Line(block.Text("mimeType") ?? "data")}, {block.Text("data")?.Length ?? 0} characters of base64: --json has them)",
        _ => Indent(block),
    };

    private static string Indent(JsonElement json) => TerminalText.Json(JsonSerializer.Serialize(json, Readable));
}
