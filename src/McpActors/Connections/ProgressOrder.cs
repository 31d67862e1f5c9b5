namespace McpActors.Connections;

/// <summary>
/// Passes on the reports of one attempt's progress that are news. MCP requires that progress increases: a lower one was overtaken by
/// another. A server that does not count sends the same one with other words. Not thread-safe.
/// </summary>
internal sealed class ProgressOrder
{
    private (double Progress, double? Total, string? Message)? _last;

    /// <summary>Whether the report is news.</summary>
    public bool Admit(double progress, double? total, string? message)
    {
        if (_last is { } last && (progress < last.Progress || last == (progress, total, message)))
            return false;
        _last = (progress, total, message);
        return true;
    }
}
