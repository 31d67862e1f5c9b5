using McpActors.Host.Settings;
using McpActors.Host.Telemetry;
using Serilog;
using Serilog.Events;
using Serilog.Settings.Configuration;
using LogLevel = Akka.Event.LogLevel;

namespace McpActors.Host;

/// <summary>
/// Serilog for ASP.NET Core, Akka and the pool. <c>appsettings.json</c> has the levels under <c>Serilog</c>, and the sinks and templates
/// under <c>SerilogText</c> or <c>SerilogJson</c>, depending on the format.
/// </summary>
internal static class HostLogging
{
    /// <summary>Configures logging.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="format">The format of the lines.</param>
    /// <param name="starting">True until the host serves: the worker reports an error at start once, so the framework's entries on it are
    /// dropped.</param>
    public static void AddHostLogging(this WebApplicationBuilder builder, LogFormat format, Func<bool> starting)
    {
        var strangers = new StrangerLines(TimeProvider.System);
        builder.Services.AddSerilog(
            (services, log) => log
                .ReadFrom.Configuration(builder.Configuration)
                .ReadFrom.Configuration(builder.Configuration, new ConfigurationReaderOptions { SectionName = $"Serilog{format}" })
                .ReadFrom.Services(services)
                .Filter.ByExcluding(entry => starting() && IsErrorOfFramework(entry))
                .Filter.ByExcluding(IsDetailOfShutdown)
                .Filter.ByExcluding(strangers.IsTooMany),
            preserveStaticLogger: true);
    }

    /// <summary>
    /// The level of Akka's logger, which does not know Serilog's levels. At <c>Debug</c> it formats a line for each call.
    /// </summary>
    public static LogLevel LevelOfAkka(IConfiguration configuration)
    {
        var minimum = configuration.GetSection("Serilog:MinimumLevel");
        string?[] levels = [minimum.Value, minimum["Default"], minimum["Override:Akka"]];
        return levels.Any(level => Enum.TryParse<LogEventLevel>(level, ignoreCase: true, out var parsed) && parsed <= LogEventLevel.Debug)
            ? LogLevel.DebugLevel
            : LogLevel.InfoLevel;
    }

    // Akka logs each shutdown at Information, with the names of its types.
    private static bool IsDetailOfShutdown(LogEvent entry) =>
        entry.Level == LogEventLevel.Information
        && entry.Properties.TryGetValue("LogSource", out var source)
        && source is ScalarValue { Value: string name }
        && name.StartsWith("CoordinatedShutdown", StringComparison.Ordinal);

    private static bool IsErrorOfFramework(LogEvent entry) =>
        entry.Exception is not null && entry.Level >= LogEventLevel.Error
        && entry.Properties.TryGetValue("SourceContext", out var source)
        && source is ScalarValue { Value: string name }
        && name.StartsWith("Microsoft.", StringComparison.Ordinal);
}
