using System.CommandLine;
using System.Globalization;

namespace McpActors.Host.Commands;

/// <summary><c>mcp-actors run</c>, the default command: serves a pool until the worker is asked to stop.</summary>
internal static class RunCommand
{
    public static Command Create(Func<WorkerOptions, Task<int>> run)
    {
        var command = new Command("run", "Serve a pool with its HTTP API and dashboard until Ctrl-C. The default command.");
        AddTo(command, run);
        return command;
    }

    /// <summary>Adds the worker's options to a command and makes it run the worker.</summary>
    public static void AddTo(Command command, Func<WorkerOptions, Task<int>> run)
    {
        var config = new Option<string?>("--config", "-c")
        {
            Description = "The configuration file. Default: the worker starts three demo servers.",
            HelpName = "file",
        };
        var urls = new Option<string?>("--urls")
        {
            Description = $"The addresses to listen on, separated by ';'. Default: {WorkerOptions.DefaultUrls}",
            HelpName = "urls",
        };
        var demoPort = new Option<int>("--demo-port")
        {
            Description = "The first of the demo servers' three ports; 0 for any free ports.",
            HelpName = "port",
            DefaultValueFactory = _ => WorkerOptions.DefaultDemoPort,
        };
        demoPort.Validators.Add(given =>
        {
            // A value that is not a number already has its own error.
            var isNumber = int.TryParse(given.Tokens.Count == 1 ? given.Tokens[0].Value : null, CultureInfo.InvariantCulture, out var port);
            if (isNumber && port is < 0 or > ushort.MaxValue - 2)
                given.AddError($"--demo-port: {port} is not valid; expected 0 to {ushort.MaxValue - 2}, since three ports are used.");
        });

        command.Options.Add(config);
        command.Options.Add(urls);
        command.Options.Add(demoPort);
        command.Validators.Add(given =>
        {
            if (given.GetResult(config) is { Implicit: false } && given.GetResult(demoPort) is { Implicit: false })
                given.AddError("--demo-port applies to the demo servers, which --config replaces. Use only one of the two options.");
        });
        command.SetAction(given => run(new WorkerOptions(given.GetValue(config), given.GetValue(urls), given.GetValue(demoPort))));
    }
}
