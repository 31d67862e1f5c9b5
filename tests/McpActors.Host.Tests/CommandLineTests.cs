using McpActors.Host.Commands;

namespace McpActors.Host.Tests;

public class CommandLineTests
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private WorkerOptions? _started;

    [Fact]
    public async Task Starts_with_the_demo_servers_and_loopback_when_nothing_is_given()
    {
        Assert.Equal(0, await RunAsync());

        Assert.Equal(new WorkerOptions(ConfigFile: null, Urls: null, DemoPort: 3000), _started);
    }

    [Fact]
    public async Task Starts_with_what_is_given()
    {
        await RunAsync("--config", "a.conf", "--urls", "http://127.0.0.1:0;http://[::1]:0");

        Assert.Equal(new WorkerOptions("a.conf", "http://127.0.0.1:0;http://[::1]:0"), _started);
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run", "--config", "a.conf", "--urls", "http://127.0.0.1:0")]
    [InlineData("run", "--demo-port", "0")]
    public async Task Run_is_the_same_as_no_verb(params string[] args)
    {
        await RunAsync(args[1..]);
        var without = _started;
        _started = null;

        Assert.Equal(0, await RunAsync(args));

        Assert.Equal(without, _started);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    public async Task Help_names_every_option(string option)
    {
        Assert.Equal(0, await RunAsync(option));

        Assert.Null(_started);
        Assert.All(
            ["--config", "--urls", "--demo-port", "--version", "run", "check", "status", "tools", "call"],
            name => Assert.Contains(name, _output.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("'--bogus'", "--bogus")]
    [InlineData("'extra'", "extra")]
    [InlineData("--config", "--config")]
    [InlineData("--demo-port", "--demo-port", "65534")]
    [InlineData("--demo-port", "--demo-port", "-1")]
    [InlineData("'abc'", "--demo-port", "abc")]
    [InlineData("status", "stauts")]
    [InlineData("--config comes before 'status'", "--config", "a.conf", "status")]
    [InlineData("The argument <file> is missing.", "check")]
    [InlineData("--config replaces", "run", "--config", "a.conf", "--demo-port", "0")]
    [InlineData("--config replaces", "--config", "a.conf", "--demo-port", "0")]
    public async Task A_mistake_ends_with_1_and_a_message_and_starts_nothing(string message, params string[] args)
    {
        Assert.Equal(1, await RunAsync(args));

        Assert.Null(_started);
        Assert.Empty(_output.ToString());
        Assert.Contains(message, _error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("foo", false)]
    [InlineData("stauts", true)]
    public async Task Only_words_that_are_near_are_suggested(string word, bool isNear)
    {
        Assert.Equal(1, await RunAsync(word));

        Assert.Equal(isNear, _error.ToString().Contains("Did you mean", StringComparison.OrdinalIgnoreCase));
    }

    private Task<int> RunAsync(params string[] args) =>
        CommandLine.RunAsync(
            args, options => { _started = options; return Task.FromResult(0); }, new CommandConsole { Output = _output, Error = _error });
}
