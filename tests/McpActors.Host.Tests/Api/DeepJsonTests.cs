using System.Net;
using System.Text.Json;
using McpActors.Host.Commands;
using McpActors.Host.Tests.Commands;

namespace McpActors.Host.Tests.Api;

/// <summary>JSON of servers that is nested as deep as their messages may be.</summary>
public sealed class DeepJsonTests
{
    private const int Levels = 512;

    private static readonly string Nested = new string('[', Levels) + new string(']', Levels);

    [Fact]
    public async Task A_result_is_passed_on()
    {
        await using var api = await ApiServer.StartAsync();
        api.Pool.OnCall = (_, _) => Task.FromResult<CallReply>(new CallCompleted(Deep(Nested), "a", [], TimeSpan.Zero));

        var response = await api.ExecuteAsync("""{"method":"getData"}""");
        var run = await CommandRun.RunAsync(["call", "getData"], api.Client.BaseAddress);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.StartsWith($"{{\"result\":{Nested},", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal((ExitCode.Done, Nested), (run.ExitCode, run.Output.Trim()));
    }

    [Fact]
    public async Task The_data_of_an_error_is_passed_on_with_its_kind_and_code()
    {
        await using var api = await ApiServer.StartAsync();
        var error = new PoolError(PoolErrorKind.Rejected, "no") { Code = -32602, Data = Deep(Nested) };
        api.Pool.OnCall = (_, _) => Task.FromResult<CallReply>(new CallFailed(error, [], TimeSpan.Zero));

        var text = await (await api.ExecuteAsync("""{"method":"getData"}""")).Content.ReadAsStringAsync();

        Assert.Contains("\"kind\":\"Rejected\"", text, StringComparison.Ordinal);
        Assert.Contains("\"code\":-32602", text, StringComparison.Ordinal);
        Assert.Contains($"\"data\":{Nested}", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_is_listed_beside_the_others()
    {
        await using var api = await ApiServer.StartAsync();
        var schema = $$"""{"type":"object","default":{{Nested}}}""";
        api.Pool.OnTools = () => new ToolList(
            [new("deep", Deep($$"""{"name":"deep","inputSchema":{{schema}}}"""), ["a"]), new("read", "{}".Json(), ["b"])]);

        var response = await api.Client.GetAsync("/api/tools");
        var all = await CommandRun.RunAsync(["tools"], api.Client.BaseAddress);
        var one = await CommandRun.RunAsync(["tools", "deep"], api.Client.BaseAddress);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Contains(schema, await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, all.ExitCode);
        Assert.Contains("read", all.Output, StringComparison.Ordinal);
        Assert.Equal(ExitCode.Done, one.ExitCode);
        Assert.Contains(schema, one.Output, StringComparison.Ordinal);
    }

    private static JsonElement Deep(string json) => JsonElement.Parse(json, new JsonDocumentOptions { MaxDepth = 1000 });
}
