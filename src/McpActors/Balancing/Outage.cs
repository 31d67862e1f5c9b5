using McpActors.Connections;

namespace McpActors.Balancing;

/// <summary>Why none of some servers can take a call: found in one look at all of them, and true until one of them changes.</summary>
/// <param name="Kind">What holds for all of them.</param>
/// <param name="Some">The first of them, at most <see cref="MostListed"/>.</param>
/// <param name="Count">How many they are.</param>
/// <param name="NextChange">When the first of them may change by itself; null: not known.</param>
internal sealed record Outage(PoolErrorKind Kind, IReadOnlyList<ServerEntry> Some, int Count, DateTimeOffset? NextChange)
{
    /// <summary>Errors give the reasons of this many servers.</summary>
    public const int MostListed = 16;

    /// <summary>All of them are connected and listed what they have, and none has it: a repeated call fails again.</summary>
    public bool NobodyHasIt { get; private init; }

    /// <param name="servers">The servers that the call may run on.</param>
    /// <param name="needed">What a server must have; null when any server will do.</param>
    /// <param name="now">The time.</param>
    public static Outage Of(IEnumerable<ServerEntry> servers, Offer? needed, DateTimeOffset now)
    {
        var some = new List<ServerEntry>();
        var (count, able, blocked, paused, without) = (0, 0, 0, 0, 0);
        var (areUp, next) = (true, (DateTimeOffset?)null);
        foreach (var server in servers)
        {
            count++;
            if (some.Count < MostListed)
                some.Add(server);
            next = Sooner(Sooner(Sooner(next, server.Report.OpenUntil), server.Report.Connection.NextReconnect), server.PausedUntil);
            if (needed is { } offer && server.Lacks(offer))
            {
                without += server.LacksForCertain(offer) ? 1 : 0;
                continue;
            }
            able++;
            areUp &= server.IsConnected && !server.Report.Draining;
            blocked += server.IsBlockedByCircuit ? 1 : 0;
            paused += !server.IsBlockedByCircuit && server.PausedUntil > now ? 1 : 0;
        }
        var kind = able == 0 || !areUp ? PoolErrorKind.NoServerAvailable
            : blocked == able ? PoolErrorKind.CircuitOpen
            // The call that met the limit failed as Overloaded; calls during the pause fail in the same way.
            : paused == able ? PoolErrorKind.Overloaded
            : PoolErrorKind.NoServerAvailable;
        return new Outage(kind, some, count, next) { NobodyHasIt = count > 0 && without == count };

        DateTimeOffset? Sooner(DateTimeOffset? first, DateTimeOffset? second) =>
            second > now && !(first <= second) ? second : first;
    }
}
