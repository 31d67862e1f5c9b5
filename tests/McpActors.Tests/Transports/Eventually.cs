using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>Waits for another thread or process. The guard only ends a broken test; it measures nothing.</summary>
internal static class Eventually
{
    public static readonly TimeSpan Guard = TimeSpan.FromMinutes(2);

    public static Task TrueAsync(Func<bool> condition, string what) => TrueAsync(() => Task.FromResult(condition()), what);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what)
    {
        using var guard = new CancellationTokenSource(Guard);
        while (!await condition())
        {
            Assert.False(guard.IsCancellationRequested, $"not within {Guard}: {what}");
            await Task.Delay(TimeSpan.FromMilliseconds(10), TimeProvider.System);
        }
    }
}
