using System.CommandLine;
using System.Globalization;
using McpActors.Configuration;
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
            var (settings, problems) = Read(path);
            if (settings is null)
            {
                if (asJson)
                    console.WriteJson(new CheckReply(path, problems, null).ToJson());
                console.Error.WriteLine($"{path} is not valid:");
                foreach (var problem in problems)
                    console.Error.WriteLine($"  {TerminalText.Lines(problem.ToString())}");
                return ExitCode.InvalidConfiguration;
            }

            var servers = given.GetValue(noConnect)
                ? null
                : await ServerCheck.RunAsync(settings, given.GetValue(timeout) ?? DefaultTimeout, TimeProvider.System, cancellation);
            if (asJson)
                console.WriteJson(new CheckReply(path, [], servers).ToJson());
            else
                Write(path, settings, servers, console.Output);
            return ReportFailed(servers ?? [], console.Error) ? ExitCode.NotConnected : ExitCode.Done;
        });
        return command;
    }

    /// <summary>The pool's settings, or all problems of the file, those of its other blocks included.</summary>
    private static (PoolSettings? Settings, IReadOnlyList<SettingsProblem> Problems) Read(string path)
    {
        try
        {
            return (WorkerConfiguration.Read(path).Pool, []);
        }
        catch (InvalidSettingsException e)
        {
            return (null, e.Problems);
        }
    }

    private static void Write(string path, PoolSettings settings, IReadOnlyList<CheckedServer>? servers, TextWriter output)
    {
        var connected = servers is null ? "" : $", {servers.Count(server => server.Error is null)} connected";
        output.WriteLine($"{path}: valid; servers: {settings.Servers.Count}{connected}");
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
    }

    private static bool ReportFailed(IReadOnlyList<CheckedServer> servers, TextWriter error)
    {
        var failed = servers.Where(server => server.Error is not null).ToList();
        foreach (var server in failed)
            error.WriteLine($"{server.Name}: {TerminalText.Line(server.Error!)}");
        return failed.Count > 0;
    }

    private static string? Text(int? number) => number?.ToString(CultureInfo.InvariantCulture);
}
