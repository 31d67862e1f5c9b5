using McpActors.Host.Api;

namespace McpActors.Host.Tests.Api;

public class ErrorStatusTests
{
    [Theory]
    [InlineData(PoolErrorKind.InvalidRequest, 400)]
    [InlineData(PoolErrorKind.UnknownServer, 404)]
    [InlineData(PoolErrorKind.UnknownGroup, 404)]
    [InlineData(PoolErrorKind.OutcomeUnknown, 409)]
    [InlineData(PoolErrorKind.Rejected, 422)]
    [InlineData(PoolErrorKind.Overloaded, 429)]
    [InlineData(PoolErrorKind.Cancelled, 499)]
    [InlineData(PoolErrorKind.AllServersFailed, 502)]
    [InlineData(PoolErrorKind.ServerError, 424)]
    [InlineData(PoolErrorKind.SessionLost, 502)]
    [InlineData(PoolErrorKind.NoServerAvailable, 503)]
    [InlineData(PoolErrorKind.CircuitOpen, 503)]
    [InlineData(PoolErrorKind.DeadlineExceeded, 504)]
    public void Each_kind_has_its_status(PoolErrorKind kind, int status) => Assert.Equal(status, ErrorStatus.Of(kind));

    [Fact]
    public void Every_kind_has_an_error_status() =>
        Assert.All(Enum.GetValues<PoolErrorKind>(), kind => Assert.InRange(ErrorStatus.Of(kind), 400, 599));

    [Fact]
    public void A_call_that_may_have_run_has_no_status_that_clients_repeat_by_themselves() =>
        Assert.All(
            new[] { PoolErrorKind.OutcomeUnknown, PoolErrorKind.ServerError },
            kind => Assert.DoesNotContain(ErrorStatus.Of(kind), new[] { 408, 425, 429, 500, 502, 503, 504 }));
}
