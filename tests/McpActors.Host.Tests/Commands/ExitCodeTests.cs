using System.Globalization;
using System.Text.RegularExpressions;
using McpActors.Host.Commands;

namespace McpActors.Host.Tests.Commands;

public class ExitCodeTests
{
    [Theory]
    [InlineData("NoServerAvailable", 8)]
    [InlineData("AllServersFailed", 9)]
    [InlineData("UnknownServer", 7)]
    [InlineData("UnknownGroup", 7)]
    [InlineData("OutcomeUnknown", 10)]
    [InlineData("DeadlineExceeded", 11)]
    [InlineData("Overloaded", 12)]
    [InlineData("CircuitOpen", 8)]
    [InlineData("SessionLost", 9)]
    [InlineData("Rejected", 7)]
    [InlineData("ServerError", 9)]
    [InlineData("Cancelled", 130)]
    [InlineData("InvalidRequest", 7)]
    [InlineData("InternalError", 10)]
    [InlineData("Unauthorized", 5)]
    [InlineData("HostUnreachable", 4)]
    [InlineData("InvalidOption", 1)]
    [InlineData("InvalidConfiguration", 3)]
    [InlineData("Refused", 1)]
    [InlineData("OfALaterVersion", 1)]
    public void Each_kind_of_error_has_its_exit_code(string kind, int code) => Assert.Equal(code, (int)ExitCodes.Of(kind));

    [Fact]
    public void Every_kind_of_the_pool_has_an_exit_code() =>
        Assert.All(Enum.GetNames<PoolErrorKind>(), kind => Assert.NotEqual(ExitCode.Failed, ExitCodes.Of(kind)));

    [Fact]
    public void No_other_exit_code_means_that_a_call_may_have_run() =>
        Assert.Equal(
            [nameof(PoolErrorKind.OutcomeUnknown)],
            Enum.GetNames<PoolErrorKind>().Where(kind => ExitCodes.Of(kind) == ExitCode.OutcomeUnknown));

    [Fact]
    public void The_documentation_lists_them_all()
    {
        var page = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "command-line.md"));

        var listed = Regex.Matches(page, @"(?m)^\| (\d+) \| `(\w+)` \|")
            .Select(row => (int.Parse(row.Groups[1].Value, CultureInfo.InvariantCulture), row.Groups[2].Value));

        Assert.Equal(Enum.GetValues<ExitCode>().Select(code => ((int)code, code.ToString())), listed);
    }
}
