using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Chaos.Servers;

/// <summary>An MCP server that writes each execution down before it answers, and misbehaves for a while when told to. Thread-safe.</summary>
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

    /// <summary>Misbehaves from now on for some time; an earlier order is forgotten.</summary>
    /// <param name="fault"><c>hang</c>, <c>slow</c> or <c>errors</c>.</param>
    /// <param name="time">For how long.</param>
    /// <param name="delay">How late <c>slow</c> answers.</param>
    public void Misbehave(string fault, TimeSpan time, TimeSpan delay)
    {
        lock (_gate)
            (_fault, _delay, _faultEnds) = (fault, delay, TimeProvider.System.GetTimestamp() + (long)(time.TotalSeconds * TimeProvider.System.TimestampFrequency));
    }

    private async Task<CallToolResult> CallAsync(string tool, long number, CancellationToken cancellationToken)
    {
        var (fault, delay) = Now();
        if (fault == "errors")
            throw new McpProtocolException("not now", McpErrorCode.InternalError);
        // A server may hang before it acts or after: half of the calls each.
        var actsLate = fault == "hang" && number / 4 % 2 == 0;
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
