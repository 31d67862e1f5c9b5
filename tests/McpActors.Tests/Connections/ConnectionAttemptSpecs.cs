using System.Text.Json;
using Akka.Actor;
using McpActors.Connections;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>Every attempt that is sent to a connection is answered once.</summary>
public sealed class ConnectionAttemptSpecs : ServerConnectionSpec
{
    [Fact]
    public async Task An_answered_attempt_is_reported_once_and_a_later_cancellation_reports_nothing()
    {
        Memory.Add("s").Tool("echo", () => "hello");
        var connection = Start();
        await ConnectedAsync();

        connection.Tell(Attempt(1, "echo"));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(1)).Outcome);
        connection.Tell(new CancelAttempt(1, CancelReason.Caller));
        await HandledAsync(connection);

        await Circuit.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task Attempts_on_a_connection_that_ends_are_lost_and_later_ones_are_not_sent()
    {
        var server = Memory.Add("s").Tool("hang", () => MemoryAnswer.Never);
        var connection = Start();
        await ConnectedAsync();
        connection.Tell(Attempt(1, "hang"));
        await UntilAsync(() => server.Received("hang") == 1);

        server.Disconnect();
        // The attempt can fail by itself before the actor ends it, so either message can be first.
        var (outcome, isInError) = ((AttemptOutcome?)null, false);
        await Circuit.FishForMessageAsync<object>(
            message =>
            {
                if (message is AttemptEnded { AttemptId: 1 } ended)
                    outcome = ended.Result.Outcome;
                isInError |= message is ConnectionReport { Status: ServerStatus.Error };
                return outcome is not null && isInError;
            },
            PoolHost.Patience);
        Assert.Equal(AttemptOutcome.Lost, outcome);
        connection.Tell(Attempt(2, "hang"));

        Assert.Equal((AttemptOutcome.NotSent, AttemptCause.NotConnected), ((await EndedAsync(2)).Outcome, AttemptCause.NotConnected));
    }

    [Fact]
    public async Task Attempts_that_are_given_up_are_answered_at_once_and_cancelled_at_the_server()
    {
        var cancelled = new TaskCompletionSource();
        var server = Memory.Add("s").Tool("hang", async (_, token) =>
        {
            // Each ends only by its own cancellation: if one ended with the other, it would succeed.
            var mine = new TaskCompletionSource();
            using var registration = token.Register(() => mine.TrySetResult());
            await mine.Task;
            cancelled.TrySetResult();
            return null;
        });
        var connection = Start();
        await ConnectedAsync();
        connection.Tell(Attempt(1, "hang"));
        connection.Tell(Attempt(2, "hang"));
        await UntilAsync(() => server.Received("hang") == 2);

        connection.Tell(new CancelAttempt(1, CancelReason.Caller));
        connection.Tell(new CancelAttempt(2, CancelReason.Deadline));

        var cancelledAttempt = await EndedAsync(1);
        Assert.Equal((AttemptOutcome.Cancelled, true), (cancelledAttempt.Outcome, cancelledAttempt.CancelledAfterSend));
        Assert.Equal((AttemptOutcome.Lost, AttemptCause.TimedOut), await EndedAsync(2) is var late ? (late.Outcome, late.Cause) : default);
        await cancelled.Task.WaitAsync(PoolHost.Patience);
    }

    [Fact]
    public async Task Attempts_in_the_mailbox_of_a_connection_that_crashes_are_answered_once_each()
    {
        var server = Memory.Add("s").Tool("hang", () => MemoryAnswer.Never);
        var connection = Start();
        await ConnectedAsync();
        connection.Tell(Attempt(1, "hang"));
        await UntilAsync(() => server.Received("hang") == 1);

        connection.Tell(Kill.Instance);
        connection.Tell(Attempt(2, "hang"));
        connection.Tell(new CancelAttempt(1, CancelReason.Caller));
        connection.Tell(Attempt(3, "hang"));
        await HandledAsync(connection);

        var ends = new List<AttemptEnded>();
        while (ends.Count < 3)
            ends.Add(await Circuit.FishForMessageAsync<AttemptEnded>(_ => true, PoolHost.Patience));
        Assert.Equal(
            [(1, AttemptOutcome.Lost), (2, AttemptOutcome.NotSent), (3, AttemptOutcome.NotSent)],
            ends.OrderBy(ended => ended.AttemptId).Select(ended => (ended.AttemptId, ended.Result.Outcome)));
        Assert.Equal(1, server.Received("hang"));
        var others = await TakeAllAsync(Circuit);
        Assert.DoesNotContain(others, message => message is AttemptEnded);
    }

    public static TheoryData<string> UnwritableRequests => ["too deep", "a name twice", "disposed"];

    [Theory]
    [MemberData(nameof(UnwritableRequests))]
    public async Task A_request_that_cannot_be_written_is_the_callers_mistake_and_no_loss(string kind)
    {
        var server = Memory.Add("s").Tool("echo", () => "hello");
        var connection = Start();
        await ConnectedAsync();

        connection.Tell(Attempt(1, "echo") with { Request = Unwritable(kind) });

        var result = await EndedAsync(1);
        Assert.Equal(
            (AttemptOutcome.Rejected, AttemptCause.Unwritable, null), (result.Outcome, result.Cause, result.Failed));
        Assert.Contains("the request cannot be written as JSON", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, server.Received("echo"));
        connection.Tell(Attempt(2, "echo"));
        Assert.Equal(AttemptOutcome.Succeeded, (await EndedAsync(2)).Outcome);
    }

    private static CallRequest Unwritable(string kind)
    {
        if (kind == "a name twice")
            return new CallRequest("tools/call", "echo", JsonElement.Parse("""{"name":"echo","name":"echo"}"""), Wrap: false);
        if (kind == "disposed")
        {
            using var document = JsonDocument.Parse("{}");
            return new CallRequest("tools/call", "echo", document.RootElement, Wrap: true);
        }
        var levels = IncomingMessage.MostLevels;
        var deep = string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
        var arguments = JsonElement.Parse(deep, new JsonDocumentOptions { MaxDepth = levels });
        return new CallRequest("tools/call", "echo", arguments, Wrap: true);
    }
}
