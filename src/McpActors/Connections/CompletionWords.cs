using ModelContextProtocol.Client;

namespace McpActors.Connections;

/// <summary>Describes why a client completed.</summary>
internal static class CompletionWords
{
    private const int StandardErrorLines = 3;

    public static string Of(ClientCompletionDetails details) => details switch
    {
        StdioClientCompletionDetails stdio => "the process ended" + ExitCode(stdio.ExitCode) + LastOutput(stdio.StandardErrorTail),
        HttpClientCompletionDetails { HttpStatusCode: { } status } => $"the server ended the session with HTTP {(int)status}",
        { Exception: { } e } => FailureClassifier.Words(e),
        _ => "the server closed the connection",
    };

    private static string ExitCode(int? code) => code is { } known ? $" with exit code {known}" : "";

    private static string LastOutput(IReadOnlyList<string>? tail) =>
        tail is { Count: > 0 } ? $"; its last output: {string.Join(" | ", tail.TakeLast(StandardErrorLines))}" : "";
}
