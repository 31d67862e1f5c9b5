using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// The commands of operators for one shared server. Numbers them and keeps each until an entity confirms it: the link may break before
/// the command arrives, or the connection may be on its way to a node that does not know it yet. Not thread-safe.
/// </summary>
/// <param name="intent">What operators wanted before.</param>
internal sealed class OperatorCommands(OperatorIntent intent)
{
    private readonly List<OperateServer> _unconfirmed = [];
    private long _lastNumber;

    /// <summary>What operators want after all commands.</summary>
    public OperatorIntent Intent { get; private set; } = intent;

    /// <summary>In the order in which they were added.</summary>
    public IReadOnlyList<OperateServer> Unconfirmed => _unconfirmed;

    public OperateServer Add(CircuitCommand command)
    {
        Intent = Intent.After(command);
        return Add(new OperateServer(++_lastNumber, command, null));
    }

    public OperateServer Add(ConnectionCommand command)
    {
        Intent = Intent.After(command);
        return Add(new OperateServer(++_lastNumber, null, command));
    }

    /// <summary>Forgets the commands up to a number: the entity has carried them out.</summary>
    public void Confirm(long number) => _unconfirmed.RemoveAll(operation => operation.Number <= number);

    /// <summary>
    /// An operator gave a newer command at another node, which sends it to the connection itself. Forgets the commands of this node; their
    /// numbers are not used again, so that a late confirmation does not confirm a newer command.
    /// </summary>
    public void Replace(OperatorIntent newer)
    {
        Intent = newer;
        _unconfirmed.Clear();
    }

    private OperateServer Add(OperateServer operation)
    {
        _unconfirmed.Add(operation);
        return operation;
    }
}
