using System.Text.Json;
using McpActors.Pool;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>Whose thread checks the JSON of a caller.</summary>
public sealed class CheckedCallSpecs : VirtualTimeSpec
{
    private static readonly JsonElement Twice = JsonElement.Parse("""{"a":1,"a":2}""");

    [Fact]
    public async Task A_call_is_checked_before_the_pool_has_it()
    {
        var actor = CreateTestProbe("pool");
        var pool = new McpPool(Sys, actor);

        var reply = pool.SendAsync(new CallTool("t", Twice), CancellationToken.None);

        var call = await actor.ExpectMsgAsync<CallTool>(PoolHost.Patience);
        Assert.Contains("the key a twice", call.Check?.Problem, StringComparison.Ordinal);
        actor.Reply(new CallFailed(new PoolError(PoolErrorKind.InvalidRequest, "no"), [], TimeSpan.Zero));
        Assert.IsType<CallFailed>(await reply);
    }

    [Fact]
    public async Task A_call_that_is_to_be_explained_is_checked_before_the_pool_has_it()
    {
        var actor = CreateTestProbe("pool");
        var pool = new McpPool(Sys, actor);

        var explanation = pool.ExplainAsync(new CallTool("t", Twice), CancellationToken.None);

        Assert.True((await actor.ExpectMsgAsync<Explain>(PoolHost.Patience)).Call.IsChecked);
        actor.Reply(new Explanation());
        await explanation;
    }

    [Fact]
    public async Task A_call_to_explain_whose_document_is_disposed_is_invalid()
    {
        var document = JsonDocument.Parse("{}");
        var call = new CallTool("t", document.RootElement);
        document.Dispose();

        var explanation = await new McpPool(Sys, CreateTestProbe("pool")).ExplainAsync(call, CancellationToken.None);

        Assert.Equal(PoolErrorKind.InvalidRequest, explanation.Problem?.Kind);
    }
}
