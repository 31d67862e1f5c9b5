using McpActors.Host.Settings;
using Serilog;
using Serilog.Events;
using Serilog.Settings.Configuration;
using LogLevel = Akka.Event.LogLevel;

namespace McpActors.Host;

/// <summary>
/// Serilog for everything: ASP.NET Core, Akka and the pool. <c>appsettings.json</c> has the levels under <c>Serilog</c>, and where lines go and how they look
/// under <c>SerilogText</c> or <c>SerilogJson</c>, whichever format is asked for.
/// </summary>
internal static class HostLogging
{
    /// <summary>Logs as the configuration says.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="format">How lines are written.</param>
    /// <param name="starting">True until the host serves: what stops the start is then told once, by the worker, not by each layer it passes.</param>
    public static void AddHostLogging(this WebApplicationBuilder builder, LogFormat format, Func<bool> starting) =>
        builder.Services.AddSerilog(
            (services, log) => log
                .ReadFrom.Configuration(builder.Configuration)
                .ReadFrom.Configuration(builder.Configuration, new ConfigurationReaderOptions { SectionName = $"Serilog{format}" })
                .ReadFrom.Services(services)
                .Filter.ByExcluding(entry => entry.Exception is not null && entry.Level >= LogEventLevel.Error && starting() && IsOfFramework(entry)),
            preserveStaticLogger: true);

    /// <summary>The level of Akka's own logger, which does not ask Serilog: at <c>Debug</c> each call is put into words, so only where that is wanted.</summary>
    public static LogLevel LevelOfAkka(IConfiguration configuration)
    {
        var minimum = configuration.GetSection("Serilog:MinimumLevel");
        string?[] levels = [minimum.Value, minimum["Default"], minimum["Override:Akka"]];
        return levels.Any(level => Enum.TryParse<LogEventLevel>(level, ignoreCase: true, out var parsed) && parsed <= LogEventLevel.Debug)
            ? LogLevel.DebugLevel
            : LogLevel.InfoLevel;
    }

    private static bool IsOfFramework(LogEvent entry) =>
        entry.Properties.TryGetValue("SourceContext", out var source)
        && source is ScalarValue { Value: string name }
        && name.StartsWith("Microsoft.", StringComparison.Ordinal);
}
