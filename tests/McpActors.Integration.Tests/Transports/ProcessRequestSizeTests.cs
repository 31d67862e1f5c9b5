using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using McpActors.Tests.Failures;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Transports;

/// <summary>The largest request to a program, which is here <c>cat</c>: what it is sent comes back.</summary>
public sealed class ProcessRequestSizeTests
{
    private static readonly PoolSettings Small = new() { MaxRequestSize = 1024 };
    private static readonly int Limit = (int)MessageLimits.WithEnvelope(Small.MaxRequestSize);

    [SkippableFact]
    public async Task A_request_that_is_too_large_is_not_sent_and_the_next_one_is()
    {
        await using var program = Start();
        await using var connection = await program.ConnectAsync();

        var error = await Assert.ThrowsAsync<RequestTooLargeException>(() => connection.SendMessageAsync(Request(1, new('x', Limit))));
        await connection.SendMessageAsync(Request(2, "small"));

        Assert.Contains("Nothing of it was sent", error.Message, StringComparison.Ordinal);
        Assert.Equal(new RequestId(2), await ReturnedAsync(connection));
    }

    [SkippableFact]
    public async Task A_text_of_any_script_counts_as_long_as_it_is()
    {
        await using var program = Start();
        await using var connection = await program.ConnectAsync();

        // Three bytes each, which become six as an escape.
        await connection.SendMessageAsync(Request(1, new('中', (Limit / 3) - 100)));

        Assert.Equal(new RequestId(1), await ReturnedAsync(connection));
    }

    [SkippableFact]
    public async Task A_request_of_the_program_that_is_too_large_is_refused_as_a_request()
    {
        const string Script = """
            printf '{"jsonrpc":"2.0","id":"s","method":"roots/list","params":{"x":"'
            head -c 200000 /dev/zero | tr '\0' x
            printf '"}}\n'
            cat
            """;
        await using var program = Start(Small with { MaxResultSize = 1024 }, "sh", "-c", Script);
        await using var connection = await program.ConnectAsync();

        var returned = await connection.MessageReader.ReadAsync().AsTask().WaitAsync(PoolHost.Patience);

        var error = Assert.IsType<JsonRpcError>(returned);
        Assert.Equal(("s", (int)McpErrorCode.InvalidRequest), (error.Id.Id, error.Error.Code));
        Assert.Contains($"the limit is {Limit} bytes", error.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_goes_to_no_server_and_harms_none()
    {
        await using var pool = await BadAndGood.StartAsync(TestServerProcess.Settings());
        // JSON on the wire needs three times the bytes of these characters.
        var arguments = JsonElement.Parse($$"""{"text":"{{string.Concat(Enumerable.Repeat("🙂", 900_000))}}"}""");

        Assert.Equal("bad:Rejected => InvalidRequest", (await pool.CallAsync("size", arguments, safe: true)).Story);

        var bad = await pool.BadAsync();
        Assert.Equal((CircuitState.Closed, 0L, 0L), (bad.Circuit, bad.Failures, pool.GoodCalls));
    }

    private static ProcessTransport Start(PoolSettings? settings = null, string command = "cat", params string[] args)
    {
        Skip.If(OperatingSystem.IsWindows(), "there is no cat");
        var server = new ServerSettings { Name = "cat", Command = command, Args = args };
        return new ProcessTransport(server, settings ?? Small, TimeProvider.System, null);
    }

    private static JsonRpcRequest Request(int id, string text) =>
        new() { Id = new RequestId(id), Method = "tools/call", Params = new JsonObject { ["text"] = text } };

    private static async Task<RequestId> ReturnedAsync(ITransport connection)
    {
        var returned = await connection.MessageReader.ReadAsync().AsTask().WaitAsync(PoolHost.Patience);
        return Assert.IsType<JsonRpcRequest>(returned).Id;
    }
}
