using System.CommandLine;
using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary><c>mcp-actors call</c>: runs a tool or a method on a running host.</summary>
internal static class CallCommand
{
    public static Command Create(CommandConsole console)
    {
        var method = new Argument<string>("method") { Description = "The name of a tool, or an MCP method such as resources/read." };
        var parameters = new Argument<string?>("json")
        {
            Description = "The arguments of the tool or parameters of the method: a JSON object, @FILE to read a file, or - to read stdin.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var command = new Command("call", "Run a tool or a method on a running host and print the result.") { method, parameters };
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
