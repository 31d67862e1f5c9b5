using System.Collections;
using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Event;
using Akka.Hosting.Logging;
using Microsoft.Extensions.Logging;
using LogLevel = Microsoft.Extensions.Logging.LogLevel;

namespace McpActors.Hosting;

/// <summary>
/// Writes the events of Akka's log to the service's <see cref="ILoggerFactory"/>, each under the name of the class that logs it as its
/// category (<c>McpActors.Pool.PoolActor</c>), with its template and properties, and Akka's own information as
/// <see cref="LogLevel.Debug"/>. <see cref="LoggerFactoryLogger"/> has one category for all, and a second time stamp inside.
/// </summary>
internal sealed class CategoryLogger : LoggerFactoryLogger
{
    private readonly ILoggerFactory _factory = Context.System.Settings.Setup.Get<LoggerFactorySetup>().Value.LoggerFactory;
    private readonly ConcurrentDictionary<Type, ILogger> _loggers = [];

    protected override void Log(LogEvent log, ActorPath path)
    {
        var source = log.LogClass ?? typeof(ActorSystem);
        var logger = _loggers.GetOrAdd(source, type => _factory.CreateLogger(type.FullName ?? type.Name));
        logger.Log(LevelOf(log.LogLevel(), source), default, new Entry(log), log.Cause, static (entry, _) => entry.ToString());
    }

    // Akka reports its own routine (coordinated shutdown, dead letters, remoting) as information; a service needs it only to look closer.
    private static LogLevel LevelOf(Akka.Event.LogLevel level, Type source) => level switch
    {
        Akka.Event.LogLevel.DebugLevel => LogLevel.Debug,
        Akka.Event.LogLevel.InfoLevel when source.FullName?.StartsWith("Akka.", StringComparison.Ordinal) == true => LogLevel.Debug,
        Akka.Event.LogLevel.InfoLevel => LogLevel.Information,
        Akka.Event.LogLevel.WarningLevel => LogLevel.Warning,
        _ => LogLevel.Error,
    };

    /// <summary>One event as the log's providers read it: its text, and its properties with the template last.</summary>
    private readonly struct Entry(LogEvent log) : IReadOnlyList<KeyValuePair<string, object?>>
    {
        private readonly KeyValuePair<string, object?>[] _properties =
        [
            .. PropertiesOf(log),
            new("LogSource", log.LogSource),
            new("{OriginalFormat}", log.GetTemplate()),
        ];

        public int Count => _properties.Length;

        public KeyValuePair<string, object?> this[int index] => _properties[index];

        public IEnumerator<KeyValuePair<string, object?>> GetEnumerator() =>
            ((IEnumerable<KeyValuePair<string, object?>>)_properties).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

        public override string ToString() => log.Message?.ToString() ?? "";

        private static IEnumerable<KeyValuePair<string, object?>> PropertiesOf(LogEvent log) =>
            log.TryGetProperties(out var named) && named is not null
                ? named.Select(property => KeyValuePair.Create(property.Key, (object?)property.Value))
                : [];
    }
}
