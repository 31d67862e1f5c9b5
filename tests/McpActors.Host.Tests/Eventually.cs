namespace McpActors.Host.Tests;

/// <summary>Waits for an effect of another process.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(50);

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var guard = new CancellationTokenSource(Guard);
        while (!await condition())
            await Task.Delay(Between, TimeProvider.System, guard.Token);
    }
}
