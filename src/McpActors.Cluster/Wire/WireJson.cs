using System.Text.Json;
using System.Text.Json.Serialization;
using Akka.Actor;
using McpActors.Clustering.Json;
using McpActors.Clustering.Nodes;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Pool;
using McpActors.Resilience;

namespace McpActors.Clustering.Wire;

/// <summary>
/// The JSON of the messages between processes, by code generated at build time, so that no message can name a type. A property that a newer
/// version added is ignored by an older one; a property that is missing has its default.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(Execute))]
[JsonSerializable(typeof(CallTool))]
[JsonSerializable(typeof(ReadResource))]
[JsonSerializable(typeof(GetPrompt))]
[JsonSerializable(typeof(CancelCall))]
[JsonSerializable(typeof(CallProgress))]
[JsonSerializable(typeof(CallCompleted))]
[JsonSerializable(typeof(CallFailed))]
[JsonSerializable(typeof(ListTools))]
[JsonSerializable(typeof(ListResources))]
[JsonSerializable(typeof(ListPrompts))]
[JsonSerializable(typeof(ToolList))]
[JsonSerializable(typeof(ResourceList))]
[JsonSerializable(typeof(PromptList))]
[JsonSerializable(typeof(ListGroups))]
[JsonSerializable(typeof(GroupList))]
[JsonSerializable(typeof(GetPoolStatus))]
[JsonSerializable(typeof(PoolStatus))]
[JsonSerializable(typeof(GetClusterStatus))]
[JsonSerializable(typeof(ClusterStatus))]
[JsonSerializable(typeof(Explain))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(ConnectServer))]
[JsonSerializable(typeof(DisconnectServer))]
[JsonSerializable(typeof(ReconnectServer))]
[JsonSerializable(typeof(DrainServer))]
[JsonSerializable(typeof(IsolateServer))]
[JsonSerializable(typeof(ResetCircuit))]
[JsonSerializable(typeof(AddServer))]
[JsonSerializable(typeof(UpdateServer))]
[JsonSerializable(typeof(RemoveServer))]
[JsonSerializable(typeof(CommandAccepted))]
[JsonSerializable(typeof(CommandRefused))]
[JsonSerializable(typeof(SubscribeToPool))]
[JsonSerializable(typeof(UnsubscribeFromPool))]
[JsonSerializable(typeof(ServerStatusChanged))]
[JsonSerializable(typeof(CircuitStateChanged))]
[JsonSerializable(typeof(CallFailedOver))]
[JsonSerializable(typeof(CatalogueChanged))]
[JsonSerializable(typeof(ServerAdded))]
[JsonSerializable(typeof(ServerRemoved))]
[JsonSerializable(typeof(ConfigurationApplied))]
[JsonSerializable(typeof(UnusableCall))]
[JsonSerializable(typeof(UnusableCommand))]
[JsonSerializable(typeof(PassedOn))]
[JsonSerializable(typeof(JoinServer))]
[JsonSerializable(typeof(LeaveServer))]
[JsonSerializable(typeof(ResumeServer))]
[JsonSerializable(typeof(AttemptsLost))]
[JsonSerializable(typeof(ServerMoving))]
[JsonSerializable(typeof(ServerReleased))]
[JsonSerializable(typeof(OperateServer))]
[JsonSerializable(typeof(OperationConfirmed))]
[JsonSerializable(typeof(CircuitCommand))]
[JsonSerializable(typeof(ConnectionCommand))]
[JsonSerializable(typeof(ServerReport))]
[JsonSerializable(typeof(SharedCatalogue))]
[JsonSerializable(typeof(SharedAttempt))]
[JsonSerializable(typeof(CancelAttempt))]
[JsonSerializable(typeof(AttemptEnded))]
[JsonSerializable(typeof(AttemptProgressed))]
[JsonSerializable(typeof(SharedProgress))]
[JsonSerializable(typeof(NodeUpdate))]
[JsonSerializable(typeof(NodeHeartbeat))]
[JsonSerializable(typeof(RequestSnapshot))]
[JsonSerializable(typeof(NodeSnapshot))]
[JsonSerializable(typeof(ExternalServer))]
[JsonSerializable(typeof(Unsendable))]
internal sealed partial class WireJson : JsonSerializerContext
{
    /// <summary>The context of one actor system, which resolves the references in messages.</summary>
    public static WireJson For(ExtendedActorSystem system)
    {
        // The generated options carry the naming policy and the enum converter.
        var options = new JsonSerializerOptions(Default.Options) { MaxDepth = JsonDepth.Most };
        options.Converters.Add(new ActorRefConverter(system));
        options.Converters.Add(new TraceContextConverter());
        options.Converters.Add(new ExternalServerConverter());
        options.Converters.Add(new PoolCallConverter());
        return new WireJson(options);
    }
}
