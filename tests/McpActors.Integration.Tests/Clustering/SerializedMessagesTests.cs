using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Serialization;
using System.Text.Json;
using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;
using Akka.Hosting;
using Akka.Serialization;
using McpActors.Calls;
using McpActors.Clustering;
using McpActors.Clustering.Wire;
using McpActors.Configuration;
using McpActors.Hosting;
using McpActors.Pool;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Xunit;

namespace McpActors.Tests.Clustering;

/// <summary>
/// Pools in systems that send every message through its serializer, also within the process
/// (<c>akka.actor.serialize-messages</c>). A message that is neither in the wire format nor marked as staying in its process is refused
/// here and never reaches its receiver.
/// </summary>
public sealed class SerializedMessagesTests : IDisposable
{
    private const string EverythingIsSerialized = """
        akka.actor.serialize-messages = on
        akka.actor.serializers.json = "McpActors.Tests.Clustering.SerializedMessagesTests+RefusesPoolMessages, McpActors.Integration.Tests"
        akka.loggers = ["McpActors.Tests.Clustering.SerializedMessagesTests+ErrorLog, McpActors.Integration.Tests"]
        """;

    private readonly MemoryServers _memory = new();

    public SerializedMessagesTests() => ErrorLog.Errors.Clear();

    public void Dispose() => Assert.Equal("", string.Join(Environment.NewLine, ErrorLog.Errors));

    [Fact]
    public async Task A_pool_alone_works()
    {
        AddServers(_memory);
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddAkka("alone", akka => akka
            .AddHocon(EverythingIsSerialized, HoconAddMode.Prepend)
            .WithMcpPoolMessages()
            .WithMcpPool(PoolHost.Settings("a", "b"), options => options.MemoryServers = _memory));
        builder.Services.AddMcpPoolClient();
        using var host = builder.Build();
        await host.StartAsync();
        var pool = host.Services.GetRequiredService<IMcpPool>();

        await ConnectedAsync(pool, "a", "b");
        await UseAsync(pool, "a");
        await OperateAsync(pool, "a");
        await ChangeAsync(pool);
        await host.StopAsync();
    }

    [Fact]
    public async Task The_pools_of_a_cluster_work()
    {
        await using var cluster = new TestCluster(new PoolSettings
        {
            Servers =
            [
                new ServerSettings { Name = "a", Uri = new Uri("memory://a") },
                new ServerSettings { Name = "b", Uri = new Uri("memory://b") },
                new ServerSettings { Name = "one", Uri = new Uri("memory://one"), Placement = ServerPlacement.OneNode },
            ],
        });
        AddServers(cluster.Memory);
        var first = await cluster.AddAsync(hocon: EverythingIsSerialized);
        var second = await cluster.AddAsync(hocon: EverythingIsSerialized);
        foreach (var node in new[] { first, second })
            await ConnectedAsync(node.Pool, "a", "b", "one");

        foreach (var node in new[] { first, second })
        {
            await UseAsync(node.Pool, "a");
            await UseAsync(node.Pool, "one");
            await OperateAsync(node.Pool, "a");
            await OperateAsync(node.Pool, "one");
            await SettledAsync(node, first, second);
        }
        await ChangeAsync(first.Pool);
        await Eventually.TrueAsync(
            async () => (await second.ServerAsync("a"))?.Weight == 7 && await second.ServerAsync("c") is null,
            "the other node has the changes");
        await Eventually.TrueAsync(
            async () => (await second.Pool.GetClusterStatusAsync()).Nodes.All(node => node.Known), "the nodes see each other");
        var holder = (await first.ServerAsync("one"))!.Node == $"{first.Address.Host}:{first.Address.Port}" ? first : second;
        await holder.LeaveAsync();
        var other = holder == first ? second : first;
        await ConnectedAsync(other.Pool, "one");
        await UseAsync(other.Pool, "one");
        await other.LeaveAsync();
    }

