using McpActors.Host;

return await CommandLine.RunAsync(args, Worker.RunAsync);
