using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Gateway;
using McpActors.Transports;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Xunit;

namespace McpActors.Tests.Gateway;

/// <summary>Calls that ask the client for input, through the gateway, to replicas that do not know each other's state.</summary>
public sealed class InputTests : IAsyncLifetime
{
    private readonly List<IAsyncDisposable> _open = [];
    private readonly AskingServer[] _servers = new AskingServer[3];
    private PoolHost _host = null!;

    public static TheoryData<string> Eras => ["2025-11-25", "2026-07-28"];

    private int Asked => _servers.Sum(server => server.Asked);

    private int Answered => _servers.Sum(server => server.Answered);

    public async Task InitializeAsync()
    {
        for (var i = 0; i < _servers.Length; i++)
            _open.Add(_servers[i] = await AskingServer.StartAsync($"asker-{i}"));
        _host = await PoolHost.StartConnectedAsync(
            PoolHost.Settings() with { Servers = [.. _servers.Select(server => server.Settings)] }, new MemoryServers());
        _open.Add(_host);
    }

    public async Task DisposeAsync()
    {
        foreach (var open in Enumerable.Reverse(_open))
            await open.DisposeAsync();
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task A_client_is_asked_and_the_call_goes_on_where_it_began(string revision)
    {
        var client = await ConnectAsync(revision, Elicitation("Ada"));

        for (var i = 1; i <= 6; i++)
        {
            Assert.StartsWith("Ada at asker-", TextOf(await client.CallToolAsync("elicit")), StringComparison.Ordinal);
            Assert.Equal((i, i), (Asked, Answered));
        }
        Assert.NotNull(_servers[0].Capabilities!.Elicitation);
        Assert.All(_servers, server => Assert.Equal(2, server.Answered));
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task Sampling_is_relayed(string revision)
    {
        var client = await ConnectAsync(revision, new McpClientHandlers
        {
#pragma warning disable MCP9005 // Obsolete, and still relayed.
            SamplingHandler = (_, _, _) => ValueTask.FromResult(new CreateMessageResult
            {
                Content = [new TextContentBlock { Text = "a joke" }],
                Model = "m",
            }),
#pragma warning restore MCP9005
        });

        Assert.StartsWith("a joke at asker-", TextOf(await client.CallToolAsync("sample")), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task A_call_that_asks_only_to_be_repeated_is_repeated_where_it_began(string revision)
    {
        var client = await ConnectAsync(revision);

        Assert.StartsWith("repeated at asker-", TextOf(await client.CallToolAsync("repeat")), StringComparison.Ordinal);
        Assert.Equal((1, 1), (Asked, Answered));
    }

    [Fact]
    public async Task A_session_that_cannot_give_the_input_gets_an_error_that_names_it()
    {
        var client = await ConnectAsync("2025-11-25");

        var error = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.CallToolAsync("elicit"));

        Assert.Contains("asks for elicitation/create, which this client does not support", error.Message, StringComparison.Ordinal);
        Assert.All(_servers, server => Assert.Null(server.Capabilities?.Elicitation));
    }

    [Fact]
    public async Task A_session_is_not_asked_without_end()
    {
        var asked = 0;
        var client = await ConnectAsync("2025-11-25", Elicitation("Ada", () => asked++));

        var error = await Assert.ThrowsAsync<McpProtocolException>(async () => await client.CallToolAsync("endless"));

        Assert.Contains("again and again", error.Message, StringComparison.Ordinal);
        Assert.Equal(10, asked);
    }

    [Theory]
    [MemberData(nameof(Eras))]
    public async Task When_the_server_that_asked_is_gone_no_other_gets_the_input(string revision)
    {
        AskingServer? first = null;
        var client = await ConnectAsync(revision, Elicitation("Ada", () =>
        {
            first = _servers.Single(server => server.Asked == 1);
            first.KillAsync().Wait(PoolHost.Patience);
        }));

        var result = await client.CallToolAsync("elicit");

        Assert.True(result.IsError);
        Assert.Equal(first!.Settings.Name, (string?)result.Meta!["mcp-actors/error"]!["server"]);
        Assert.Equal((1, 0), (Asked, Answered));
    }

    [Theory]
    [InlineData("another", "elicit")]
    [InlineData(null, "sample")]
    public async Task A_state_that_was_not_given_for_this_call_is_refused(string? changed, string tool)
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        Serve(toServer, toClient);
        var lines = new StreamReader(toClient.Reader.AsStream());
        var asked = await CallAsync("elicit", null);
        var state = (string)asked["result"]!["requestState"]!;

        var refused = await CallAsync(tool, changed ?? state);

        Assert.Equal(-32602, (int)refused["error"]!["code"]!);
        Assert.Contains("requestState", (string)refused["error"]!["message"]!, StringComparison.Ordinal);
        Assert.Equal((1, 0), (Asked, Answered));

        async Task<JsonNode> CallAsync(string name, string? brought)
        {
            var request = new JsonObject
            {
                ["jsonrpc"] = "2.0",
                ["id"] = 1,
                ["method"] = "tools/call",
                ["params"] = new JsonObject
                {
                    ["name"] = name,
                    ["_meta"] = JsonNode.Parse("""
                        {
                          "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                          "io.modelcontextprotocol/clientInfo": { "name": "raw", "version": "1" },
                          "io.modelcontextprotocol/clientCapabilities": { "elicitation": {}, "sampling": {} }
                        }
                        """),
                },
            };
            if (brought is not null)
                (request["params"]!["requestState"], request["params"]!["inputResponses"]) = (brought, new JsonObject());
            await toServer.Writer.WriteAsync(Encoding.UTF8.GetBytes(request.ToJsonString() + "\n"));
            return JsonNode.Parse((await lines.ReadLineAsync())!)!;
        }
    }

    private static McpClientHandlers Elicitation(string name, Action? onAsked = null) => new()
    {
        ElicitationHandler = (_, _) =>
        {
            onAsked?.Invoke();
            return ValueTask.FromResult(new ElicitResult
            {
                Action = "accept",
                Content = new Dictionary<string, JsonElement> { ["name"] = JsonSerializer.SerializeToElement(name) },
            });
        },
    };

    private async Task<McpClient> ConnectAsync(string revision, McpClientHandlers? handlers = null)
    {
        var (toServer, toClient) = (new Pipe(), new Pipe());
        Serve(toServer, toClient);
        var client = await McpClient.CreateAsync(
            new StreamClientTransport(toServer.Writer.AsStream(), toClient.Reader.AsStream()),
            new McpClientOptions { ProtocolVersion = revision, Handlers = handlers ?? new() });
        _open.Add(client);
        return client;
    }

    private void Serve(Pipe toServer, Pipe toClient)
    {
        var running = McpServer.Create(
            new StreamServerTransport(toServer.Reader.AsStream(), toClient.Writer.AsStream()),
            new McpServerOptions().UsePool(_host.Pool));
        _ = running.RunAsync();
        _open.Add(running);
    }

    private static string TextOf(CallToolResult result) => ((TextContentBlock)result.Content[0]).Text;
}
