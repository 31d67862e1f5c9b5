using BenchmarkDotNet.Running;
using McpActors.Benchmarks.ChoiceCost;
using McpActors.Benchmarks.Cluster;
using McpActors.Benchmarks.Idle;
using McpActors.Benchmarks.Reload;
using McpActors.Benchmarks.SideBySide;
using McpActors.Benchmarks.Simulate;
using McpActors.Benchmarks.SlowServer;

switch (args)
{
    case ["side-by-side", .. var options] when SideBySideOptions(options) is var (json, only):
        await SideBySideCommand.RunAsync(json, only);
        return 0;
    case ["simulate", .. var options]:
        return SimulateCommand.Run(options);
    case ["slow-server", .. var options] when options is [] or ["--seconds", _]:
        return await SlowServerCommand.RunAsync(options is [_, var seconds] ? seconds : "30");
    case ["cluster"]:
        await ClusterCommand.RunAsync();
        return 0;
    case ["idle", .. var options] when options is [] or ["--minutes", _]:
        return await IdleCommand.RunAsync(options is [_, var minutes] ? minutes : "30");
    case ["idle-worker", .. var servers]:
        await IdleWorker.RunAsync(servers);
        return 0;
    case ["choice-cost"]:
        ChoiceCostCommand.Run();
        return 0;
    case ["reload"]:
        await ReloadCommand.RunAsync();
        return 0;
    case ["micro", .. var options]:
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run([.. options]);
        return 0;
    default:
        Console.Error.WriteLine(
            $"""
            usage: side-by-side [--json] [--only idle|memory|http|routing]   the table of docs/performance.md, in under two minutes
                   {SimulateCommand.Usage}
                   slow-server [--seconds N]                                 every strategy before ten HTTP servers, one of them slow
                   cluster                                                   what it costs that a call crosses between nodes
                   idle [--minutes N]                                        what a worker does with odd servers and without calls
                   choice-cost                                               what one choice of a server costs
                   reload                                                    what a change of the configuration costs each server
                   micro [BenchmarkDotNet options]                           the pure parts, one by one
            """);
        return 2;
}

static (bool Json, string? Only)? SideBySideOptions(string[] options) => options switch
{
    [] => (false, null),
    ["--json", .. var rest] when SideBySideOptions(rest) is var (_, only) => (true, only),
    ["--only", "idle" or "memory" or "http" or "routing", .. var rest] when SideBySideOptions(rest) is var (json, _) => (json, options[1]),
    _ => null,
};
