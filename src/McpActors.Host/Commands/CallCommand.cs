using System.CommandLine;
using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary><c>mcp-actors call</c>: runs a method or a tool on a running host's pool.</summary>
internal static class CallCommand
{
    public static Command Create(CommandConsole console)
    {
        var method = new Argument<string>("method") { Description = "The name of a tool; or an MCP method, such as tools/list or resources/read." };
        var parameters = new Argument<string?>("json")
        {
            Description = "The tool's arguments or the method's parameters: a JSON object; @FILE: from a file; -: from the standard input. Default: none.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("call", "Run a tool or a method on one server of a running host's pool, and write its result.") { method, parameters };
        var options = CallOptionSet.AddTo(command);
        var host = ConnectionOptions.AddTo(command);
        var json = command.AddJsonOption();
        command.Runs(json, console, async (given, cancellation) =>
        {
            var request = new ExecuteRequest
            {
                Method = given.GetRequiredValue(method),
                Params = await CallParameters.ReadAsync(given.GetValue(parameters), console.Input, cancellation),
                Options = options.Read(given),
            };
            using var client = host.Connect(given, console);
            var answer = await client.ExecuteAsync(request, cancellation);
            if (given.GetValue(json))
                console.WriteJson(answer.Json);
            return ResultText.Write(answer.Value, console, isWritten: given.GetValue(json));
        });
        return command;
    }
}
