using McpActors.Configuration;
using McpActors.Host.Settings;
using McpActors.Pool;

namespace McpActors.Host.Reloading;

/// <summary>The result of a reload.</summary>
/// <param name="At">The time of the reload.</param>
/// <param name="Problem">Why the file was rejected; null when it was applied.</param>
internal sealed record ReloadOutcome(DateTimeOffset At, string? Problem);

/// <summary>
/// Applies the configuration file to the pool again, after a change or on request. An invalid file changes nothing. One reload at a time;
/// thread-safe.
/// </summary>
/// <param name="file">The configuration file; null: there is none.</param>
/// <param name="pool">The pool, which does not exist yet when this is created.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log, for rejected files.</param>
internal sealed partial class ConfigurationReloader(
    string? file, Func<IMcpPool> pool, TimeProvider time, ILogger<ConfigurationReloader> log) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>The files to watch; empty when there is no configuration file.</summary>
    public IReadOnlyList<string> Files { get; private set; } = file is null ? [] : WorkerConfiguration.ReadPool(file).Files;

    /// <summary>The settings that were applied last; null before the first reload that succeeded.</summary>
    public PoolSettings? Applied { get; private set; }

    /// <summary>The result of the last reload; null before the first.</summary>
    public ReloadOutcome? Last { get; private set; }

    /// <summary>Raised after each reload, on any thread.</summary>
    public event Action? Reloaded;

    public async Task<ReloadOutcome> ReloadAsync(CancellationToken cancellation)
    {
        if (file is null)
        {
            return new ReloadOutcome(
                time.GetUtcNow(), "This worker was started without a configuration file (--config), so there is nothing to reload.");
        }
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
                LogRejected(file, problem);
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

    [LoggerMessage(LogLevel.Error, "The changed configuration file {File} was rejected; the pool keeps its current settings: {Problem}")]
    private partial void LogRejected(string file, string problem);
}
