using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Pool;

namespace McpActors.ConformanceClient;

/// <summary>What the pool's caller does in each scenario of the conformance suite.</summary>
internal static class Scenarios
{
    /// <summary>The name of the suite's server in the pool.</summary>
    public const string Server = "conformance";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>The scenarios by name.</summary>
    public static IReadOnlyDictionary<string, Func<IMcpPool, Task>> All { get; } = new Dictionary<string, Func<IMcpPool, Task>>
    {
        ["initialize"] = _ => Task.CompletedTask,
        ["request-metadata"] = pool => pool.ExecuteAsync("tools/list", options: new CallOptions { Server = Server }),
        ["tools_call"] = pool => pool.CallToolAsync("add_numbers", Json(new { a = 5, b = 3 })),
        ["sse-retry"] = pool => pool.CallToolAsync("test_reconnection"),
        ["elicitation-sep1034-client-defaults"] = pool => pool.CallToolAsync("test_client_elicitation_defaults"),
        ["http-standard-headers"] = StandardHeadersAsync,
        ["http-custom-headers"] = CustomHeadersAsync,
        ["http-invalid-tool-headers"] = EveryToolAsync,
        ["json-schema-ref-no-deref"] = pool => pool.ListToolsAsync(),
        ["json-schema-2020-12-preservation"] = EchoSchemaAsync,
        ["sep-2322-client-request-state"] = InputRequiredAsync,
    };

    /// <summary>Waits until the server is connected and its catalogue was read.</summary>
    public static async Task ConnectedAsync(IMcpPool pool)
    {
        await pool.WaitUntilReadyAsync(timeout: Patience);
        using var patience = new CancellationTokenSource(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while ((await pool.GetStatusAsync(patience.Token)).Servers[0].Tools is null)
            await tick.WaitForNextTickAsync(patience.Token);
    }

    private static async Task StandardHeadersAsync(IMcpPool pool)
    {
        await EveryToolAsync(pool);
        foreach (var resource in (await pool.ListResourcesAsync()).Resources)
            await pool.ReadResourceAsync(resource.Name);
        foreach (var prompt in (await pool.ListPromptsAsync()).Prompts)
            await pool.GetPromptAsync(prompt.Name);
    }

    // The suite passes the calls in the environment.
    private static async Task CustomHeadersAsync(IMcpPool pool)
    {
        using var context = JsonDocument.Parse(Environment.GetEnvironmentVariable("MCP_CONFORMANCE_CONTEXT")!);
        foreach (var call in context.RootElement.GetProperty("toolCalls").EnumerateArray())
            await pool.CallToolAsync(call.GetProperty("name").GetString()!, call.GetProperty("arguments"));
    }

    private static async Task EveryToolAsync(IMcpPool pool)
    {
        foreach (var tool in (await pool.ListToolsAsync()).Tools)
            await pool.CallToolAsync(tool.Name, Json(new { region = "us-west1" }));
    }

    private static async Task EchoSchemaAsync(IMcpPool pool)
    {
        var tool = (await pool.ListToolsAsync()).Tools.Single(tool => tool.Name == "json_schema_2020_12_tool");
        await pool.CallToolAsync("json_schema_echo", Json(new { schema = tool.Definition.GetProperty("inputSchema") }));
    }

    private static async Task InputRequiredAsync(IMcpPool pool)
    {
        var asked = await pool.CallToolAsync("test_mrtr_echo_state");
        await pool.CallToolAsync("test_mrtr_unrelated");
        await RetryAsync(pool, "test_mrtr_echo_state", asked);
        await RetryAsync(pool, "test_mrtr_no_state", await pool.CallToolAsync("test_mrtr_no_state"));
        await RetryAsync(pool, "test_mrtr_no_result_type", await pool.CallToolAsync("test_mrtr_no_result_type"));
    }

    /// <summary>Calls the tool once more with an answer to each question and the server's state, if the server asked.</summary>
    private static async Task RetryAsync(IMcpPool pool, string tool, CallCompleted first)
    {
        if (!first.Result.TryGetProperty("resultType", out var type) || type.GetString() != "input_required")
            return;
        var answers = first.Result.GetProperty("inputRequests").EnumerateObject().ToDictionary(
            question => question.Name, _ => new { action = "accept", content = new { confirmed = true } });
        var parameters = new JsonObject
        {
            ["name"] = tool,
            ["arguments"] = new JsonObject(),
            ["inputResponses"] = JsonSerializer.SerializeToNode(answers),
        };
        if (first.Result.TryGetProperty("requestState", out var state))
            parameters["requestState"] = state.GetString();
        await pool.ExecuteAsync("tools/call", Json(parameters));
    }

    private static JsonElement Json(object value) => JsonSerializer.SerializeToElement(value);
}
