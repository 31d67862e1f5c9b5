using McpActors.Configuration;
using McpActors.Host.Settings;
using McpActors.Pool;

namespace McpActors.Host.Reloading;

/// <summary>The result of a reload.</summary>
/// <param name="At">The time of the reload.</param>
/// <param name="Problem">Why the file was rejected; null when it was applied.</param>
/// <param name="AtNextStart">The blocks that differ from those at the start and have no effect before the next one.</param>
internal sealed record ReloadOutcome(DateTimeOffset At, string? Problem, IReadOnlyList<string> AtNextStart);

/// <summary>
/// Applies the configuration file to the pool again, after a change or on request. An invalid file changes nothing. One reload at a time;
/// thread-safe.
/// </summary>
/// <param name="file">The configuration file; null: there is none.</param>
/// <param name="start">The configuration at the start; null: it was not read from files.</param>
/// <param name="pool">The pool, which does not exist yet when this is created.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log, for rejected files.</param>
internal sealed partial class ConfigurationReloader(
    string? file, WorkerConfiguration? start, Func<IMcpPool> pool, TimeProvider time, ILogger<ConfigurationReloader> log) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1);
    private IReadOnlyList<string> _atNextStart = [];
    private IReadOnlyList<SettingsProblem> _notes = [];
    private bool _isStartReported;

    /// <summary>The files to watch; empty when there is no configuration file.</summary>
    public IReadOnlyList<string> Files { get; private set; } = file is null ? [] : start?.Files ?? [file];

    /// <summary>The content of the files when they were last read.</summary>
    public FileStamps Stamps { get; private set; } = start?.Stamps ?? FileStamps.None;

    /// <summary>The settings that were applied last; null before the first reload that succeeded.</summary>
    public PoolSettings? Applied { get; private set; }

    /// <summary>The settings of the configuration as they hold now; null: it is not known.</summary>
    public PoolSettings? Configured => Applied ?? start?.Pool;

    /// <summary>The result of the last reload; null before the first.</summary>
    public ReloadOutcome? Last { get; private set; }

    /// <summary>Raised after each reload, on any thread.</summary>
    public event Action? Reloaded;

    public async Task<ReloadOutcome> ReloadAsync(CancellationToken cancellation)
    {
        if (file is null)
        {
            return new ReloadOutcome(
                time.GetUtcNow(), "This worker was started without a configuration file (--config), so there is nothing to reload.", []);
        }
        await _turn.WaitAsync(cancellation);
        try
        {
            ReportStart();
            var read = WorkerConfiguration.ReadAgain(file);
            Files = read.Files;
            var problem = read.Configuration is { Pool: { } settings }
                ? await ApplyAsync(settings, cancellation)
                : string.Join(Environment.NewLine, read.Problems);
            // Not before the pool has answered: a file that was not applied is read again.
            Stamps = read.Stamps;
            if (read.Configuration is { } configuration)
            {
                ReportBlocks(configuration);
                ReportNotes(configuration.Notes);
            }
            Last = new ReloadOutcome(time.GetUtcNow(), problem, _atNextStart);
            if (problem is null)
                Applied = read.Configuration!.Pool;
            else
                LogRejected(file, problem.ReplaceLineEndings("; "));
            Reloaded?.Invoke();
            return Last;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Logs the notes on the configuration at the start, unless a reload has done so.</summary>
    public async Task ReportStartAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            ReportStart();
        }
        finally
        {
            _turn.Release();
        }
    }

    private void ReportStart()
    {
        if (!_isStartReported)
            ReportNotes(start?.Notes ?? []);
        _isStartReported = true;
    }

    // Each note is logged once.
    private void ReportNotes(IReadOnlyList<SettingsProblem> notes)
    {
        foreach (var note in notes.Except(_notes))
            LogNote(note.Path, note.Message);
        _notes = notes;
    }

    private void ReportBlocks(WorkerConfiguration now)
    {
        var changed = start?.AtStart.Changed(now.AtStart) ?? [];
        if (changed.Count > 0 && !changed.SequenceEqual(_atNextStart))
            LogAtNextStart(string.Join(", ", changed), file!);
        _atNextStart = changed;
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

    [LoggerMessage(LogLevel.Information, "{Key}: {Note}")]
    private partial void LogNote(string key, string note);

    [LoggerMessage(LogLevel.Warning, "The change of {Blocks} in {File} takes effect at the next start of the worker")]
    private partial void LogAtNextStart(string blocks, string file);
}
