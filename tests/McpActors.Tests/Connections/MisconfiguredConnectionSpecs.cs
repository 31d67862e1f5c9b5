using Akka.Actor;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Tests.Configuration;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>The connection to a server that is misconfigured, or lacks a secret.</summary>
public sealed class MisconfiguredConnectionSpecs : ServerConnectionSpec
{
    [Fact]
    public async Task A_misconfigured_server_reports_its_mistake_and_is_not_tried_again()
    {
        Memory.Add("s");
        var connection = Start(new ServerSettings { Name = "s", Uri = new Uri("memory://s"), Misconfigured = "args: must be a list" });

        var report = await ReportAsync(r => r.Status == ServerStatus.Error);

        Assert.Equal(("Misconfigured: args: must be a list", null), (report.LastError, report.NextReconnect));
        Pass(TimeSpan.FromHours(1));
        await HandledAsync(connection);
        Assert.Empty(await TakeAllAsync(Circuit));
        connection.Tell(ConnectionCommand.Reconnect);
        Assert.Equal(2, (await ReportAsync(r => r.Status == ServerStatus.Error)).FailedConnects);
    }

    [Fact]
    public async Task A_secret_that_is_missing_is_looked_for_at_each_attempt()
    {
        using var folder = new ConfigurationFolder();
        var file = Path.Combine(folder.Path, "token");
        Start(new ServerSettings { Name = "s", Uri = new Uri("http://127.0.0.1:1/mcp"), Token = Secret.FromFile(file) });

        var report = await ReportAsync(r => r.Status == ServerStatus.Error);
        Assert.Equal($"Misconfigured: secret file {file} does not exist", report.LastError);
        folder.Write("token", "t0ken");
        Pass(TimeSpan.FromSeconds(1));

        // Nothing listens there, so the token was sent for.
        report = await ReportAsync(r => r.Status == ServerStatus.Error);
        Assert.DoesNotContain("Misconfigured", report.LastError, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_that_no_header_can_hold_is_named()
    {
        using var folder = new ConfigurationFolder();
        var file = folder.Write("token", "a\nb");
        Start(new ServerSettings { Name = "s", Uri = new Uri("http://127.0.0.1:1/mcp"), Token = Secret.FromFile(file) });

        var report = await ReportAsync(r => r.Status == ServerStatus.Error);

        Assert.Equal(
            "Misconfigured: mcp-actors.pool.servers.s.auth has a character outside visible ASCII, which a header cannot contain",
            report.LastError);
    }
}
