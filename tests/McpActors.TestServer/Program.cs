using System.Diagnostics;
using McpActors.Configuration;
using McpActors.TestServer;
using McpActors.Transports;
using ModelContextProtocol.Client;
using ModelContextProtocol.Server;

// An MCP server on stdio for tests. With --ignore-eof it keeps running when stdin ends and ignores SIGTERM; --spawn-grandchild starts a
// process in a session of its own, or with --bare in that of the server with an empty environment, and writes both ids to the file of
// --pids; --exit-on-first-message and --silent misbehave in the
// handshake; --not-json writes a line that is not JSON before serving; --as-host runs a host with one such server, or the shell script of
// --script, which prints its own id and waits.
var flags = args.ToHashSet();
if (flags.Contains("--as-host"))
    return await RunHostAsync(args);

if (flags.Contains("--spawn-grandchild"))
{
    using var grandchild = flags.Contains("--bare")
        ? Process.Start("env", ["-i", "sleep", "600"])
        : Process.Start("setsid", ["sleep", "600"]);
    var pids = args[Array.IndexOf(args, "--pids") + 1];
    await File.WriteAllTextAsync(pids + ".part", $"{Environment.ProcessId} {grandchild.Id}");
    File.Move(pids + ".part", pids);
}

if (flags.Contains("--exit-on-first-message"))
{
    await Console.In.ReadLineAsync();
    await Console.Error.WriteLineAsync("cannot read that");
    return 7;
}

if (flags.Contains("--silent"))
{
    while (await Console.In.ReadLineAsync() is not null)
    {
    }

    return 0;
}

if (flags.Contains("--not-json"))
    Console.WriteLine("Server ready!");

await Console.Error.WriteLineAsync("contract server started");
await using (var transport = new StreamServerTransport(Console.OpenStandardInput(), Console.OpenStandardOutput(), "contract"))
await using (var server = McpServer.Create(transport, new ContractServer().Options()))
    await server.RunAsync();

if (flags.Contains("--ignore-eof"))
    await new TaskCompletionSource().Task;

return 0;

static async Task<int> RunHostAsync(string[] args)
{
    string[] child = [typeof(ContractServer).Assembly.Location, .. args.Where(a => a != "--as-host")];
    var script = Array.IndexOf(args, "--script");
    var server = script < 0
        ? new ServerSettings { Name = "child", Command = "dotnet", Args = child }
        : new ServerSettings { Name = "child", Command = "sh", Args = [args[script + 1]] };
    var transport = new TransportFactory(new MemoryServers(), new PoolSettings(), logs: null).Create(server, new CurrentRedactor());
    await using var client = await McpClient.CreateAsync(transport);
    Console.WriteLine(Environment.ProcessId);
    await new TaskCompletionSource().Task;
    return 0;
}
