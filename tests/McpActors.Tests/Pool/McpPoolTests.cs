using System.Text.Json;
using Akka.Actor;
using McpActors.Configuration;
using McpActors.Pool;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.AI;
using Xunit;

namespace McpActors.Tests.Pool;

/// <summary>A whole pool of memory servers, used as by a service.</summary>
public sealed class McpPoolTests
{
    private readonly MemoryServers _memory = new();

    [Fact]
    public async Task The_last_of_many_updates_in_a_row_takes_effect()
    {
        var memory = new MemoryServers();
        memory.Add("a").Tool("work", () => "a");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), memory);
        for (var round = 1; round <= 5; round++)
        {
            for (var i = 1; i <= 6; i++)
            {
                await host.Pool.CommandAsync(
                    new UpdateServer(new ServerSettings { Name = "a", Uri = new Uri("memory://a"), Weight = (10 * round) + i }));
            }

            await host.UntilAsync(status =>
                status.Servers.Single() is { Status: ServerStatus.Connected, Weight: var weight } && weight == (10 * round) + 6);
            // Servers that are replaced before they have connected leave nothing behind.
            await Eventually.TrueAsync(() => memory["a"].Connections == 1, "one connection is left");
        }
    }

    [Fact]
    public async Task A_failed_call_throws_the_exception_of_its_kind()
    {
        _memory.Add("a").Tool("fail", () => MemoryAnswer.Error(-32050, "broken"));
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);

        var error = await PoolAssert.FailsAsync(
            PoolErrorKind.ServerError, () => host.Pool.ExecuteAsync("fail", options: new CallOptions { Server = "a" }));
        Assert.Equal(("a", -32050), (error.Error.Server, error.Error.Code!.Value));
        await PoolAssert.FailsAsync(
            PoolErrorKind.UnknownServer, () => host.Pool.ExecuteAsync("fail", options: new CallOptions { Server = "b" }));
    }

    [Fact]
    public async Task A_cancelled_token_cancels_the_call_on_its_server()
    {
        var cancelled = new TaskCompletionSource();
        var server = _memory.Add("a").Tool("hang", async (_, token) =>
        {
            using var registration = token.Register(() => cancelled.TrySetResult());
            await cancelled.Task;
            return null;
        });
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        using var cancellation = new CancellationTokenSource();
        var call = host.Pool.ExecuteAsync("hang", cancellationToken: cancellation.Token);
        await WaitForCallAsync(server, "hang");

        await cancellation.CancelAsync();

        var error = await Assert.ThrowsAsync<CallCancelledException>(() => call);
        Assert.True(error.MayHaveRun);
        var unsent = await Assert.ThrowsAsync<CallCancelledException>(() =>
            host.Pool.ExecuteAsync("hang", cancellationToken: cancellation.Token));
        Assert.False(unsent.MayHaveRun);
        await cancelled.Task.WaitAsync(PoolHost.Patience);
        await host.UntilAsync(status => status.Servers.All(info => info.InFlight == 0));
    }

    [Fact]
    public async Task Every_kind_of_call_reaches_its_method_and_the_parameters_arrive()
    {
        _memory.Add("a")
            .Tool("echo", call => call["text"].GetString())
            .Resource("file:///notes", () => "notes")
            .Prompt("greet", call => $"Hello {call["who"].GetString()}");
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);

        var tool = await host.Pool.CallToolAsync("echo", Json(new { text = "hi" }));
        var raw = await host.Pool.ExecuteAsync("tools/call", Json(new { name = "echo", arguments = new { text = "ho" } }));
        var resource = await host.Pool.ReadResourceAsync("file:///notes");
        var prompt = await host.Pool.GetPromptAsync("greet", Json(new { who = "you" }));

        Assert.Equal("hi", tool.Result.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("ho", raw.Result.GetProperty("content")[0].GetProperty("text").GetString());
        Assert.Equal("notes", resource.Result.GetProperty("contents")[0].GetProperty("text").GetString());
        Assert.Contains("Hello you", prompt.Result.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_catalogue_lists_the_entries_of_all_servers_and_the_servers_of_each()
    {
        _memory.Add("a").Tool("both", () => 1).Tool("only-a", () => 1).Resource("file:///a", () => "a").Prompt("p", _ => "p");
        _memory.Add("b").Tool("both", () => 1);
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a", "b"), _memory);

        var tools = await host.Pool.ListToolsAsync();

        Assert.Equal(["both", "only-a"], tools.Tools.Select(tool => tool.Name));
        Assert.Equal(["a", "b"], tools.Tools[0].Servers);
        Assert.Equal(["a"], tools.Tools[1].Servers);
        Assert.Equal("file:///a", Assert.Single((await host.Pool.ListResourcesAsync()).Resources).Name);
        Assert.Equal("p", Assert.Single((await host.Pool.ListPromptsAsync()).Prompts).Name);
    }

    [Fact]
    public async Task The_tools_serve_a_chat_client_as_functions()
    {
        _memory.Add("a").Tool("echo", call => call["text"].GetString(), new MemoryToolOptions { Description = "Says it again" });
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);

        var function = Assert.Single(await host.Pool.GetToolsAsync());
        var result = await function.InvokeAsync(new AIFunctionArguments { ["text"] = "hi" });

        Assert.Equal(("echo", "Says it again"), (function.Name, function.Description));
        Assert.Contains("hi", Assert.IsType<JsonElement>(result).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_subscriber_receives_the_status_first_and_then_the_changes()
    {
        _memory.Add("a").Tool("echo", () => 1);
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        var inbox = Inbox.Create(host.System);
        host.Actor.Tell(new SubscribeToPool(inbox.Receiver));
        Assert.Equal(ServerStatus.Connected, Assert.IsType<PoolStatus>(await inbox.ReceiveAsync(PoolHost.Patience)).Servers[0].Status);

        await host.Pool.CommandAsync(new DisconnectServer("a"));

        var changed = Assert.IsType<ServerStatusChanged>(await inbox.ReceiveAsync(PoolHost.Patience));
        Assert.Equal(("a", ServerStatus.Connected, ServerStatus.Disconnected), (changed.Server, changed.From, changed.To));
    }

    [Fact]
    public async Task Events_can_be_read_as_a_stream()
    {
        _memory.Add("a").Tool("echo", () => 1);
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        using var stop = new CancellationTokenSource(PoolHost.Patience);
        var seen = new List<PoolEvent>();
        var reading = Task.Run(async () =>
        {
            await foreach (var news in host.Pool.ReadEventsAsync(stop.Token))
            {
                seen.Add(news);
                if (news is CircuitStateChanged { To: CircuitState.Isolated })
                    break;
            }
        });

        // The reader subscribes at some time after it starts: isolate until it has received the event.
        while (!reading.IsCompleted)
        {
            await host.Pool.CommandAsync(new IsolateServer("a"));
            await host.Pool.CommandAsync(new ResetCircuit("a"));
        }
        await reading;
        Assert.Contains(seen, news => news is CircuitStateChanged { Server: "a", To: CircuitState.Isolated });
    }

    [Fact]
    public async Task A_program_can_wait_until_a_group_serves()
    {
        var late = _memory.Add("late").Tool("echo", () => 1);
        late.Refuse();
        _memory.Add("other").Tool("echo", () => 1);
        var settings = PoolHost.Settings("late", "other");
        settings = settings with
        {
            Reconnect = new ReconnectSettings { MinBackoff = TimeSpan.FromMilliseconds(10) },
            Servers = [settings.Servers[0] with { Group = "g" }, settings.Servers[1]],
        };
        await using var host = await PoolHost.StartAsync(settings, _memory);

        await host.Pool.WaitUntilReadyAsync().WaitAsync(PoolHost.Patience);
        var waiting = host.Pool.WaitUntilReadyAsync("g");
        await host.UntilAsync("late", ServerStatus.Error);
        Assert.False(waiting.IsCompleted);
        late.Accept();

        Assert.Equal(ServerStatus.Connected, (await waiting.WaitAsync(PoolHost.Patience)).Servers[0].Status);
        using var cancelled = new CancellationTokenSource();
        late.Refuse();
        await host.Pool.CommandAsync(new ReconnectServer("late"));
        await host.UntilAsync("late", ServerStatus.Error);
        var never = host.Pool.WaitUntilReadyAsync("g", cancellationToken: cancelled.Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => never);
    }

    [Fact]
    public async Task Servers_can_be_added_replaced_and_removed_while_calls_go_on()
    {
        foreach (var name in new[] { "a", "b" })
            _memory.Add(name).Tool("who", () => name);
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        var pool = host.Pool;

        var add = new AddServer(new ServerSettings { Name = "b", Uri = new Uri("memory://b") });
        await pool.CommandAsync(add);
        var refused = await Assert.ThrowsAsync<CommandRefusedException>(() => pool.CommandAsync(add));
        Assert.Contains("already", refused.Message, StringComparison.Ordinal);
        await host.UntilAsync("b", ServerStatus.Connected);
        await pool.CommandAsync(new UpdateServer(new ServerSettings { Name = "a", Uri = new Uri("memory://b"), Weight = 3 }));
        await host.UntilAsync(status => status.Servers[0] is { Name: "a", Weight: 3, Status: ServerStatus.Connected });
        var answer = await pool.ExecuteAsync("who", options: new CallOptions { Server = "a" });
        Assert.Contains("\"b\"", answer.Result.GetRawText(), StringComparison.Ordinal);

        await pool.CommandAsync(new RemoveServer("a"));
        await host.UntilAsync(status => status.Servers.Count == 1);
        Assert.Equal("b", (await pool.ExecuteAsync("who")).Server);
        await WaitUntilAsync(() => _memory["a"].Connections == 0 && _memory["b"].Connections == 1);
    }

    [Fact]
    public async Task A_message_without_a_required_value_is_refused_and_has_no_effect()
    {
        _memory.Add("a").Tool("who", () => "a");
        var settings = PoolHost.Settings("a");
        await using var host = await PoolHost.StartConnectedAsync(settings, _memory);
        object[] messages =
        [
            new AddServer(null!), new AddServer(new ServerSettings { Name = null! }),
            new UpdateServer(settings.Servers[0] with { Args = null! }), new RemoveServer(null!),
            new DrainServer(null!), new ApplyConfiguration(null!), new ApplyConfiguration(settings with { Routes = null! }),
            new ApplyConfiguration(settings with { Servers = [null!] }), new ApplyConfiguration(settings with { Routes = [null!] }),
            new ApplyConfiguration(settings with { Routes = [new RouteSettings { Match = null! }] }),
            new ApplyConfiguration(settings with { IdempotentTools = [null!] }),
            new ApplyConfiguration(settings with { Groups = new Dictionary<string, GroupSettings> { ["g"] = null! } }),
            new CancelCall(null!),
        ];

        foreach (var message in messages)
            Assert.IsType<CommandRefused>(await host.Actor.Ask<object>(message, PoolHost.Patience));
        host.Actor.Tell(new SubscribeToPool(null!));
        host.Actor.Tell(new UnsubscribeFromPool(null!));

        Assert.Equal("a", (await host.Pool.CallToolAsync("who")).Server);
        Assert.Equal(0, (await host.Pool.GetStatusAsync()).Servers.Single().Restarts);
        Assert.Equal(1, _memory["a"].Received("server/discover"));
    }

    [Fact]
    public async Task A_router_uses_the_last_configuration_after_a_crash()
    {
        foreach (var name in new[] { "a", "b" })
            _memory.Add(name).Tool("who", () => name);
        var settings = PoolHost.Settings("a", "b");
        await using var host = await PoolHost.StartConnectedAsync(settings, _memory);
        await host.Pool.CommandAsync(
            new ApplyConfiguration(settings with { Routes = [new RouteSettings { Match = "who", Server = "b" }] }));

        Crash(await ChildAsync(host, "router"));

        Assert.Equal("b", (await host.Pool.CallToolAsync("who")).Server);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_call_that_comes_while_the_actor_system_ends_or_after_it_is_answered(bool withProgress)
    {
        _memory.Add("a").Tool("work", () => "a");
        var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        var (pool, system) = (host.Pool, host.System);
        var call = new CallTool("work", Options: new CallOptions { Progress = withProgress ? new Progress<CallProgress>() : null });
        var during = Task.FromResult<CallReply>(new CallFailed(new PoolError(PoolErrorKind.Cancelled, "not asked"), [], TimeSpan.Zero));
        // All actors have stopped by then, but the system has not ended: with remoting that takes seconds.
        system.RegisterOnTermination(() => during = pool.SendAsync(call));

        await host.DisposeAsync();

        Assert.Equal(PoolErrorKind.NoServerAvailable, Assert.IsType<CallFailed>(await during.WaitAsync(PoolHost.Patience)).Error.Kind);
        var after = await pool.SendAsync(call).WaitAsync(PoolHost.Patience);
        Assert.Equal(PoolErrorKind.NoServerAvailable, Assert.IsType<CallFailed>(after).Error.Kind);
        await foreach (var _ in pool.ReadEventsAsync())
            Assert.Fail("there are no events of a system that has ended");
    }

    [Fact]
    public async Task Stopping_lets_running_calls_end_and_refuses_new_ones()
    {
        var release = new TaskCompletionSource();
        var server = _memory.Add("a").Tool("slow", async (_, _) =>
        {
            await release.Task;
            return "done";
        });
        var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a") with { DrainTimeout = TimeSpan.FromMinutes(1) }, _memory);
        var (pool, system) = (host.Pool, host.System);
        var running = pool.ExecuteAsync("slow");
        await WaitForCallAsync(server, "slow");

        var stopping = CoordinatedShutdown.Get(system).Run(CoordinatedShutdown.ClrExitReason.Instance);
        var late = new CallTool("slow", null, new CallOptions { Timeout = TimeSpan.FromMilliseconds(50) });
        CallFailed? refused;
        do
            refused = await pool.SendAsync(late) as CallFailed;
        while (refused?.Error.Kind != PoolErrorKind.NoServerAvailable);
        release.SetResult();

        Assert.Equal("a", (await running).Server);
        await stopping.WaitAsync(PoolHost.Patience);
        Assert.Equal(PoolErrorKind.NoServerAvailable, Assert.IsType<CallFailed>(await pool.SendAsync(new CallTool("slow"))).Error.Kind);
        await host.DisposeAsync();
    }

    [Fact]
    public async Task A_router_or_circuit_that_crashes_is_replaced_and_the_pool_goes_on()
    {
        _memory.Add("a").Tool("echo", () => 1);
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);

        foreach (var child in new[] { "router", "a" })
        {
            if (child == "router")
                Crash(await ChildAsync(host, child));
            else
                (await ChildAsync(host, child)).Tell(Kill.Instance);
            CallFailed? failed;
            do
                failed = await host.Pool.SendAsync(new CallTool("echo")) as CallFailed;
            while (failed is not null);
        }
        Assert.Equal("a", (await host.Pool.ExecuteAsync("echo")).Server);
    }

    [Fact]
    public async Task A_pool_actor_that_crashes_answers_what_it_holds_and_goes_on_with_the_servers_it_had()
    {
        var hanging = _memory.Add("a").Tool("hang", () => MemoryAnswer.Never).Tool("echo", () => 1);
        _memory.Add("b").Tool("echo", () => 1);
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        await host.Pool.CommandAsync(new AddServer(new ServerSettings { Name = "b", Uri = new Uri("memory://b") }));
        await host.UntilAsync(status => status.Servers.Count == 2 && status.Servers.All(server => server.Tools is not null));
        var running = host.Pool.SendAsync(new CallTool("hang"));
        await WaitForCallAsync(hanging, "hang");

        Crash(host.Actor);
        var waiting = Enumerable.Range(0, 50).Select(_ => host.Pool.SendAsync(new CallTool("echo"))).ToArray();

        Assert.Equal(PoolErrorKind.OutcomeUnknown, Assert.IsType<CallFailed>(await running.WaitAsync(PoolHost.Patience)).Error.Kind);
        // No server is connected yet; each call is answered nevertheless.
        await Task.WhenAll(waiting).WaitAsync(PoolHost.Patience);
        await host.UntilAsync(status => status.Servers.Select(server => (server.Name, server.Status))
            .SequenceEqual([("a", ServerStatus.Connected), ("b", ServerStatus.Connected)]));
        await host.Pool.ExecuteAsync("echo", options: new CallOptions { Server = "b" });
    }

    [Fact]
    public async Task Subscribers_receive_events_after_a_crash_of_the_pool_actor()
    {
        _memory.Add("a").Tool("echo", () => 1);
        await using var host = await PoolHost.StartConnectedAsync(PoolHost.Settings("a"), _memory);
        using var patience = new CancellationTokenSource(PoolHost.Patience);
        await using var events = host.Pool.ReadEventsAsync(patience.Token).GetAsyncEnumerator(patience.Token);
        var first = events.MoveNextAsync();
        await host.UntilAsync(status => status.Servers.Count == 1);
        await host.Pool.CommandAsync(new IsolateServer("a"));
        Assert.True(await first);

        Crash(host.Actor);
        await host.Pool.CommandAsync(new RemoveServer("a"));

        while (events.Current is not ServerRemoved)
            Assert.True(await events.MoveNextAsync());
    }

    private static Task<IActorRef> ChildAsync(PoolHost host, string name) =>
        host.System.ActorSelection(host.Actor.Path / name).ResolveOne(PoolHost.Patience);

    // As its parent does after a fault.
    private static void Crash(IActorRef actor)
    {
        ((IInternalActorRef)actor).Suspend();
        ((IInternalActorRef)actor).Restart(new InvalidOperationException("a fault"));
    }

    private static JsonElement Json<T>(T value) => JsonSerializer.SerializeToElement(value);

    private static Task WaitForCallAsync(MemoryServer server, string tool) => WaitUntilAsync(() => server.Received(tool) > 0);

    private static async Task WaitUntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(PoolHost.Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!condition())
            await tick.WaitForNextTickAsync(patience.Token);
    }
}
