using System.Net;
using McpActors.Host.Tests.Api;

namespace McpActors.Host.Tests.Processes;

/// <summary>Edits of the configuration file while the worker runs.</summary>
public class ReloadTests
{
    [Fact]
    public async Task A_changed_file_is_applied_and_a_bad_one_is_reported_and_changes_nothing()
    {
        await using var demo = await HostProcess.DemoAsync();
        var servers = (await (await demo.Client.GetAsync("/api/status")).JsonAsync()).GetProperty("servers").EnumerateArray()
            .Select(server => server.GetProperty("endpoint").GetString()!).ToArray();
        using var file = new TempFile(Configuration(("one", servers[0], "primary-token")));
        await using var host = await HostProcess.ServeAsync("--config", file.Name);
        Assert.Equal(["one"], await NamesAsync(host));

        file.Write(Configuration(("one", servers[0], "primary-token"), ("two", servers[1], "secondary-token")));
        await Eventually.TrueAsync(async () => (await NamesAsync(host)).SequenceEqual(["one", "two"]));

        file.Write("mcp-actors.pool { max-in-flight = none }");
        var refused = await host.Client.PostAsync("/api/reload", null);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, refused.StatusCode);
        Assert.Contains("max-in-flight", await refused.ErrorAsync("Refused"), StringComparison.Ordinal);
        Assert.Equal(["one", "two"], await NamesAsync(host));

        file.Write(Configuration(("two", servers[1], "secondary-token")));
        Assert.Equal(HttpStatusCode.OK, (await host.Client.PostAsync("/api/reload", null)).StatusCode);
        await Eventually.TrueAsync(async () => (await NamesAsync(host)).SequenceEqual(["two"]));
    }

    [Fact]
    public async Task A_named_pipe_in_the_place_of_the_file_is_refused()
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new TempFolder();
        var file = folder.At("pool.conf");
        await File.WriteAllTextAsync(file, Configuration(("one", "http://127.0.0.1:9", "primary-token")));
        await using var host = await HostProcess.ServeAsync("--config", file);
        File.Delete(file);
        await NamedPipe.MakeAsync(folder);

        var refused = await host.Client.PostAsync("/api/reload", null);

        Assert.Contains("it is not a regular file", await refused.ErrorAsync("Refused"), StringComparison.Ordinal);
        Assert.Equal(["one"], await NamesAsync(host));
    }

    [Fact]
    public async Task Without_a_file_there_is_nothing_to_reload()
    {
        await using var host = await HostProcess.DemoAsync();
        var refused = await host.Client.PostAsync("/api/reload", null);
        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
    }

    private static string Configuration(params (string Name, string Uri, string Token)[] servers)
    {
        var lines = servers.Select(s => $$"""  {{s.Name}} { uri = "{{s.Uri}}", auth { type = token, token = {{s.Token}} } }""");
        return $"mcp-actors.pool.servers {{\n{string.Join('\n', lines)}\n}}";
    }

    private static async Task<string[]> NamesAsync(HostProcess host)
    {
        var status = await (await host.Client.GetAsync("/api/status")).JsonAsync();
        return [.. status.GetProperty("servers").EnumerateArray().Select(s => s.GetProperty("name").GetString()!)];
    }
}
