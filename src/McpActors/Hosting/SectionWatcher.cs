using Akka.Actor;
using Akka.Event;
using McpActors.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;

namespace McpActors.Hosting;

/// <summary>
/// Applies the service's configuration to the running pool when it reloads.
/// <code>
///   Watching ──change token──▶ reads the section ──no problems──▶ ApplyConfiguration to the pool
/// </code>
/// </summary>
internal sealed class SectionWatcher : ReceiveActor
{
    private sealed record Reloaded : INoSerializationVerificationNeeded;

    public const string Name = "mcp-pool-configuration";

    private readonly IConfiguration _section;
    private readonly string[] _strategies;
    private readonly IActorRef _pool;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IDisposable? _registration;
    private bool _hasServers;

    public SectionWatcher(IConfiguration section, string[] strategies, IActorRef pool, PoolSettings started)
    {
        (_section, _strategies, _pool, _hasServers) = (section, strategies, pool, started.Servers.Count > 0);
        Receive<Reloaded>(_ => Apply());
        Receive<CommandAccepted>(_ => { });
        Receive<CommandRefused>(refused => Reject(refused.Reason));
    }

    public static Props Props(IConfiguration section, string[] strategies, IActorRef pool, PoolSettings started) =>
        Akka.Actor.Props.Create(() => new SectionWatcher(section, strategies, pool, started));

    private void Apply()
    {
        try
        {
            var settings = PoolConfiguration.Read(_section, _strategies);
            // A file with a syntax error, or a missing one, loads as no keys at all; other sources may keep the section alive.
            if (_hasServers && settings.Servers.Count == 0)
            {
                Reject(
                    "It has no servers; a file of the configuration may be broken or missing. "
                    + "To empty the pool, remove its servers by command.");
                return;
            }
            _hasServers = settings.Servers.Count > 0;
            _pool.Tell(new ApplyConfiguration(settings));
        }
        catch (InvalidSettingsException e)
        {
            Reject(e.Message);
        }
    }

    private void Reject(string problems) =>
        _log.Error("The changed configuration was rejected; the pool keeps its current settings. {Problems}", problems);

    protected override void PreStart()
    {
        var self = Self;
        _registration = ChangeToken.OnChange(_section.GetReloadToken, () => self.Tell(new Reloaded()));
        // A change between the first reading and the registration; without one nothing is applied.
        self.Tell(new Reloaded());
    }

    protected override void PostStop() => _registration?.Dispose();
}
