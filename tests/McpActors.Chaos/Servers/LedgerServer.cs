using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Chaos.Servers;

/// <summary>
/// An MCP server that records each execution before it answers, and misbehaves for a time on command. Thread-safe.
/// </summary>
internal sealed class LedgerServer(Ledger ledger)
{
    private readonly Lock _gate = new();
    private string _fault = "";
    private TimeSpan _delay;
    private long _faultEnds;

    public McpServerOptions Options() => new()
    {
        ServerInfo = new Implementation { Name = "ledger", Version = "1.0.0" },
        Handlers = Handlers(),
    };

    public McpServerHandlers Handlers() => new()
    {
        ListToolsHandler = (_, _) => ValueTask.FromResult(new ListToolsResult { Tools = Tools.All }),
        CallToolHandler = async (request, cancellationToken) =>
            await CallAsync(request.Params!.Name, request.Params.Arguments![Tools.Argument].GetInt64(), cancellationToken),
    };

    /// <summary>Misbehaves for a time from now on; replaces an earlier command.</summary>
    /// <param name="fault"><c>hang</c>, <c>slow</c> or <c>errors</c>.</param>
    /// <param name="time">The duration.</param>
    /// <param name="delay">The delay of answers with <c>slow</c>.</param>
    public void Misbehave(string fault, TimeSpan time, TimeSpan delay)
    {
        lock (_gate)
            (_fault, _delay) = (fault, delay);
        _faultEnds = TimeProvider.System.GetTimestamp() + (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency);
    }

    private async Task<CallToolResult> CallAsync(string tool, long number, CancellationToken cancellationToken)
    {
        var (fault, delay) = Now();
        // Half of the calls hang or fail before the execution, half after it.
        var isFirstHalf = number / 4 % 2 == 0;
        if (fault == "errors")
        {
            if (isFirstHalf)
                ledger.Append(tool, number);
            throw new McpProtocolException("not now", McpErrorCode.InternalError);
        }
        var actsLate = fault == "hang" && isFirstHalf;
        if (!actsLate)
            ledger.Append(tool, number);
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, TimeProvider.System, cancellationToken);
        if (actsLate)
            ledger.Append(tool, number);
        return new CallToolResult { Content = [new TextContentBlock { Text = $"{number}" }] };
    }

    private (string Fault, TimeSpan Delay) Now()
    {
        lock (_gate)
        {
            var left = TimeProvider.System.GetElapsedTime(TimeProvider.System.GetTimestamp(), _faultEnds);
            return left <= TimeSpan.Zero ? ("", TimeSpan.Zero) : (_fault, _fault == "hang" ? left : _delay);
        }
    }
}
