using Microsoft.Extensions.Logging;

namespace McpActors.Transports;

/// <summary>
/// The SDK's client logs each failed connection attempt as an error with its stack. The pool retries for ever and logs the cause once, so
/// the client's lines are details: they are logged as <see cref="LogLevel.Debug"/>, or <see cref="LogLevel.Trace"/> if they were so before.
/// Each line gets the property <c>Server</c>, which the client does not know.
/// </summary>
internal sealed class DemotedLogs(ILoggerFactory inner, string server) : ILoggerFactory
{
    private readonly KeyValuePair<string, object?>[] _about = [new("Server", server)];

    public ILogger CreateLogger(string categoryName) => new Demoted(inner.CreateLogger(categoryName), _about);

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("Add providers to the application's logger factory.");

    public void Dispose()
    {
    }

    private sealed class Demoted(ILogger inner, KeyValuePair<string, object?>[] about) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(Lower(logLevel));

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
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
