using Akka.Actor;
using Akka.Cluster;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>The node of the connection dies or cannot be reached, or the link to it breaks.</summary>
public sealed class SharedServerLossSpecs : SharedServerSpec
{
    [Fact]
    public async Task Running_attempts_are_lost_when_the_node_dies_and_it_joins_again()
    {
        var entity = await JoinAsync();
        await ExpectJoinAsync();
        var runs = Attempt();
        await entity.ReceivesAsync<SharedAttempt>();

        Terminate(entity);

        Assert.Equal((AttemptOutcome.Lost, AttemptCause.ConnectionLost), Kind(await EndedAsync(runs)));
        await ExpectJoinAsync();
        await ReportAsync(report => report is { Connection.Status: ServerStatus.Error, HeldBy: null });
        await JoinAsync();
    }

    [Fact]
    public async Task Nothing_is_sent_to_an_unreachable_node_until_it_is_reachable_again()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        await entity.ReceivesAsync<SharedAttempt>();

        _shared.Tell(new ClusterEvent.UnreachableMember(entity.Member));
        await ReportAsync(report => report.Connection.Status == ServerStatus.Error);
        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(Attempt())));
        entity.Tell(_shared, Connected());
        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);

        _shared.Tell(new ClusterEvent.ReachableMember(entity.Member));
        await ReportAsync(report => report.Connection.Status == ServerStatus.Connected);
        entity.Tell(_shared, new AttemptEnded(runs, new AttemptResult(AttemptOutcome.Succeeded)));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(runs)).Outcome);
        var id = Attempt();
        Assert.Equal(id, (await entity.ReceivesAsync<SharedAttempt>()).Id);
    }

    [Fact]
    public async Task A_catalogue_does_not_make_a_node_reachable()
    {
        var entity = await JoinAsync();
        _shared.Tell(new ClusterEvent.UnreachableMember(entity.Member));
        await ReportAsync(report => report.Connection.Status == ServerStatus.Error);

        entity.Tell(_shared, Catalogue("new"));
        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);

        _shared.Tell(new ClusterEvent.ReachableMember(entity.Member));
        Assert.True(
            (
                await ReportAsync(
                    report => report.Connection.Status == ServerStatus.Connected)).Connection.Catalogue!.Tools!.ContainsKey("new"));
    }

    [Fact]
    public async Task Nothing_is_sent_to_a_new_connection_on_an_unreachable_node()
    {
        var entity = await NewUnreachableEntityAsync();

        entity.Tell(_shared, Connected());

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), Kind(await EndedAsync(Attempt())));
    }

    [Fact]
    public async Task Attempts_that_were_lost_with_a_link_end_as_soon_as_there_is_a_new_link()
    {
        var entity = await JoinAsync();
        entity.Tell(_shared, Catalogue("new") with { Number = 4 });
        var (lost, runs) = (Attempt(), Attempt());

        Link(entity);

        var resume = await entity.ReceivesAsync<ResumeServer>();
        Assert.Equal([lost, runs], resume.Attempts.Order());
        Assert.Equal(4, resume.CatalogueNumber);
        entity.Tell(_shared, new AttemptsLost([lost]));
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(lost)).Outcome);
        entity.Tell(_shared, new AttemptEnded(runs, new AttemptResult(AttemptOutcome.Succeeded)));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(runs)).Outcome);
        Assert.Equal(new CircuitLoad(0, 0, 0), await LoadAsync());
    }

    [Fact]
    public async Task Attempts_that_do_not_fit_the_question_what_was_lost_end_at_once()
    {
        var entity = await JoinAsync();
        var attempts = Enumerable.Range(0, ResumeServer.MostAttempts + 2).Select(_ => Attempt()).ToArray();

        Link(entity);

        var resume = await entity.ReceivesAsync<ResumeServer>();
        Assert.Equal(attempts[..ResumeServer.MostAttempts], resume.Attempts.Order());
        Assert.Equal((AttemptOutcome.Lost, AttemptCause.ConnectionLost), Kind(await EndedAsync(attempts[^2])));
        Assert.Equal((AttemptOutcome.Lost, AttemptCause.ConnectionLost), Kind(await EndedAsync(attempts[^1])));
    }

    [Fact]
    public async Task A_catalogue_that_could_not_be_sent_is_unknown_and_the_status_says_why()
    {
        var entity = await JoinAsync();

        entity.Tell(_shared, new SharedCatalogue(4, null, null, null, null) { Problem = "it is too large" });

        var report = await ReportAsync(report => report.Connection.Remarks.Count > 0);
        Assert.Equal(("it is too large", ServerStatus.Connected), (report.Connection.Remarks[0], report.Connection.Status));
        Link(entity);
        Assert.Equal(4, (await entity.ReceivesAsync<ResumeServer>()).CatalogueNumber);
    }

    [Fact]
    public async Task Cancels_and_unconfirmed_commands_are_sent_again_over_a_new_link()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        _shared.Tell(new CancelAttempt(runs, CancelReason.Deadline), _router);
        _shared.Tell(CircuitCommand.Isolate);
        await ConfirmAsync(entity);
        _shared.Tell(CircuitCommand.Reset);
        var unheard = await entity.ReceivesAsync<OperateServer>();

        Link(entity);

        await entity.ReceivesAsync<ResumeServer>();
        Assert.Equal(new CancelAttempt(runs, CancelReason.Deadline), await entity.Probe.ExpectMsgAsync<CancelAttempt>(PoolHost.Patience));
        Assert.Equal(unheard, await entity.Probe.ExpectMsgAsync<OperateServer>(PoolHost.Patience));
        await HandledAsync(_shared);
        await entity.Probe.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task An_entity_wrongly_considered_dead_learns_that_its_attempts_have_ended_here()
    {
        var entity = await JoinAsync();
        var runs = Attempt();
        await entity.ReceivesAsync<SharedAttempt>();
        Terminate(entity);
        Assert.Equal(AttemptOutcome.Lost, (await EndedAsync(runs)).Outcome);

        entity.Tell(_shared, Connected());

        Assert.Empty((await entity.ReceivesAsync<ResumeServer>()).Attempts);
    }

    [Fact]
    public async Task A_new_link_to_another_node_is_ignored()
    {
        var entity = await JoinAsync();

        Link(NewEntity());

        await HandledAsync(_shared);
        Assert.Empty(entity.Ref.Received.OfType<ResumeServer>());
    }

    [Fact]
    public async Task The_reachability_of_another_node_is_ignored()
    {
        await JoinAsync();

        _shared.Tell(new ClusterEvent.UnreachableMember(NewEntity().Member));

        await HandledAsync(_shared);
        await _pool.ExpectNoMsgAsync(TimeSpan.Zero);
    }
}
