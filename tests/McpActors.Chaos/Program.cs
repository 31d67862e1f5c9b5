using McpActors.Chaos.Cluster;
using McpActors.Chaos.Driving;
using McpActors.Chaos.Servers;

// Without a command: runs a pool under load with faults of its servers, and counts. "cluster": the same with faults of the nodes of a
// cluster. "serve": runs one of the servers.
return args switch
{
    ["serve", .. var rest] => await ServeCommand.RunAsync(rest),
    ["cluster", .. var rest] => await ClusterCommand.RunAsync(rest),
    _ => await ChaosCommand.RunAsync(args),
};
