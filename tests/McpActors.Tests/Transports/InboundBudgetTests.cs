using System.Text.Json.Nodes;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class InboundBudgetTests
{
    private const int Waiting = 10_000;

    private readonly FakeTimeProvider _time = new();
    private readonly InboundBudget _budget;

    public InboundBudgetTests() => _budget = new InboundBudget(Waiting, _time);

    [Theory]
    [InlineData("[]")]
    [InlineData("[{\"requestId\":1}]")]
    [InlineData("1")]
    [InlineData("\"requestId\"")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{\"requestId\":null}")]
    [InlineData("{\"requestId\":[1]}")]
    [InlineData("{\"requestId\":{}}")]
    public void A_cancellation_that_names_no_request_cancels_none(string parameters)
    {
        var cancelled = new JsonRpcNotification { Method = "notifications/cancelled", Params = JsonNode.Parse(parameters) };

        Assert.Null(InboundBudget.CancelledBy(cancelled));
        Assert.Equal(Admission.Handle, _budget.Admit(cancelled));
    }

    [Fact]
    public void A_few_requests_are_handled_at_a_time_a_few_wait_and_then_the_connection_ends()
    {
        var admissions = Enumerable.Range(0, 8 + 64 + 1).Select(i => _budget.Admit(Request(i))).ToList();

        Assert.Equal(8, admissions.Count(admission => admission == Admission.Handle));
        Assert.Equal(64, admissions.Count(admission => admission == Admission.Wait));
        Assert.Equal(Admission.End, admissions[^1]);
        Assert.Contains("more requests than can wait", _budget.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Requests_that_wait_are_bounded_in_bytes_too()
    {
        for (var i = 0; i < 8; i++)
            _budget.Admit(Request(i));

        Assert.Equal(Admission.Wait, _budget.Admit(Request(8, size: Waiting / 2)));
        Assert.Equal(Admission.End, _budget.Admit(Request(9, size: Waiting / 2)));
    }

    [Fact]
    public void A_request_that_no_longer_waits_makes_room_for_bytes()
    {
        for (var i = 0; i < 8; i++)
            _budget.Admit(Request(i));

        for (var i = 8; i < 20; i++)
        {
            Assert.Equal(Admission.Wait, _budget.Admit(Request(i, size: Waiting * 3 / 4)));
            _budget.Answered(new RequestId(i - 8));
            Assert.True(_budget.TryTakeWaiting(out _));
        }
    }

    [Fact]
    public void A_request_does_not_overtake_those_that_wait()
    {
        for (var i = 0; i < 9; i++)
            _budget.Admit(Request(i));
        _budget.Answered(new RequestId(0));

        Assert.Equal(Admission.Wait, _budget.Admit(Request(9)));
    }

    [Fact]
    public void A_request_that_waited_is_handled_among_the_others()
    {
        for (var i = 0; i < 10; i++)
            _budget.Admit(Request(i));
        _budget.Answered(new RequestId(0));
        Assert.True(_budget.TryTakeWaiting(out _));

        Assert.False(_budget.TryTakeWaiting(out _));
        Assert.Equal(Admission.Drop, _budget.Admit(Request(8)));
    }

    [Fact]
    public void An_answer_to_nothing_makes_no_room()
    {
        for (var i = 0; i < 9; i++)
            _budget.Admit(Request(i));

        Assert.False(_budget.Answered(new RequestId(99)));
    }

    [Fact]
    public void Requests_that_are_answered_have_a_limit_a_second_too()
    {
        for (var i = 0; i < InboundBudget.UnaskedPerSecond; i++)
        {
            Assert.Equal(Admission.Handle, _budget.Admit(Request(i)));
            _budget.Answered(new RequestId(i));
        }

        Assert.Equal(Admission.End, _budget.Admit(Request(-1)));
    }

    [Fact]
    public void An_answered_request_makes_room_for_the_one_that_waited_longest()
    {
        for (var i = 0; i < 10; i++)
            _budget.Admit(Request(i));
        Assert.False(_budget.TryTakeWaiting(out _));

        Assert.True(_budget.Answered(new RequestId(3)));

        Assert.True(_budget.TryTakeWaiting(out var next));
        Assert.Equal(new RequestId(8), ((JsonRpcRequest)next!).Id);
        Assert.False(_budget.TryTakeWaiting(out _));
    }

    [Fact]
    public void A_request_that_its_sender_cancels_makes_room_too()
    {
        for (var i = 0; i < 9; i++)
            _budget.Admit(Request(i));

        _budget.Admit(new JsonRpcNotification
        {
            Method = NotificationMethods.CancelledNotification,
            Params = new JsonObject { ["requestId"] = 5 },
        });

        Assert.True(_budget.TryTakeWaiting(out var next));
        Assert.Equal(new RequestId(8), ((JsonRpcRequest)next!).Id);
    }

    [Fact]
    public void A_second_request_with_the_id_of_one_that_is_handled_is_dropped()
    {
        Assert.Equal(Admission.Handle, _budget.Admit(Request(1)));
        Assert.Equal(Admission.Drop, _budget.Admit(Request(1)));
    }

    [Fact]
    public void Requests_that_are_answered_never_end_the_connection()
    {
        for (var i = 0; i < 3 * InboundBudget.UnaskedPerSecond; i++)
        {
            Assert.Equal(Admission.Handle, _budget.Admit(Request(i)));
            _budget.Answered(new RequestId(i));
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }
    }

    [Fact]
    public void Notifications_have_a_limit_a_second()
    {
        var notification = new JsonRpcNotification { Method = "notifications/message" };
        for (var i = 0; i < InboundBudget.UnaskedPerSecond; i++)
            Assert.Equal(Admission.Handle, _budget.Admit(notification));

        Assert.Equal(Admission.End, _budget.Admit(notification));

        Assert.Contains("without being asked", _budget.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Notifications_below_the_limit_never_end_the_connection()
    {
        var notification = new JsonRpcNotification { Method = "notifications/progress" };
        for (var i = 0; i < 5 * InboundBudget.UnaskedPerSecond; i++)
        {
            Assert.Equal(Admission.Handle, _budget.Admit(notification));
            _time.Advance(TimeSpan.FromSeconds(1.01 / InboundBudget.UnaskedPerSecond));
        }
    }

    [Fact]
    public void Answers_to_requests_have_no_limit_and_others_have_that_of_notifications()
    {
        var answer = new JsonRpcResponse { Id = new RequestId(1), Result = new JsonObject() };
        for (var i = 0; i < 5 * InboundBudget.UnaskedPerSecond; i++)
        {
            _budget.Expect(answer.Id);
            Assert.Equal(Admission.Handle, _budget.Admit(answer));
        }

        var surplus = 0;
        while (_budget.Admit(answer) != Admission.End)
            surplus++;

        Assert.Equal(InboundBudget.UnaskedPerSecond, surplus);
    }

    [Fact]
    public void Surplus_answers_take_no_place_of_later_ones()
    {
        _budget.Expect(new RequestId(1));
        Assert.Equal(Admission.Handle, _budget.Admit(Answer(1)));
        for (var i = 0; i < InboundBudget.UnaskedPerSecond; i++)
            Assert.Equal(Admission.Drop, _budget.Admit(i % 2 == 0 ? Answer(1) : Answer(-i)));

        for (var i = 2; i < 100; i++)
        {
            _budget.Expect(new RequestId(i));
            Assert.Equal(Admission.Handle, _budget.Admit(Answer(i)));
        }

        Assert.Equal(Admission.End, _budget.Admit(Answer(1)));
    }

    [Fact]
    public void An_answer_to_a_request_that_was_given_up_is_not_expected()
    {
        _budget.Expect(new RequestId(1));

        Assert.True(_budget.Forget(new RequestId(1)));
        Assert.False(_budget.Forget(new RequestId(1)));
    }

    private static JsonRpcResponse Answer(int id) => new() { Id = new RequestId(id), Result = new JsonObject() };

    private static JsonRpcRequest Request(int id, int size = 0) => new()
    {
        Id = new RequestId(id),
        Method = "sampling/createMessage",
        Params = new JsonObject { ["text"] = new string('x', size) },
    };
}
