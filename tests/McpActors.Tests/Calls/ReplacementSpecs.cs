using Akka.Actor;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>Calls while servers are replaced or leave.</summary>
public sealed class ReplacementSpecs : RouterSpec
{
    [Fact]
    public async Task A_circuit_is_released_once_nothing_more_is_sent_to_it()
    {
        Start("a");
        var old = Circuits["a"];
        Replace("a");
        Router.Tell(new ReleaseCircuit(old));
        Call(new CallTool("t"));

        Assert.Equal(old.Ref, (await Pool.FishForMessageAsync<CircuitReleased>(_ => true)).Circuit);
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        await old.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_call_refused_by_the_only_server_of_its_group_goes_to_the_replacement_of_that_server()
    {
        Start("a");
        Call(new CallTool("pay"));
        var old = Circuits["a"];
        var attempt = await old.ExpectMsgAsync<StartAttempt>();
        Replace("a");

        old.Reply(new AttemptEnded(attempt.Id, AttemptResult.NotSent(AttemptCause.Draining, "it is being drained")));
        await AnswerAsync("a", Success("a"));

        await Caller.ExpectMsgAsync<CallCompleted>();
    }

    [Fact]
    public async Task A_call_that_waits_for_its_next_server_is_not_sent_there_after_the_server_has_left()
    {
        Start("a", "b", "c", "d");
        Call(new CallTool("t", null, Vouched));
        await AnswerAsync("a", ServerError());
        await AnswerAsync("b", ServerError());
        await HandledAsync(Router);
        var (c, d) = (Circuits["c"], Circuits["d"]);
        Router.Tell(new ServerLeft("c"), ActorRefs.NoSender);
        Replace("d");
        await HandledAsync(Router);

        Pass(TimeSpan.FromMilliseconds(300), TimeSpan.FromMilliseconds(20));
        await AnswerAsync("d", Success("d"));

        Assert.Equal("d", (await Caller.ExpectMsgAsync<CallCompleted>()).Server);
        await c.ExpectNoMsgAsync(TimeSpan.Zero);
        await d.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_replaced_server_and_its_replacement_pause_independently()
    {
        Start("a", "b");
        Call(new CallTool("t"));
        var old = Circuits["a"];
        var left = await old.ExpectMsgAsync<StartAttempt>();
        Replace("a");
        Call(new CallTool("t"));
        await AnswerAsync("b", Success("b"));
        Call(new CallTool("t"));
        await AnswerAsync("a", AsksToPause(TimeSpan.FromSeconds(5)));
        await AnswerAsync("b", Success("b"));
        old.Reply(new AttemptEnded(left.Id, AsksToPause(TimeSpan.FromSeconds(1))));
        await AnswerAsync("b", Success("b"));

        Pass(TimeSpan.FromSeconds(10));
        await HandledAsync(Router);
        Call(new CallTool("t", null, new CallOptions { Server = "a" }));

        await AnswerAsync("a", Success("a"));
    }

    private void Replace(string name)
    {
        var ordinal = Circuits.Keys.ToList().IndexOf(name);
        Circuits[name] = CreateTestProbe($"another-{name}");
        Join(new ServerSettings { Name = name }, ordinal);
        Report(name, Connected);
    }
}
