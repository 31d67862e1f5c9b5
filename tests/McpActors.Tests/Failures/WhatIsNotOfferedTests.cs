using System.Text.Json;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>A call for what a server does not offer is no failure of that server, and a server that has it serves the call.</summary>
public sealed class WhatIsNotOfferedTests : IAsyncLifetime
{
    private readonly MemoryServers _memory = new();
    private PoolHost _host = null!;

    public async Task InitializeAsync()
    {
        _memory.Add("a").Resource("file:///of-a", () => "a").Prompt("of-a", _ => "a");
        _memory.Add("b").Resource("file:///of-b", () => "b").Prompt("of-b", _ => "b");
        foreach (var name in new[] { "a", "b" })
        {
            _memory[name]
                .Resource($"file:///{name}{{/path}}", () => name)
                .Method("completion/complete", _ => new { completion = new { values = new[] { name } } });
        }
        _memory["b"].ProtocolVersion = "2025-11-25";
        _host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a", "b"), _memory);
    }

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task Resources_and_prompts_are_served_by_the_server_that_has_them(string server)
    {
        for (var i = 0; i < 6; i++)
        {
            var resource = await _host.Pool.SendAsync(new ReadResource($"file:///of-{server}"));
            var prompt = await _host.Pool.SendAsync(new GetPrompt($"of-{server}"));

            Assert.Equal(
                (server, 1, server, 1),
                resource is CallCompleted read && prompt is CallCompleted got
                    ? (read.Server, read.Attempts.Count, got.Server, got.Attempts.Count)
                    : default);
        }
    }

    [Theory]
    [InlineData("a")]
    [InlineData("b")]
    public async Task Arguments_are_completed_by_the_server_that_has_the_prompt_or_the_template(string server)
    {
        for (var i = 0; i < 6; i++)
        {
            var prompt = await CompleteAsync($$"""{"type":"ref/prompt","name":"of-{{server}}"}""");
            var template = await CompleteAsync($$"""{"type":"ref/resource","uri":"file:///{{server}}{/path}"}""");

            Assert.Equal((server, server), ((prompt as CallCompleted)?.Server, (template as CallCompleted)?.Server));
        }
    }

    [Theory]
    [InlineData("""{"type":"ref/prompt","name":"of-nobody"}""", PoolErrorKind.InvalidRequest)]
    [InlineData("""{"type":"ref/prompt"}""", null)]
    [InlineData("""{"type":"ref/other","name":"x"}""", null)]
    [InlineData("7", null)]
    public async Task A_completion_of_a_prompt_that_nobody_has_runs_nowhere_and_any_other_one_anywhere(
        string reference, PoolErrorKind? problem)
    {
        var reply = await CompleteAsync(reference);

        Assert.Equal(problem, (reply as CallFailed)?.Error.Kind);
    }

    private Task<CallReply> CompleteAsync(string reference) => _host.Pool.SendAsync(new Execute(
        "completion/complete",
        JsonElement.Parse($$$"""{"ref":{{{reference}}},"argument":{"name":"x","value":"y"}}""")));

    [Fact]
    public async Task Reading_a_resource_that_nobody_has_fails_without_a_trace_in_the_circuits()
    {
        for (var i = 0; i < 12; i++)
        {
            var failed = Assert.IsType<CallFailed>(await _host.Pool.SendAsync(new ReadResource("file:///of-nobody")));
            Assert.All(failed.Attempts, attempt => Assert.Equal(AttemptOutcome.NotSupported, attempt.Outcome));
        }

        var servers = (await _host.Pool.GetStatusAsync()).Servers;
        Assert.All(servers, server => Assert.Equal((CircuitState.Closed, 0L), (server.Circuit, server.Failures)));
    }
}
