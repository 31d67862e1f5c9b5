
namespace McpActors.Host.Tests.Processes;

/// <summary>What <c>check</c> and the worker say of a configuration and its surroundings, as processes of their own.</summary>
public class CheckProcessTests
{
    private const string Empty = "mcp-actors.pool { servers {} }";

    [Theory]
    [InlineData("HTTP_PROXY", "http://user:secret@proxy:port")]
    [InlineData("all_proxy", "ftp://proxy")]
    public async Task A_proxy_that_cannot_be_read_is_a_note(string variable, string value)
    {
        using var file = new TempFile(Empty);
        await using var check = HostProcess.Start(new Dictionary<string, string> { [variable] = value }, "check", file.Name);

        var (exitCode, error) = await check.EndAsync();

        Assert.Equal(0, exitCode);
        Assert.Contains($"note: {variable}: is not the address of a proxy", error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_worker_warns_of_a_proxy_that_cannot_be_read()
    {
        using var file = new TempFile(Empty);
        await using var host = await HostProcess.ServeAsync(
            new Dictionary<string, string> { ["HTTPS_PROXY"] = "http://user:secret@proxy:port" }, "--config", file.Name);

        host.Signal("TERM");
        var log = host.Output + (await host.EndAsync()).Error;

        var warning = Assert.Single(log.Split('\n'), line => line.Contains("HTTPS_PROXY", StringComparison.Ordinal));
        Assert.Contains("is not the address of a proxy and has no effect", warning, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", log, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check")]
    [InlineData("run", "--urls", "http://127.0.0.1:0", "--config")]
    public async Task A_named_pipe_is_refused(params string[] command)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        var pipe = await NamedPipe.MakeAsync(folder);
        await using var program = HostProcess.Start([.. command, pipe]);

        var (exitCode, error) = await program.EndAsync();

        Assert.Equal(3, exitCode);
        Assert.Contains($"{pipe}: it is not a regular file", error, StringComparison.Ordinal);
    }
}
