using Microsoft.AspNetCore.Components;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>A component that is drawn again after each update of the <see cref="PoolView"/>.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private IDisposable? _watch;

    [Inject] private PoolMonitor Monitor { get; set; } = null!;

    /// <summary>The last view of the pool.</summary>
    protected PoolView View => Monitor.View;

    /// <summary>The time of the view.</summary>
    protected DateTimeOffset Now => Monitor.View.At;

    /// <summary>Why the view is out of date; null while it is current.</summary>
    protected string? Problem => Monitor.Problem;

    /// <summary>The last 15 minutes of a server; null: of all servers.</summary>
    protected HistoryPoint[] Points(string? server) => Monitor.Points(server);

    protected override void OnInitialized() => _watch = Monitor.Watch(() => _ = RefreshAsync());

    /// <summary>Called after each update of the view. Default: draws the component.</summary>
    protected virtual void Refresh() => StateHasChanged();

    /// <summary>Called when the component is disposed. Default: does nothing.</summary>
    protected virtual void Leave()
    {
    }

    private async Task RefreshAsync()
    {
        try
        {
            await InvokeAsync(Refresh);
        }
        catch (ObjectDisposedException)
        {
            // The page was closed in the meantime.
        }
        catch (Exception e)
        {
            // The page shows the failure instead of freezing.
            await DispatchExceptionAsync(e);
        }
    }

    public void Dispose()
    {
        _watch?.Dispose();
        Leave();
        GC.SuppressFinalize(this);
    }
}
