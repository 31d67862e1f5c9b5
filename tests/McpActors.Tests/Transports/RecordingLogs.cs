using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace McpActors.Tests.Transports;

/// <summary>Keeps every log line of every level, with its properties and exception as text.</summary>
internal sealed class RecordingLogs : ILoggerFactory, ILogger
{
    public ConcurrentQueue<string> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var properties = state is IEnumerable<KeyValuePair<string, object?>> pairs ? string.Join("; ", pairs) : "";
        Lines.Enqueue($"{logLevel} {formatter(state, exception)} [{properties}] {exception}");
    }

    public void Dispose()
    {
    }
}
