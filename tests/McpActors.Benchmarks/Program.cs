using BenchmarkDotNet.Running;
using McpActors.Benchmarks.ChoiceCost;
using McpActors.Benchmarks.Cluster;
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
    case ["choice-cost"]:
        ChoiceCostCommand.Run();
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
                   choice-cost                                               what one choice of a server costs
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
