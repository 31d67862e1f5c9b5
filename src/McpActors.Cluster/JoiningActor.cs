using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using McpActors.Resilience;

namespace McpActors.Clustering;

/// <summary>
/// Logs what a node waits for until it is up in its cluster, and then that it is up.
/// <code>
///   Waiting (warns every 30 s) ──member up──▶ (logs it, stopped)
/// </code>
/// </summary>
internal sealed class JoiningActor : ReceiveActor, IWithTimers
{
    private sealed record WarningDue : INoSerializationVerificationNeeded;
    private sealed record MemberUp : INoSerializationVerificationNeeded;

    private static readonly TimeSpan FirstWarningDelay = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan WarningInterval = TimeSpan.FromSeconds(30);

    private readonly Cluster _cluster;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly string _seeds;
    private readonly int _minMembers;

    public JoiningActor(Cluster cluster, McpClusterSettings settings)
    {
        _cluster = cluster;
        _minMembers = settings.MinMembers;
        _seeds = string.Join(", ", settings.SeedNodes);
        Receive<WarningDue>(_ => OnWarningDue());
        Receive<MemberUp>(_ => OnUp());
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private string Node => NodeName.Of(_cluster.SelfAddress);

    private void OnWarningDue()
    {
        var state = _cluster.State;
        if (state.Members.Any(member => member.Address == _cluster.SelfAddress))
        {
            _log.Warning(
                "This node, {0}, is in a cluster of {1} and not up yet: a new cluster needs {2} members "
                + "(mcp-actors.cluster.min-members), and its members must reach each other.",
                Node, state.Members.Count, _minMembers);
            return;
        }
        WarnOfSeeds();
    }

    private void WarnOfSeeds() => _log.Warning(
        "This node, {0}, is in no cluster yet: it waits until one of the seed nodes answers ({1}). Check that one of them runs at exactly "
        + "that address. The first seed node starts the cluster; all nodes need the same list, the same TLS settings and an actor system "
        + "named {2}.",
        Node, _seeds, _cluster.SelfAddress.System);

    private void OnUp()
    {
        var others = _cluster.State.Members
            .Where(member => member.Status == MemberStatus.Up && member.Address != _cluster.SelfAddress)
            .Select(member => NodeName.Of(member.Address))
            .ToList();
        var with = others.Count == 0 ? "" : $", with {string.Join(", ", others)}";
        _log.Info("This node, {0}, is up in a cluster of {1}{2}", Node, others.Count + 1, with);
        Context.Stop(Self);
    }

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer(nameof(WarningDue), new WarningDue(), FirstWarningDelay, WarningInterval);
        var self = Self;
        _cluster.RegisterOnMemberUp(() => self.Tell(new MemberUp()));
    }
}
