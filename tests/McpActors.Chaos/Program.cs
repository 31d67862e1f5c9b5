using McpActors.Chaos.Driving;
using McpActors.Chaos.Servers;

// Without a command: a pool under load while its servers are harmed, and the count afterwards. "serve" is one of those servers.
return args is ["serve", .. var rest] ? await ServeCommand.RunAsync(rest) : await ChaosCommand.RunAsync(args);
