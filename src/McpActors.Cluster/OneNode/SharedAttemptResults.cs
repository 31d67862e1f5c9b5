using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>Results of attempts that this node ends itself because of where the server's connection is.</summary>
internal static class SharedAttemptResults
{
    public static AttemptResult Removed { get; } = AttemptResult.NotSent(AttemptCause.Draining, "the server was taken out of the pool");

    /// <summary>The node of the connection cannot be reached.</summary>
    public static AttemptResult Unreachable(string node) =>
        AttemptResult.NotSent(AttemptCause.NotConnected, $"the node that has its connection, {node}, cannot be reached");

    /// <summary>There is no connection, for the reason of the last report or else for another.</summary>
    public static AttemptResult NotConnected(ServerReport report, string otherwise) =>
        AttemptResult.NotSent(AttemptCause.NotConnected, report.Connection.Reason ?? otherwise);

    public static AttemptResult TooManyWaiting(int waiting) =>
        AttemptResult.NotSent(AttemptCause.Overloaded, $"{waiting} calls wait for its connection, which moves to another node");

    public static AttemptResult CancelledWhileWaiting(CancelReason reason) =>
        AttemptResult.GivenUp(reason, "its connection was not yet on its new node in the time given to this attempt");

    /// <summary>The answer of the attempt does not fit into a message between nodes.</summary>
    public static AttemptResult TooLarge(string problem) => AttemptResult.AnswerDropped(AttemptCause.ResultTooLarge, problem);

    public static AttemptResult LinkBroke(string node) =>
        Lost($"the link to the node that has its connection, {node}, broke before it answered");

    /// <summary>The node or the link failed, not the server: it does not count against the circuit.</summary>
    public static AttemptResult Lost(string why) => AttemptResult.Lost(why, AttemptCause.ConnectionLost) with { Failed = null };
}
