using McpActors.Chaos.Faults;

namespace McpActors.Chaos.Driving;

/// <summary>Waits for replies as long as a caller of the pool may have to; the pauses of the process do not count.</summary>
internal static class InTime
{
    /// <summary>The reply; null when none came within the call's time and the grace.</summary>
    /// <param name="reply">The reply to come.</param>
    /// <param name="pauses">The pauses of the process.</param>
    /// <param name="from">When the call was sent, as a timestamp.</param>
    public static async Task<T?> ReplyAsync<T>(Task<T> reply, Pauses pauses, long from)
        where T : class
    {
        while (true)
        {
            var left = Load.Timeout + Load.Grace - pauses.RunningTime(from, TimeProvider.System.GetTimestamp());
            if (left <= TimeSpan.Zero)
                return null;
            try
            {
                return await reply.WaitAsync(left);
            }
            catch (TimeoutException) when (!reply.IsFaulted)
            {
                // Perhaps because the process was stopped; a reply that came with the time-out is read in the next round.
            }
        }
    }
}
