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

    public SectionWatcher(IConfiguration section, string[] strategies, IActorRef pool)
    {
        (_section, _strategies, _pool) = (section, strategies, pool);
        Receive<Reloaded>(_ => Apply());
        Receive<CommandAccepted>(_ => { });
        Receive<CommandRefused>(refused => Reject(refused.Reason));
    }

    public static Props Props(IConfiguration section, string[] strategies, IActorRef pool) =>
        Akka.Actor.Props.Create(() => new SectionWatcher(section, strategies, pool));

    private void Apply()
    {
        try
        {
            _pool.Tell(new ApplyConfiguration(PoolConfiguration.Read(_section, _strategies)));
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
    }

    protected override void PostStop() => _registration?.Dispose();
}
