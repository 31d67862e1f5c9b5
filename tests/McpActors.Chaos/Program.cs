using McpActors.Chaos.Cluster;
using McpActors.Chaos.Driving;
using McpActors.Chaos.Servers;

// Without a command: a pool under load while its servers are harmed, and the count afterwards. "cluster": the same with a cluster whose nodes are harmed.
// "serve" is one of the servers.
return args switch
{
    ["serve", .. var rest] => await ServeCommand.RunAsync(rest),
    ["cluster", .. var rest] => await ClusterCommand.RunAsync(rest),
    _ => await ChaosCommand.RunAsync(args),
};
