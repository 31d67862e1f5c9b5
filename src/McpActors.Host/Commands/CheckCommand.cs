using System.CommandLine;
using System.Globalization;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using McpActors.Host.Settings;

namespace McpActors.Host.Commands;

/// <summary><c>mcp-actors check FILE</c>: checks a configuration and connects to its servers.</summary>
internal static class CheckCommand
{
    private static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(30);

    public static Command Create(CommandConsole console)
    {
        var file = new Argument<string>("file") { Description = "The configuration file, as for --config." };
        var noConnect = new Option<bool>("--no-connect") { Description = "Only check the file: connect to nothing and start no program." };
        var timeout = DurationOption.Create("--timeout", "Time limit for all servers together, such as 10s or 1m. Default: 30s");
        var command = new Command("check", "Check a configuration file, connect to every server once, and list the tools.")
        {
            file, noConnect, timeout,
        };
        var json = command.AddJsonOption();
        command.Runs(json, console, async (given, cancellation) =>
        {
            var (path, asJson) = (given.GetRequiredValue(file), given.GetValue(json));
            var read = WorkerConfiguration.ReadAgain(path);
            if (read.Configuration is not { Pool: { } settings } configuration)
            {
                if (asJson)
                    console.WriteJson(new CheckReply(path, read.Problems, null).ToJson());
                console.Error.WriteLine($"{path} is not valid:");
                Report(read.Problems, console.Error);
                return ExitCode.InvalidConfiguration;
            }

            IReadOnlyList<SettingsProblem> notes =
                [.. configuration.Notes, .. ProxyVariables.Problems(Environment.GetEnvironmentVariable)];
            IReadOnlyList<SettingsProblem> wrong = [.. configuration.OfServers, .. SettingsValidator.MissingSecrets(settings)];
            var servers = given.GetValue(noConnect)
                ? null
                : await ServerCheck.RunAsync(settings, given.GetValue(timeout) ?? DefaultTimeout, TimeProvider.System, cancellation);
            if (asJson)
                console.WriteJson(new CheckReply(path, wrong, servers) { Notes = NullIfEmpty(notes) }.ToJson());
            else
                Write(path, settings, wrong, servers, console.Output);
            if (servers is null)
                Report(wrong, console.Error);
            Report(notes, console.Error, "note: ");
            var isFailed = ReportFailed(servers ?? [], console.Error);
            return wrong.Count > 0 ? ExitCode.Misconfigured : isFailed ? ExitCode.NotConnected : ExitCode.Done;
        });
        return command;
    }

    private static void Report(IReadOnlyList<SettingsProblem> problems, TextWriter error, string before = "  ")
    {
        foreach (var problem in problems)
            error.WriteLine(before + TerminalText.Lines(problem.ToString()));
    }

    private static IReadOnlyList<SettingsProblem>? NullIfEmpty(IReadOnlyList<SettingsProblem> notes) => notes.Count == 0 ? null : notes;

    private static void Write(
        string path, PoolSettings settings, IReadOnlyList<SettingsProblem> wrong, IReadOnlyList<CheckedServer>? servers, TextWriter output)
    {
        var verdict = settings.Servers.Count(server => IsOf(server, wrong)) switch
        {
            0 => "valid",
            1 => "valid except for 1 server, which is left out",
            var count => $"valid except for {count} servers, which are left out",
        };
        var connected = servers is null ? "" : $", {servers.Count(server => server.Error is null)} connected";
        output.WriteLine($"{path}: {verdict}; servers: {settings.Servers.Count}{connected}");
        if (servers is not { Count: > 0 })
            return;

        output.WriteLine();
        var table = new TextTable("NAME", "GROUP", "STATUS", "PROTOCOL", "TOOLS", "RESOURCES", "PROMPTS", "ENDPOINT", "ANSWERS AS");
        foreach (var s in servers)
        {
            table.Add(
                s.Name, s.Group, $"{s.Status}", s.ProtocolVersion, Text(s.Tools?.Count), Text(s.Resources), Text(s.Prompts), s.Endpoint,
                $"{s.ServerName} {s.ServerVersion}".Trim());
        }
        table.WriteTo(output);
        output.WriteLine();
        foreach (var s in servers.Where(s => s.Tools is { Count: > 0 }))
            output.WriteLine($"{s.Name}: {TerminalText.Line(string.Join(", ", s.Tools!))}");
        foreach (var s in servers)
        {
            foreach (var remark in s.Remarks ?? [])
                output.WriteLine($"{s.Name}: {TerminalText.Line(remark)}");
        }
    }

    private static bool IsOf(ServerSettings server, IReadOnlyList<SettingsProblem> wrong) =>
        server.Misconfigured is not null || wrong.Any(problem => KeyPath.IsAtOrBelow(problem.Path, KeyPath.OfServer(server.Name)));

    private static bool ReportFailed(IReadOnlyList<CheckedServer> servers, TextWriter error)
    {
        var failed = servers.Where(server => server.Error is not null).ToList();
        foreach (var server in failed)
            error.WriteLine($"{server.Name}: {TerminalText.Line(server.Error!)}");
        return failed.Count > 0;
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