    // Covers messages that are rarely sent, or only after a failure.
    [Fact]
    public void Every_message_that_an_actor_receives_can_cross_or_stays_in_its_process()
    {
        var all = typeof(PoolActor).Assembly.GetTypes();
        var received = all.Where(type => type.IsAssignableTo(typeof(ReceiveActor)))
            .SelectMany(type => type.GetMethods(Own).Cast<MethodBase>().Concat(type.GetConstructors(Own)))
            .SelectMany(ReceivedIn)
            .Where(type => type.Assembly == typeof(PoolActor).Assembly)
            .ToHashSet();
        var messages = all.Where(type => type is { IsAbstract: false, IsInterface: false } && received.Any(type.IsAssignableTo)).ToArray();

        Assert.Contains(typeof(ServerJoined), messages);
        Assert.Contains(typeof(CallTool), messages);
        Assert.DoesNotContain(
            messages, type => WireTypes.ManifestOf(type) is null && !type.IsAssignableTo(typeof(INoSerializationVerificationNeeded)));
    }

    private const BindingFlags Own =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    /// <summary>The T of every call of <c>Receive&lt;T&gt;</c>, read from the code of the method.</summary>
    private static IEnumerable<Type> ReceivedIn(MethodBase method)
    {
        var code = method.GetMethodBody()?.GetILAsByteArray() ?? [];
        for (var at = 0; at + 4 < code.Length; at++)
        {
            // Bytes that only look like a call have no valid method token.
            if (code[at] == OpCodes.Call.Value
                && Called(method, BitConverter.ToInt32(code, at + 1)) is { Name: "Receive", IsGenericMethod: true } receive)
            {
                yield return receive.GetGenericArguments()[0];
            }
        }
    }

    private static MethodBase? Called(MethodBase by, int token)
    {
        try
        {
            return by.Module.ResolveMethod(token);
        }
        catch (Exception e) when (e is ArgumentException or BadImageFormatException)
        {
            return null;
        }
    }

