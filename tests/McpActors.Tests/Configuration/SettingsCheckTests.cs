using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>The check of a command's settings, where reading a file may never end.</summary>
public sealed class SettingsCheckTests : IDisposable
{
    private static readonly SettingsProblem Problem = new("mcp-actors.pool.servers.a", "wrong");

    private readonly ManualResetEventSlim _end = new();

    public void Dispose()
    {
        _end.Set();
        _end.Dispose();
    }

    [Fact]
    public async Task Settings_whose_files_can_be_read_have_the_problems_that_the_validator_finds()
    {
        var check = new SettingsCheck(_ => "secret", PoolHost.Patience, TimeProvider.System);

        Assert.Equal([Problem], await check.FindProblemsAsync([Server("a", "/secrets/a")], () => [Problem]));
        Assert.Empty(await check.FindProblemsAsync([], () => []));
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_is_left_to_the_validator()
    {
        var check = new SettingsCheck(_ => throw new SecretUnavailableException("gone"), PoolHost.Patience, TimeProvider.System);

        Assert.Equal([Problem], await check.FindProblemsAsync([Server("a", "/secrets/a")], () => [Problem]));
    }

    [Fact]
    public async Task A_file_that_hangs_is_named_with_its_server_after_the_time_limit()
    {
        var check = new SettingsCheck(
            secret =>
            {
                if (secret.ToString().Contains("hangs", StringComparison.Ordinal))
                    _end.Wait();
                return "secret";
            },
            TimeSpan.FromMilliseconds(100),
            TimeProvider.System);

        var problem = Assert.Single(await check.FindProblemsAsync(
            [Server("a", "/secrets/a"), Server("b", "/secrets/hangs"), Server("c", "/secrets/c")], () => []));

        Assert.Equal("mcp-actors.pool.servers.b", problem.Path);
        Assert.Contains("secret file /secrets/hangs could not be read within 0.1 s", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_file_of_a_server_is_read_and_nothing_else()
    {
        var read = new List<string>();
        var check = new SettingsCheck(
            secret =>
            {
                read.Add(secret.Written.Text);
                return "secret";
            },
            PoolHost.Patience,
            TimeProvider.System);
        var server = Server("a", "token") with
        {
            Headers = new Dictionary<string, Secret> { ["X"] = Secret.FromFile("header"), ["Y"] = Secret.FromLiteral("literal") },
            Environment = new Dictionary<string, Secret> { ["E"] = Secret.FromFile("variable"), ["F"] = Secret.FromEnvironment("HOME") },
            Proxy = Secret.FromFile("proxy"),
        };

        await check.FindProblemsAsync([server], () => []);

        Assert.Equal(["header", "variable", "token", "proxy"], read);
    }

    [Fact]
    public async Task A_validator_that_hangs_is_ended_too()
    {
        var check = new SettingsCheck(_ => "secret", TimeSpan.FromMilliseconds(100), TimeProvider.System);

        var problem = Assert.Single(await check.FindProblemsAsync(
            [],
            () =>
            {
                _end.Wait();
                return [];
            }));

        Assert.Contains("could not be checked within 0.1 s", problem.Message, StringComparison.Ordinal);
    }

    private static ServerSettings Server(string name, string file) => new() { Name = name, Token = Secret.FromFile(file) };
}
