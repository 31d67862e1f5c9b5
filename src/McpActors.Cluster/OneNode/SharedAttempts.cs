using Akka.Actor;
using McpActors.Connections;

namespace McpActors.Clustering.OneNode;

/// <summary>An attempt on a server whose connection may be on another node: sent there, or waiting while the connection moves.</summary>
/// <param name="attempt">The attempt, as the router sent it.</param>
/// <param name="replyTo">The router.</param>
internal sealed class SharedAttemptEntry(StartAttempt attempt, IActorRef replyTo)
{
    public StartAttempt Attempt => attempt;

    public IActorRef ReplyTo => replyTo;

    public long Id => attempt.Id;

    /// <summary>It was not sent, or it was refused unsent, and waits for the connection on its new node.</summary>
    public bool IsWaiting { get; set; }

    /// <summary>Its cancel; null: none.</summary>
    public CancelAttempt? Cancel { get; set; }

    public void End(AttemptResult result) => replyTo.Tell(new AttemptEnded(attempt.Id, result));
}

/// <summary>
/// The attempts of this node on one shared server that have not ended. Code that takes an attempt out of this table answers it, so that
/// each is answered once. Not thread-safe.
/// </summary>
/// <param name="maxWaiting">New attempts that may wait at a time.</param>
internal sealed class SharedAttempts(int maxWaiting)
{
    private readonly Dictionary<long, SharedAttemptEntry> _entries = [];

    public int Count => _entries.Count;

    public int WaitingCount { get; private set; }

    public int SentCount => Count - WaitingCount;

    public IReadOnlyList<SharedAttemptEntry> Sent => [.. _entries.Values.Where(entry => !entry.IsWaiting)];

    public SharedAttemptEntry? Find(long id) => _entries.GetValueOrDefault(id);

    public void AddSent(SharedAttemptEntry entry)
    {
        entry.IsWaiting = false;
        _entries.Add(entry.Id, entry);
    }

    /// <returns>False when too many wait already.</returns>
    public bool TryAddWaiting(SharedAttemptEntry entry)
    {
        if (WaitingCount >= maxWaiting)
            return false;
        _entries.Add(entry.Id, entry);
        SetWaiting(entry);
        return true;
    }

    /// <summary>Keeps a sent attempt that was refused unsent, also beyond the limit: it was accepted before.</summary>
    /// <returns>False for one that has to end: it was cancelled, or its session ends with the old connection, or it was not sent.</returns>
    public bool TryReturnToWaiting(long id)
    {
        if (Find(id) is not { IsWaiting: false, Cancel: null, Attempt.OnSession: null } entry)
            return false;
        SetWaiting(entry);
        return true;
    }

    /// <summary>Marks a sent attempt as cancelled, or takes out one that waits.</summary>
    /// <returns>The attempt; null when it has ended already.</returns>
    public SharedAttemptEntry? Cancel(CancelAttempt cancel)
    {
        if (Find(cancel.AttemptId) is not { } entry)
            return null;
        entry.Cancel = cancel;
        return entry.IsWaiting ? Take(entry.Id) : entry;
    }

    /// <summary>Takes one attempt out.</summary>
    /// <returns>Null when it has ended already.</returns>
    public SharedAttemptEntry? Take(long id)
    {
        if (!_entries.Remove(id, out var entry))
            return null;
        if (entry.IsWaiting)
            WaitingCount--;
        return entry;
    }

    /// <summary>Takes out all attempts that wait.</summary>
    public IReadOnlyList<SharedAttemptEntry> TakeWaiting() => TakeAll(waiting: true);

    /// <summary>Takes out all attempts that were sent.</summary>
    public IReadOnlyList<SharedAttemptEntry> TakeSent() => TakeAll(waiting: false);

    /// <summary>Ends all attempts that wait.</summary>
    public void EndWaiting(AttemptResult result) => EndAll(TakeWaiting(), result);

    /// <summary>Ends all attempts that were sent.</summary>
    public void EndSent(AttemptResult result) => EndAll(TakeSent(), result);

    /// <summary>Ends the last of the attempts that were sent, if they are more than a number.</summary>
    public void EndSentBeyond(int most, AttemptResult result) =>
        EndAll([.. Sent.OrderBy(entry => entry.Id).Skip(most).Select(entry => Take(entry.Id)!)], result);

    private static void EndAll(IReadOnlyList<SharedAttemptEntry> taken, AttemptResult result)
    {
        foreach (var entry in taken)
            entry.End(result);
    }

    private void SetWaiting(SharedAttemptEntry entry)
    {
        entry.IsWaiting = true;
        WaitingCount++;
    }

    private SharedAttemptEntry[] TakeAll(bool waiting)
    {
        var taken = _entries.Values.Where(entry => entry.IsWaiting == waiting).ToArray();
        foreach (var entry in taken)
            Take(entry.Id);
        return taken;
    }
}
