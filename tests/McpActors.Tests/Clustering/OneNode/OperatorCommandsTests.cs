using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>Commands of operators, numbered and kept until confirmed.</summary>
public sealed class OperatorCommandsTests
{
    private readonly OperatorCommands _commands = new(OperatorIntent.None);

    [Fact]
    public void Numbers_rise_by_one_from_one()
    {
        Assert.Equal(new OperateServer(1, CircuitCommand.Isolate, null), _commands.Add(CircuitCommand.Isolate));
        Assert.Equal(new OperateServer(2, null, ConnectionCommand.Connect), _commands.Add(ConnectionCommand.Connect));
    }

    [Fact]
    public void The_intent_follows_the_commands()
    {
        _commands.Add(CircuitCommand.Isolate);
        Assert.Equal(new OperatorIntent(Isolated: true), _commands.Intent);

        _commands.Add(ConnectionCommand.Disconnect);
        Assert.Equal(new OperatorIntent(Isolated: true, Disconnected: true), _commands.Intent);

        _commands.Add(CircuitCommand.Reset);
        Assert.Equal(new OperatorIntent(Disconnected: true), _commands.Intent);
    }

    [Theory]
    [InlineData(0, new long[] { 1, 2, 3 })]
    [InlineData(1, new long[] { 2, 3 })]
    [InlineData(2, new long[] { 3 })]
    [InlineData(3, new long[] { })]
    [InlineData(9, new long[] { })]
    public void A_confirmation_covers_all_commands_up_to_its_number(long number, long[] unconfirmed)
    {
        _commands.Add(CircuitCommand.Isolate);
        _commands.Add(CircuitCommand.Reset);
        _commands.Add(ConnectionCommand.Reconnect);

        _commands.Confirm(number);

        Assert.Equal(unconfirmed, _commands.Unconfirmed.Select(operation => operation.Number));
    }

    [Fact]
    public void A_newer_intent_replaces_the_commands_but_their_numbers_are_not_used_again()
    {
        _commands.Add(CircuitCommand.Isolate);
        _commands.Replace(new OperatorIntent(Disconnected: true));

        Assert.Equal(new OperatorIntent(Disconnected: true), _commands.Intent);
        Assert.Empty(_commands.Unconfirmed);

        _commands.Add(CircuitCommand.Reset);
        _commands.Confirm(1);
        Assert.Equal([2], _commands.Unconfirmed.Select(operation => operation.Number));
    }
}
