using Xunit;

namespace McpActors.Tests;

/// <summary>Assertions about the pool's answers.</summary>
internal static class PoolAssert
{
    /// <summary>The call throws the pool's exception with this kind.</summary>
    public static async Task<McpPoolException> FailsAsync(PoolErrorKind kind, Func<Task> call)
    {
        var exception = await Assert.ThrowsAsync<McpPoolException>(call);
        Assert.Equal(kind, exception.Kind);
        return exception;
    }
}
