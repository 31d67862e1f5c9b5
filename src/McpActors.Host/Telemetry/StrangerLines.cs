using McpActors.Transports;
using Serilog.Events;

namespace McpActors.Host.Telemetry;

/// <summary>
/// Finds log lines that a stranger causes with each connection or message: at the cluster's port (a scanner, a browser, a program of
/// another version), or at the web server's, which refuses connections when it has enough of them. Of each kind one a minute is written, so
/// that nobody can fill the log. Thread-safe.
/// </summary>
/// <param name="time">The clock.</param>
internal sealed class StrangerLines(TimeProvider time)
{
    private const string WebServer = "Microsoft.AspNetCore.Server.Kestrel.Connections";

    // Where the line comes from, and its kind: bytes that are no frame, frames that are no handshake, messages that nobody can read.
    private static readonly (string Source, string Kind)[] Sources =
    [
        ("TcpServerHandler", "connection"),
        ("/system/transports/", "handshake"),
        ("/endpointReader-", "message"),
    ];

    private readonly RareWarnings _rare = new(time);

    /// <summary>Whether the line must be left out now.</summary>
    public bool IsTooMany(LogEvent line) => KindOf(line) is { } kind && _rare.Due(kind) is null;

    private static string? KindOf(LogEvent line) =>
        Text(line, "LogSource") is { } source
            ? Sources.FirstOrDefault(known => source.Contains(known.Source, StringComparison.Ordinal)).Kind
        : Text(line, "SourceContext") is WebServer ? "refused connection"
        : null;

    private static string? Text(LogEvent line, string property) =>
        line.Properties.TryGetValue(property, out var value) && value is ScalarValue { Value: string text } ? text : null;
}
