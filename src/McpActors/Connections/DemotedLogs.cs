using Microsoft.Extensions.Logging;

namespace McpActors.Connections;

/// <summary>
/// The SDK's client logs each failed connection attempt as an error with its stack. The pool tries for ever and says once what is wrong, so what
/// the client says is for whoever looks closer: it is logged as <see cref="LogLevel.Debug"/>, or <see cref="LogLevel.Trace"/> where it was that.
/// Each line gets the property <c>Server</c>, which the client cannot know.
/// </summary>
internal sealed class DemotedLogs(ILoggerFactory inner, string server) : ILoggerFactory
{
    private readonly KeyValuePair<string, object?>[] _about = [new("Server", server)];

    public ILogger CreateLogger(string categoryName) => new Demoted(inner.CreateLogger(categoryName), _about);

    public void AddProvider(ILoggerProvider provider) => throw new NotSupportedException("providers belong to the factory behind this one");

    public void Dispose()
    {
    }

    private sealed class Demoted(ILogger inner, KeyValuePair<string, object?>[] about) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(Lower(logLevel));

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var level = Lower(logLevel);
            if (!inner.IsEnabled(level))
                return;
            using (inner.BeginScope(about))
                inner.Log(level, eventId, state, exception, formatter);
        }

        private static LogLevel Lower(LogLevel level) => level == LogLevel.Trace ? LogLevel.Trace : LogLevel.Debug;
    }
}
