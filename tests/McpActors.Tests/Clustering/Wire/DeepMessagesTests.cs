using System.Text.Json;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Clustering.Wire;

/// <summary>What a server nests as deep as a message may be crosses to another node as it is.</summary>
public sealed class DeepMessagesTests : WireSpec
{
    private static readonly string Text = new string('[', IncomingMessage.MostLevels) + new string(']', IncomingMessage.MostLevels);
    private static readonly JsonElement Deep = JsonElement.Parse(Text, new JsonDocumentOptions { MaxDepth = IncomingMessage.MostLevels });

    [Fact]
    public void A_result_crosses()
    {
        var completed = Transfer(new CallCompleted(Deep, "a", [], TimeSpan.Zero));
        var ended = Transfer(new AttemptEnded(8, new AttemptResult(AttemptOutcome.Succeeded) { Result = Deep }));

        Assert.Equal(Text, Assert.IsType<CallCompleted>(completed).Result.GetRawText());
        Assert.Equal(Text, Assert.IsType<AttemptEnded>(ended).Result.Result.GetRawText());
    }

    [Fact]
    public void The_code_and_the_data_of_an_error_cross()
    {
        var rejected = new PoolError(PoolErrorKind.Rejected, "no") { Code = -32602, Data = Deep };

        var failed = Transfer(new CallFailed(rejected, [], TimeSpan.Zero));
        var ended = Transfer(new AttemptEnded(8, new AttemptResult(AttemptOutcome.Rejected) { Code = -32602, Data = Deep }));

        var error = Assert.IsType<CallFailed>(failed).Error;
        var result = Assert.IsType<AttemptEnded>(ended).Result;
        Assert.Equal((-32602, Text), (error.Code, error.Data?.GetRawText()));
        Assert.Equal((-32602, Text), (result.Code, result.Data?.GetRawText()));
    }

    [Fact]
    public void A_catalogue_crosses()
    {
        var none = new Dictionary<string, JsonElement>();
        var tools = new Dictionary<string, CatalogueTool> { ["t"] = new(Deep, false) };

        var received = Assert.IsType<SharedCatalogue>(Transfer(new SharedCatalogue(7, tools, none, none, none)));

        Assert.Equal((null, Text), (received.Problem, received.Tools?["t"].Definition.GetRawText()));
    }
}
