using Microsoft.AspNetCore.Components;

namespace McpActors.Host.Dashboard.Monitoring;

/// <summary>A component that is drawn again whenever the pool was seen anew.</summary>
public abstract class LiveComponent : ComponentBase, IDisposable
{
    private IDisposable? _watch;

    [Inject] private PoolMonitor Monitor { get; set; } = null!;

    /// <summary>The pool as last seen.</summary>
    protected PoolView View => Monitor.View;

    /// <summary>The moment the page shows.</summary>
    protected DateTimeOffset Now => Monitor.View.At;

    /// <summary>Why what is shown is out of date; null while it is not.</summary>
    protected string? Problem => Monitor.Problem;

    /// <summary>The last 15 minutes of a server; null: of all.</summary>
    protected HistoryPoint[] Points(string? server) => Monitor.Points(server);

    protected override void OnInitialized() => _watch = Monitor.Watch(() => _ = RefreshAsync());

    /// <summary>What is to be done when the pool was seen anew. Default: to draw.</summary>
    protected virtual void Refresh() => StateHasChanged();

    /// <summary>What is to be ended with the component. Default: nothing more.</summary>
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
            // The page was closed meanwhile.
        }
        catch (Exception e)
        {
            // The page says that it is broken, rather than standing still.
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
