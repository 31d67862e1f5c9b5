using McpActors.Configuration;
using McpActors.Host.Settings;
using McpActors.Pool;

namespace McpActors.Host.Reloading;

/// <summary>What became of the last look at the configuration file.</summary>
/// <param name="At">When.</param>
/// <param name="Problem">Why it was not taken; null when the pool is as it says.</param>
internal sealed record ReloadOutcome(DateTimeOffset At, string? Problem);

/// <summary>
/// Makes the pool what the configuration file says, when the file has changed or somebody asks for it. A bad file changes nothing. One reload at a
/// time; thread-safe.
/// </summary>
/// <param name="file">The configuration file; null: there is none.</param>
/// <param name="pool">The pool, which starts after what is hosted beside it was made.</param>
/// <param name="time">The clock.</param>
/// <param name="log">Where a refusal is told.</param>
internal sealed partial class ConfigurationReloader(string? file, Func<IMcpPool> pool, TimeProvider time, ILogger<ConfigurationReloader> log) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>The files to look at for changes; empty when there is no configuration file.</summary>
    public IReadOnlyList<string> Files { get; private set; } = file is null ? [] : WorkerConfiguration.ReadPool(file).Files;

    /// <summary>The settings the pool was last made of; null before the first reload that was taken.</summary>
    public PoolSettings? Applied { get; private set; }

    /// <summary>How the last reload went; null before the first.</summary>
    public ReloadOutcome? Last { get; private set; }

    /// <summary>Told after each reload. From any thread.</summary>
    public event Action? Reloaded;

    public async Task<ReloadOutcome> ReloadAsync(CancellationToken cancellation)
    {
        if (file is null)
            return new ReloadOutcome(time.GetUtcNow(), "This worker was started without a configuration file (--config), so there is nothing to read again.");
        await _turn.WaitAsync(cancellation);
        try
        {
            var read = WorkerConfiguration.ReadPool(file);
            Files = read.Files;
            var problem = read.Settings is { } settings
                ? await ApplyAsync(settings, cancellation)
                : string.Join(Environment.NewLine, read.Problems);
            Last = new ReloadOutcome(time.GetUtcNow(), problem);
            if (problem is null)
                Applied = read.Settings;
            else
                LogRefused(file, problem);
            Reloaded?.Invoke();
            return Last;
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<string?> ApplyAsync(PoolSettings settings, CancellationToken cancellation)
    {
        try
        {
            await pool().CommandAsync(new ApplyConfiguration(settings), cancellation);
            return null;
        }
        catch (CommandRefusedException refused)
        {
            return refused.Message;
        }
    }

    public void Dispose() => _turn.Dispose();

    [LoggerMessage(LogLevel.Error, "The configuration file {File} has changed but is not taken, the pool stays as it is: {Problem}")]
    private partial void LogRefused(string file, string problem);
}
