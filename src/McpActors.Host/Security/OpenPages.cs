namespace McpActors.Host.Security;

/// <summary>
/// Ends the connection of an open page of the dashboard with its log-in: the page loads once and would live on without it.
/// </summary>
internal sealed class OpenPages(RequestDelegate next, LogIns logIns, TimeProvider time)
{
    /// <summary>
    /// How often an open connection checks that its log-in holds: a token that was replaced is not announced, and a page that logs out
    /// leaves by itself first.
    /// </summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    public async Task InvokeAsync(HttpContext context)
    {
        if (LogIns.KeyOf(context.User) is not { } key || !context.Request.Path.StartsWithSegments("/_blazor"))
        {
            await next(context);
            return;
        }
        using var served = new CancellationTokenSource();
        var watch = WatchAsync(context, key, served.Token);
        try
        {
            await next(context);
        }
        finally
        {
            await served.CancelAsync();
            await watch;
        }
    }

    private async Task WatchAsync(HttpContext context, string key, CancellationToken served)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(served))
            {
                if (!logIns.Holds(key))
                {
                    context.Abort();
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The connection ended first.
        }
    }
}
