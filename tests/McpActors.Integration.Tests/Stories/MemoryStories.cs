using McpActors.Tests.Failures;
using Xunit;

namespace McpActors.Tests.Stories;

/// <summary>A problem of other pools after weeks: memory kept for each lost session.</summary>
[Collection(Alone.Name)]
public sealed class MemoryStories
{
    private const int Sessions = 200;

    /// <summary>
    /// Far below the memory of one session (client, connection, catalogue), far above the variation of the heap between two measurements.
    /// </summary>
    private const int MostBytesEach = 8 * 1024;

    [Fact]
    public async Task Sessions_that_are_lost_keep_no_memory()
    {
        await using var server = await ScriptedHttpServer.StartAsync(sessions: true);
        await using var pool = await BadAndGood.StartAsync(server.Settings);
        await LoseSessionsAsync(50);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        await LoseSessionsAsync(Sessions);

        Assert.InRange((GC.GetTotalMemory(forceFullCollection: true) - before) / Sessions, long.MinValue, MostBytesEach);

        async Task LoseSessionsAsync(int count)
        {
            for (var i = 0; i < count; i++)
            {
                server.ForgetSessions();
                Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
            }
        }
    }
}
