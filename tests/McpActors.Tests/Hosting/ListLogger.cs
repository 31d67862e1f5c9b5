using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace McpActors.Tests.Hosting;

/// <summary>Keeps the lines of a log: <c>level category: text</c>.</summary>
internal sealed class ListLogger : ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyCollection<string> Lines => _lines;

    public ConcurrentQueue<IReadOnlyDictionary<string, object?>> Properties { get; } = [];

    public ILogger CreateLogger(string categoryName) => new Category(this, categoryName);

    public void Dispose()
    {
    }

    private sealed class Category(ListLogger list, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            // Properties first: a test that has seen the line may read them.
            if (state is IReadOnlyList<KeyValuePair<string, object?>> properties)
                list.Properties.Enqueue(properties.ToDictionary(property => property.Key, property => property.Value));
            list._lines.Enqueue($"{logLevel} {name}: {formatter(state, exception)}");
        }
    }
}
