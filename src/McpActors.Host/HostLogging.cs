using Serilog;
using Serilog.Events;

namespace McpActors.Host;

/// <summary>Serilog for everything: ASP.NET Core, Akka and the pool. Levels and sinks stand in <c>appsettings.json</c>.</summary>
internal static class HostLogging
{
    /// <summary>Logs as the configuration's section <c>Serilog</c> says.</summary>
    /// <param name="builder">The host.</param>
    /// <param name="starting">True until the host serves: what stops the start is then told once, by the worker, not by each layer it passes.</param>
    public static void AddHostLogging(this WebApplicationBuilder builder, Func<bool> starting) =>
        builder.Services.AddSerilog(
            (services, log) => log
                .ReadFrom.Configuration(builder.Configuration)
                .ReadFrom.Services(services)
                .Filter.ByExcluding(entry => entry.Exception is not null && entry.Level >= LogEventLevel.Error && starting() && IsOfFramework(entry)),
            preserveStaticLogger: true);

    private static bool IsOfFramework(LogEvent entry) =>
        entry.Properties.TryGetValue("SourceContext", out var source)
        && source is ScalarValue { Value: string name }
        && name.StartsWith("Microsoft.", StringComparison.Ordinal);
}
