using McpActors.Configuration;
using Microsoft.Extensions.Logging;

namespace McpActors.Transports;

/// <summary>
/// The SDK's client logs each failed connection attempt as an error with its stack. The pool retries for ever and logs the cause once, so
/// the client's lines are details: they are logged as <see cref="LogLevel.Debug"/>, or <see cref="LogLevel.Trace"/> if they were so before.
/// The lines of this library keep their level. Each line gets the property <c>Server</c> and loses the server's secrets.
/// </summary>
/// <param name="inner">Creates the loggers.</param>
/// <param name="server">The server's name.</param>
/// <param name="redactor">Removes the server's secrets.</param>
internal sealed class DemotedLogs(ILoggerFactory inner, string server, CurrentRedactor redactor) : ILoggerFactory
{
    private const string Sdk = "ModelContextProtocol";

    private readonly KeyValuePair<string, object?>[] _about = [new("Server", server)];

    public ILogger CreateLogger(string categoryName) =>
        new Demoted(inner.CreateLogger(categoryName), categoryName.StartsWith(Sdk, StringComparison.Ordinal), _about, redactor);

    public void AddProvider(ILoggerProvider provider) =>
        throw new NotSupportedException("Add providers to the application's logger factory.");

    public void Dispose()
    {
    }

    private sealed class Demoted(ILogger inner, bool demotes, KeyValuePair<string, object?>[] about, CurrentRedactor redactor) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(Lower(logLevel));

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var level = Lower(logLevel);
            if (!inner.IsEnabled(level))
                return;
            var message = redactor.Redact(formatter(state, exception));
            var failure = exception is null ? null : new RedactedException(redactor.Redact(exception.ToString()));
            using (inner.BeginScope(about))
                inner.Log(level, eventId, new RedactedState(message, PropertiesOf(state)), failure, (written, _) => written.ToString());
        }

        private LogLevel Lower(LogLevel level) => !demotes || level == LogLevel.Trace ? level : LogLevel.Debug;

        private List<KeyValuePair<string, object?>> PropertiesOf<TState>(TState state) =>
            state is not IEnumerable<KeyValuePair<string, object?>> properties
                ? []
                : [.. properties.Select(property => new KeyValuePair<string, object?>(property.Key, Redacted(property.Value)))];

        private object? Redacted(object? value) => value switch
        {
            null or bool or int or long or double => value,
            string text => redactor.Redact(text),
            _ => redactor.Redact(value.ToString() ?? ""),
        };
    }

    /// <summary>A line's message and properties.</summary>
    private sealed class RedactedState(string message, List<KeyValuePair<string, object?>> properties)
        : IReadOnlyList<KeyValuePair<string, object?>>
    {
        public int Count => properties.Count;

        public KeyValuePair<string, object?> this[int index] => properties[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() => properties.GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => message;
    }

    /// <summary>The text of an exception.</summary>
    private sealed class RedactedException(string text) : Exception(text)
    {
        public override string ToString() => Message;
    }
}
