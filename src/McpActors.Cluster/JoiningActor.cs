using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace McpActors.Clustering;

/// <summary>
/// Says in the log what a node waits for until it is up in its cluster, and that it is.
/// <code>
/// waiting ──► up: told, stopped
///    └ told every 30 seconds
/// </code>
/// </summary>
internal sealed class JoiningActor : ReceiveActor, IWithTimers
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(30);

    private readonly Cluster _cluster;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly string _seeds;

    public JoiningActor(Cluster cluster, ClusterSettings settings)
    {
        _cluster = cluster;
        _seeds = string.Join(", ", settings.SeedNodes);
        Receive<Waited>(_ => OnWaited());
        Receive<IsUp>(_ => OnUp());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private string Node => $"{_cluster.SelfAddress.Host}:{_cluster.SelfAddress.Port}";

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(Waited), Waited.Instance, First, Again);
        var self = Self;
        _cluster.RegisterOnMemberUp(() => self.Tell(IsUp.Instance));
    }

    private void OnWaited() => _log.Warning(
        "This node, {0}, is in no cluster yet: it waits until one of the seed nodes answers ({1}). Does one of them run, under that very address? The first of them begins "
        + "the cluster; all nodes have the same list, the same TLS settings and an actor system named {2}.",
        Node, _seeds, _cluster.SelfAddress.System);

    private void OnUp()
    {
        var others = _cluster.State.Members.Where(member => member.Status == MemberStatus.Up && member.Address != _cluster.SelfAddress)
            .Select(member => $"{member.Address.Host}:{member.Address.Port}").ToList();
        _log.Info("This node, {0}, is up in a cluster of {1}{2}", Node, others.Count + 1, others.Count == 0 ? "" : $", with {string.Join(", ", others)}");
        Context.Stop(Self);
    }

    private sealed record Waited : INoSerializationVerificationNeeded
    {
        public static readonly Waited Instance = new();
    }

    private sealed record IsUp : INoSerializationVerificationNeeded
    {
        public static readonly IsUp Instance = new();
    }
}
