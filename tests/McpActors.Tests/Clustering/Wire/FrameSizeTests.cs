using System.Text.Json;
using Akka.Actor;
using McpActors.Clustering.Nodes;
using McpActors.Clustering.OneNode;
using McpActors.Clustering.Wire;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Clustering.Wire;

/// <summary>Messages that do not fit into a frame of Akka.Remote.</summary>
public sealed class FrameSizeTests : WireSpec
{
    [Fact]
    public void An_answer_that_does_not_fit_a_frame_becomes_an_error_that_names_both_limits()
    {
        var answer = new CallCompleted(JsonSerializer.SerializeToElement(new string('x', 100_000)), "a", [], TimeSpan.Zero);

        var error = Assert.IsType<CallFailed>(Transfer(answer)).Error;

        Assert.Equal((PoolErrorKind.OutcomeUnknown, true), (error.Kind, error.MayHaveRun));
        Assert.Contains("maximum-frame-size", error.Message, StringComparison.Ordinal);
        Assert.Contains("max-result-size", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_failure_that_does_not_fit_a_frame_keeps_its_kind(bool mayHaveRun)
    {
        var error = new PoolError(PoolErrorKind.ServerError, new string('x', 100_000)) { MayHaveRun = mayHaveRun };

        var received = Assert.IsType<CallFailed>(Transfer(new CallFailed(error, [], TimeSpan.Zero))).Error;

        Assert.Equal((PoolErrorKind.ServerError, mayHaveRun), (received.Kind, received.MayHaveRun));
    }

    [Fact]
    public async Task A_call_that_does_not_fit_a_frame_is_refused_as_invalid()
    {
        var call = new CallTool("work", JsonSerializer.SerializeToElement(new { text = new string('x', 100_000) }));
        await using var host = await PoolHost.StartAsync(PoolHost.Settings());

        var failed = await host.Actor.Ask<CallFailed>(Transfer(call), PoolHost.Patience);

        Assert.Equal(PoolErrorKind.InvalidRequest, failed.Error.Kind);
        Assert.Contains("maximum-frame-size", failed.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_attempt_that_does_not_fit_a_frame_can_still_be_answered()
    {
        var large = JsonSerializer.SerializeToElement(new string('x', 100_000));

        var attempt = Transfer(new SharedAttempt(7, new CallRequest("tools/call", "t", large, true), TimeSpan.Zero, null));
        var ended = Transfer(new AttemptEnded(8, new AttemptResult(AttemptOutcome.Succeeded) { Result = large }));

        Assert.Equal([7, 8], new[] { attempt, ended }.Select(message => Assert.IsType<UnsendableAttempt>(message).AttemptId));
    }

    [Fact]
    public void A_catalogue_that_does_not_fit_a_frame_is_unknown_and_says_why()
    {
        var none = new Dictionary<string, JsonElement>();
        var large = JsonSerializer.SerializeToElement(new { name = "t", description = new string('x', 100_000) });
        var tools = new Dictionary<string, CatalogueTool> { ["t"] = new(large, false) };

        var received = Assert.IsType<SharedCatalogue>(Transfer(new SharedCatalogue(7, tools, none, none, none)));

        Assert.Equal((7L, null), (received.Number, received.Tools));
        Assert.Contains("maximum-frame-size", received.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_attempts_of_a_member_that_resumes_fit_the_smallest_frame() => Assert.IsType<ResumeServer>(
        Transfer(new ResumeServer([.. Enumerable.Repeat(long.MinValue, ResumeServer.MostAttempts)], long.MinValue)));

    [Fact]
    public void Ten_thousand_servers_in_error_on_three_nodes_fit_a_frame()
    {
        var servers = Enumerable.Range(0, 10_000)
            .Select(i => new ServerOnNode(
                $"production-server-{i:00000}", ServerStatus.Error, CircuitState.HalfOpen, "192.168.100.100:8110", new string('x', 200)))
            .ToArray();
        var nodes = Enumerable.Range(0, 3).Select(i => new NodeInfo { Address = $"192.168.100.10{i}:8110", Servers = servers }).ToArray();

        var json = JsonSerializer.SerializeToUtf8Bytes(
            new ClusterStatus(nodes, At), WireJson.For((ExtendedActorSystem)System).ClusterStatus);

        Assert.InRange(json.Length, 0, 20 * 1024 * 1024);
    }

    [Theory]
    [InlineData('x')]
    [InlineData('"')]
    [InlineData('語')]
    [InlineData('\u0001')]
    public void Every_part_of_a_snapshot_and_every_update_fits_the_smallest_frame(char character)
    {
        var node = new NodeId("akka.tcp://mcp-actors@192.168.100.100:8110", 1);
        var servers = Enumerable.Range(0, 1000)
            .Select(i => new ServerNews(
                $"{new string(character, 123)}{i:00000}", ServerStatus.Error, CircuitState.HalfOpen, new string(character, 200), true,
                "192.168.100.100:8110"))
            .ToArray();

        var parts = NodeBatches.Split(servers, server => server.Server, server => server).ToArray();
        var removals = NodeBatches.Split(servers, server => server.Server, _ => null).ToArray();

        Assert.Equal(servers, parts.SelectMany(part => part));
        Assert.All(parts, part => Assert.IsType<NodeSnapshot>(Transfer(new NodeSnapshot(node, 7, 0, parts.Length, part))));
        Assert.All(parts, part => Assert.IsType<NodeUpdate>(Transfer(new NodeUpdate(node, 7, part, []))));
        Assert.All(removals, part => Assert.IsType<NodeUpdate>(
            Transfer(new NodeUpdate(node, 7, [], [.. part.Select(server => server.Server)]))));
    }

    [Fact]
    public void Servers_with_short_names_and_reasons_go_by_the_hundred()
    {
        var servers = Enumerable.Range(0, 250).Select(i => new ServerNews($"server-{i}", ServerStatus.Error, CircuitState.Open, "refused"));

        Assert.Equal([100, 100, 50], NodeBatches.Split(servers, server => server.Server, server => server).Select(part => part.Count));
    }
}