    private static void AddServers(MemoryServers memory)
    {
        foreach (var name in new[] { "a", "b", "c", "one" })
        {
            memory.Add(name)
                .Tool("work", call => $"done: {call["text"]}")
                .Tool("fail", () => MemoryAnswer.Error(-32050, "broken"))
                .Tool("slow", async (_, token) =>
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, token);
                    return null;
                });
        }
    }

    private static Task ConnectedAsync(IMcpPool pool, params string[] servers) => Eventually.TrueAsync(
        async () => (await pool.GetStatusAsync()).Servers.Count(
            server => servers.Contains(server.Name) && server is { Status: ServerStatus.Connected, Tools: not null }) == servers.Length,
        "the servers are connected");

    private static async Task UseAsync(IMcpPool pool, string server)
    {
        var there = new CallOptions { Server = server };
        var executed = await pool.CallToolAsync("work", JsonSerializer.SerializeToElement(new { text = "hi" }), there);
        Assert.Equal(server, executed.Server);
        Assert.Contains("done: hi", executed.Result.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(
            -32050, (await PoolAssert.FailsAsync(PoolErrorKind.ServerError, () => pool.CallToolAsync("fail", options: there))).Error.Code);

        using var cancellation = new CancellationTokenSource();
        var slow = pool.CallToolAsync("slow", options: there, cancellationToken: cancellation.Token);
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => slow.WaitAsync(PoolHost.Patience));
        await PoolAssert.FailsAsync(
            PoolErrorKind.DeadlineExceeded,
            async () => await pool.CallToolAsync(
                "slow", options: there with { Timeout = TimeSpan.FromMilliseconds(50), Idempotent = true }));

        Assert.Equal(["fail", "slow", "work"], (await pool.ListToolsAsync()).Tools.Select(tool => tool.Name).Order());
        Assert.Equal(server, (await pool.ExplainAsync(new CallTool("work", Options: there))).Server);
    }

    private static async Task OperateAsync(IMcpPool pool, string server)
    {
        using var patience = new CancellationTokenSource(PoolHost.Patience);
        await using var events = pool.ReadEventsAsync(patience.Token).GetAsyncEnumerator(patience.Token);
        var next = events.MoveNextAsync();
        await CommandAsync(pool, new IsolateServer(server));
        await UntilAsync(pool, server, info => info.Circuit == CircuitState.Isolated);
        Assert.True(await next);
        await CommandAsync(pool, new ResetCircuit(server));
        await UntilAsync(pool, server, info => info.Circuit == CircuitState.Closed);
        await CommandAsync(pool, new DrainServer(server));
        await UntilAsync(pool, server, info => info.Status == ServerStatus.Disconnected);
        await CommandAsync(pool, new ConnectServer(server));
        await UntilAsync(pool, server, info => info.Status == ServerStatus.Connected);
        var before = (await pool.GetStatusAsync()).Servers.Single(info => info.Name == server).Restarts;
        await CommandAsync(pool, new ReconnectServer(server));
        await UntilAsync(pool, server, info => info.Restarts > before && info is { Status: ServerStatus.Connected, Tools: not null });
    }

    /// <summary>All nodes have done what was commanded at one: they have what was changed there after it, and calls pass again.</summary>
    private static async Task SettledAsync(TestNode at, params TestNode[] nodes)
    {
        await CommandAsync(at.Pool, new AddServer(new ServerSettings { Name = "mark", Uri = new Uri("memory://c") }));
        foreach (var node in nodes)
            await Eventually.TrueAsync(async () => await node.ServerAsync("mark") is not null, "the node has received the last change");
        var restarts = (await at.ServerAsync("one"))!.Restarts;
        foreach (var node in nodes)
        {
            await UntilAsync(node.Pool, "one", info => info.Restarts == restarts);
            foreach (var server in new[] { "a", "one" })
            {
                await UntilAsync(
                    node.Pool, server,
                    info => info is { Status: ServerStatus.Connected, Tools: not null, Circuit: CircuitState.Closed, Draining: false });
            }
        }
        await CommandAsync(at.Pool, new RemoveServer("mark"));
        foreach (var node in nodes)
            await Eventually.TrueAsync(async () => await node.ServerAsync("mark") is null, "the node has received the removal");
    }

    private static async Task ChangeAsync(IMcpPool pool)
    {
        await CommandAsync(pool, new AddServer(new ServerSettings { Name = "c", Uri = new Uri("memory://c") }));
        await ConnectedAsync(pool, "c");
        await CommandAsync(pool, new UpdateServer(new ServerSettings { Name = "a", Uri = new Uri("memory://a"), Weight = 7 }));
        await UntilAsync(pool, "a", info => info is { Weight: 7, Status: ServerStatus.Connected });
        await CommandAsync(pool, new RemoveServer("c"));
        await Eventually.TrueAsync(
            async () => (await pool.GetStatusAsync()).Servers.All(server => server.Name != "c"), "the server is gone");
    }

    private static async Task CommandAsync(IMcpPool pool, PoolCommand command) => await pool.CommandAsync(command);

    private static Task UntilAsync(IMcpPool pool, string server, Func<ServerInfo, bool> wanted) =>
        Eventually.TrueAsync(
            async () => wanted((await pool.GetStatusAsync()).Servers.Single(info => info.Name == server)), $"{server} is as commanded");

    /// <summary>
    /// Replaces the fallback serializer and, like it, refuses messages of the pool. Some messages that Akka's own actors exchange within a
    /// process have no serializer; these pass through unchanged.
    /// </summary>
    internal sealed class RefusesPoolMessages(ExtendedActorSystem system, Config config) : Serializer(system)
    {
        private static readonly ConcurrentDictionary<long, object> Passing = new();
        private static long _last;

        private readonly NewtonSoftJsonSerializer _akka = new(system, config);

        public override int Identifier => _akka.Identifier;

        public override bool IncludeManifest => false;

        public override byte[] ToBinary(object obj)
        {
            if (obj.GetType().Assembly == typeof(PoolActor).Assembly)
            {
                throw new SerializationException(
                    $"{obj.GetType()} has no serializer and is not marked as a message that stays in its process");
            }

            var id = Interlocked.Increment(ref _last);
            Passing[id] = obj;
            return BitConverter.GetBytes(id);
        }

        public override object FromBinary(byte[] bytes, Type type) =>
            Passing.TryRemove(BitConverter.ToInt64(bytes), out var obj) ? obj : throw new SerializationException("it has passed already");
    }

    /// <summary>Collects the errors of serialization from the logs of the systems.</summary>
    internal sealed class ErrorLog : ReceiveActor, IRequiresMessageQueue<ILoggerMessageQueueSemantics>
    {
        public static ConcurrentQueue<string> Errors { get; } = new();

        public ErrorLog()
        {
            Receive<InitializeLogger>(_ => Sender.Tell(new LoggerInitialized()));
            Receive<Error>(error =>
            {
                if (error.Cause is SerializationException
                    || error.Message?.ToString()?.Contains("serializ", StringComparison.OrdinalIgnoreCase) == true)
                {
                    Errors.Enqueue($"{error.LogSource}: {error.Cause?.Message ?? error.Message} {error.Cause?.InnerException?.Message}");
                }
            });
            Receive<LogEvent>(_ => { });
        }
    }
}
