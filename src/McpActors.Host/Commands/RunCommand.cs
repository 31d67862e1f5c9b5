using System.CommandLine;
using System.Globalization;

namespace McpActors.Host.Commands;

/// <summary><c>mcp-actors run</c>, which is also what the program does without a verb: serves a pool until it is told to stop.</summary>
internal static class RunCommand
{
    public static Command Create(Func<WorkerOptions, Task<int>> run)
    {
        var command = new Command("run", "Serve a pool with its HTTP API and dashboard until Ctrl-C. The same as without a command.");
        AddTo(command, run);
        return command;
    }

    /// <summary>Gives a command the worker's options, and has it run the worker.</summary>
    public static void AddTo(Command command, Func<WorkerOptions, Task<int>> run)
    {
        var config = new Option<string?>("--config", "-c")
        {
            Description = "The HOCON file with the servers to serve. Without it, three demo servers are started.",
            HelpName = "file",
        };
        var urls = new Option<string?>("--urls")
        {
            Description = $"Where the HTTP API listens; several are separated by ';'. Default: {WorkerOptions.DefaultUrls}",
            HelpName = "urls",
        };
        var demoPort = new Option<int>("--demo-port")
        {
            Description = "The first of the three ports of the demo servers; 0: any free ones.",
            HelpName = "port",
            DefaultValueFactory = _ => WorkerOptions.DefaultDemoPort,
        };
        demoPort.Validators.Add(given =>
        {
            // A value that is no number has its own error already.
            var isNumber = int.TryParse(given.Tokens.Count == 1 ? given.Tokens[0].Value : null, CultureInfo.InvariantCulture, out var port);
            if (isNumber && port is < 0 or > ushort.MaxValue - 2)
                given.AddError($"--demo-port: a number from 0 to {ushort.MaxValue - 2} is needed, so that three ports fit.");
        });

        command.Options.Add(config);
        command.Options.Add(urls);
        command.Options.Add(demoPort);
        command.Validators.Add(given =>
        {
            if (given.GetResult(config) is { Implicit: false } && given.GetResult(demoPort) is { Implicit: false })
                given.AddError("--demo-port is for the demo servers, which --config replaces: give one of the two.");
        });
        command.SetAction(given => run(new WorkerOptions(given.GetValue(config), given.GetValue(urls), given.GetValue(demoPort))));
    }
}
