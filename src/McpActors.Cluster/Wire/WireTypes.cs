using System.Collections.Frozen;
using McpActors.Clustering.Nodes;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.Senders;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;

namespace McpActors.Clustering.Wire;

/// <summary>
/// The manifest of each message: a name and a version. A change that an older node would misread gets a new version, and both versions are
/// read until no node with the older one is left.
/// </summary>
internal static class WireTypes
{
    private static readonly (Type Type, string Manifest)[] Public =
    [
        (typeof(Execute), "execute/1"),
        (typeof(CallTool), "call-tool/1"),
        (typeof(ReadResource), "read-resource/1"),
        (typeof(GetPrompt), "get-prompt/1"),
        (typeof(CancelCall), "cancel-call/1"),
        (typeof(CallProgress), "call-progress/1"),
        (typeof(CallCompleted), "call-completed/1"),
        (typeof(CallFailed), "call-failed/1"),
        (typeof(ListTools), "list-tools/1"),
        (typeof(ListResources), "list-resources/1"),
        (typeof(ListPrompts), "list-prompts/1"),
        (typeof(ToolList), "tool-list/1"),
        (typeof(ResourceList), "resource-list/1"),
        (typeof(PromptList), "prompt-list/1"),
        (typeof(ListGroups), "list-groups/1"),
        (typeof(GroupList), "group-list/1"),
        (typeof(GetPoolStatus), "get-pool-status/1"),
        (typeof(PoolStatus), "pool-status/1"),
        (typeof(GetClusterStatus), "get-cluster-status/1"),
        (typeof(ClusterStatus), "cluster-status/1"),
        (typeof(Explain), "explain/1"),
        (typeof(Explanation), "explanation/1"),
        (typeof(ConnectServer), "connect-server/1"),
        (typeof(DisconnectServer), "disconnect-server/1"),
        (typeof(ReconnectServer), "reconnect-server/1"),
        (typeof(DrainServer), "drain-server/1"),
        (typeof(IsolateServer), "isolate-server/1"),
        (typeof(ResetCircuit), "reset-circuit/1"),
        (typeof(AddServer), "add-server/1"),
        (typeof(UpdateServer), "update-server/1"),
        (typeof(RemoveServer), "remove-server/1"),
        (typeof(CommandAccepted), "command-accepted/1"),
        (typeof(CommandRefused), "command-refused/1"),
        (typeof(SubscribeToPool), "subscribe-to-pool/1"),
        (typeof(UnsubscribeFromPool), "unsubscribe-from-pool/1"),
        (typeof(ServerStatusChanged), "server-status-changed/1"),
        (typeof(CircuitStateChanged), "circuit-state-changed/1"),
        (typeof(CallFailedOver), "call-failed-over/1"),
        (typeof(CatalogueChanged), "catalogue-changed/1"),
        (typeof(ServerAdded), "server-added/1"),
        (typeof(ServerRemoved), "server-removed/1"),
        (typeof(ConfigurationApplied), "configuration-applied/1"),
        // A node that closes forwards the calls that it receives, also those it cannot use.
        (typeof(UnusableCall), "unusable-call/1"),
        (typeof(UnusableCommand), "unusable-command/1"),
        (typeof(PassedOn), "passed-on/1"),
    ];

    private static readonly (Type Type, string Manifest)[] BetweenNodes =
    [
        // A server that has one connection in the cluster.
        (typeof(JoinServer), "join-server/2"),
        (typeof(LeaveServer), "leave-server/1"),
        (typeof(ResumeServer), "resume-server/1"),
        (typeof(AttemptsLost), "attempts-lost/1"),
        (typeof(ServerMoving), "server-moving/1"),
        (typeof(ServerReleased), "server-released/1"),
        (typeof(OperateServer), "operate-server/1"),
        (typeof(OperationConfirmed), "operation-confirmed/1"),
        // These two stay in their process, but an enumeration cannot be marked so (INoSerializationVerificationNeeded).
        (typeof(CircuitCommand), "circuit-command/1"),
        (typeof(ConnectionCommand), "connection-command/1"),
        (typeof(ServerReport), "server-report/1"),
        (typeof(SharedCatalogue), "shared-catalogue/1"),
        (typeof(SharedAttempt), "shared-attempt/1"),
        (typeof(CancelAttempt), "cancel-attempt/1"),
        (typeof(AttemptEnded), "attempt-ended/1"),
        (typeof(AttemptProgressed), "attempt-progressed/1"),
        (typeof(SharedProgress), "shared-progress/1"),
        // The state of the nodes' servers.
        (typeof(NodeUpdate), "node-update/1"),
        (typeof(NodeHeartbeat), "node-heartbeat/1"),
        (typeof(RequestSnapshot), "request-snapshot/1"),
        (typeof(NodeSnapshot), "node-snapshot/1"),
    ];

    private static readonly (Type Type, string Manifest)[] All = [.. Public, .. BetweenNodes];

    private static readonly FrozenSet<Type> TypesBetweenNodes = BetweenNodes.Select(wire => wire.Type).ToFrozenSet();

    private static readonly FrozenDictionary<Type, string> ByType = All.ToFrozenDictionary(wire => wire.Type, wire => wire.Manifest);

    private static readonly FrozenDictionary<string, Type> ByManifest =
        All.ToFrozenDictionary(wire => wire.Manifest, wire => wire.Type, StringComparer.Ordinal);

    /// <summary>Every message that can cross to another process.</summary>
    public static IEnumerable<Type> Messages => All.Select(wire => wire.Type);

    /// <summary>Every known manifest.</summary>
    public static IEnumerable<string> Manifests => All.Select(wire => wire.Manifest);

    /// <summary>The manifest of a message; null when it cannot cross.</summary>
    public static string? ManifestOf(Type type) => ByType.GetValueOrDefault(type);

    /// <summary>The message of a manifest; null for one that this version does not know.</summary>
    public static Type? TypeOf(string manifest) => ByManifest.GetValueOrDefault(manifest);

    /// <summary>Whether a message only goes between nodes: it arrives as <see cref="FromAnotherNode"/>.</summary>
    public static bool IsBetweenNodes(Type type) => TypesBetweenNodes.Contains(type);
}
