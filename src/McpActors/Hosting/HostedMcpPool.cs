using System.Runtime.CompilerServices;
using System.Text.Json;
using Akka.Actor;
using Akka.Hosting;
using McpActors.Pool;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace McpActors.Hosting;

/// <summary>
/// The pool of a host. The host starts it, so whatever is asked before that waits until the pool is there, and at most
/// <see cref="StartTimeout"/>.
/// </summary>
internal sealed class HostedMcpPool(IServiceProvider services) : IMcpPool, IPoolDoor
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(30);

    private volatile McpPool? _started;

    public Task<CallCompleted> ExecuteAsync(
        string method, JsonElement? parameters, CallOptions? options, CancellationToken cancellationToken) =>
        RunAsync(new Execute(method, parameters, options), cancellationToken);

    public Task<CallCompleted> CallToolAsync(
        string name, JsonElement? arguments, CallOptions? options, CancellationToken cancellationToken) =>
        RunAsync(new CallTool(name, arguments, options), cancellationToken);

    public Task<CallCompleted> ReadResourceAsync(string uri, CallOptions? options, CancellationToken cancellationToken) =>
        RunAsync(new ReadResource(uri, options), cancellationToken);

    public Task<CallCompleted> GetPromptAsync(
        string name, JsonElement? arguments, CallOptions? options, CancellationToken cancellationToken) =>
        RunAsync(new GetPrompt(name, arguments, options), cancellationToken);

    public Task<CallReply> SendAsync(PoolCall call, CancellationToken cancellationToken) =>
        _started is { } pool
            ? pool.SendAsync(call, cancellationToken)
            : SendOnceStartedAsync(call, cancellationToken);

    public Task<ToolList> ListToolsAsync(CancellationToken cancellationToken) =>
        OnceStartedAsync(pool => pool.ListToolsAsync(cancellationToken), cancellationToken);

    public Task<ResourceList> ListResourcesAsync(CancellationToken cancellationToken) =>
        OnceStartedAsync(pool => pool.ListResourcesAsync(cancellationToken), cancellationToken);

    public Task<PromptList> ListPromptsAsync(CancellationToken cancellationToken) =>
        OnceStartedAsync(pool => pool.ListPromptsAsync(cancellationToken), cancellationToken);

    public Task<GroupList> ListGroupsAsync(CancellationToken cancellationToken) =>
        OnceStartedAsync(pool => pool.ListGroupsAsync(cancellationToken), cancellationToken);

    public Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        OnceStartedAsync(pool => pool.GetStatusAsync(cancellationToken), cancellationToken);

    public Task AnswersAsync(CancellationToken cancellationToken) => OnceStartedAsync(
        async pool =>
        {
            await pool.AnswersAsync(cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public async Task<PoolStatus> WaitUntilReadyAsync(string? group, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var limit = Readiness.LimitOf(timeout);
        // A program that waits here does not get to the point where it would stop its host.
        var stopping = services.GetService<IHostApplicationLifetime>()?.ApplicationStopping ?? CancellationToken.None;
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, stopping);
        // The limit covers the start of the pool too.
        var wait = new Readiness(GetStatusAsync, ReadEventsAsync, services.GetService<TimeProvider>() ?? TimeProvider.System);
        return await wait.WaitAsync(group, limit, ends.Token, StartedAsync).ConfigureAwait(false);
    }

    public Task<ClusterStatus> GetClusterStatusAsync(IReadOnlyList<string>? servers, CancellationToken cancellationToken) =>
        OnceStartedAsync(pool => pool.GetClusterStatusAsync(servers, cancellationToken), cancellationToken);

    public Task<Explanation> ExplainAsync(PoolCall call, CancellationToken cancellationToken) =>
        OnceStartedAsync(pool => pool.ExplainAsync(call, cancellationToken), cancellationToken);

    public Task CommandAsync(PoolCommand command, CancellationToken cancellationToken) => OnceStartedAsync(
        async pool =>
        {
            await pool.CommandAsync(command, cancellationToken).ConfigureAwait(false);
            return true;
        },
        cancellationToken);

    public async IAsyncEnumerable<PoolEvent> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        McpPool pool;
        try
        {
            pool = _started ?? await StartedAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            yield break;
        }
        await foreach (var change in pool.ReadEventsAsync(cancellationToken).ConfigureAwait(false))
            yield return change;
    }

    private async Task<CallCompleted> RunAsync(PoolCall call, CancellationToken cancellationToken) =>
        (await SendAsync(call, cancellationToken).ConfigureAwait(false)).OrThrow();

    private async Task<CallReply> SendOnceStartedAsync(PoolCall call, CancellationToken cancellationToken)
    {
        McpPool pool;
        try
        {
            pool = await StartedAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw new CallCancelledException(McpPool.CancelledUnsent, cancellationToken);
        }
        return await pool.SendAsync(call, cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> OnceStartedAsync<T>(Func<McpPool, Task<T>> ask, CancellationToken cancellationToken) =>
        await ask(_started ?? await StartedAsync(cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task<McpPool> StartedAsync(CancellationToken cancellationToken)
    {
        var system = services.GetService<ActorSystem>() ?? throw new InvalidOperationException(
            "The service has no actor system for its MCP pool. Call services.AddMcpPool(settings), or "
            + "services.AddAkka(\"name\", akka => akka.WithMcpPool(settings)) beside AddMcpPoolClient().");
        var registry = ActorRegistry.For(system);
        var lifetime = services.GetService<IHostApplicationLifetime>();
        using var timeUp = new CancellationTokenSource(StartTimeout, services.GetService<TimeProvider>() ?? TimeProvider.System);
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(
            cancellationToken,
            timeUp.Token,
            lifetime?.ApplicationStarted ?? CancellationToken.None,
            lifetime?.ApplicationStopping ?? CancellationToken.None);
        try
        {
            return _started = new McpPool(system, await registry.GetAsync<PoolActorKey>(ends.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // GetAsync misses a registration between its look and its wait.
            return registry.TryGet<PoolActorKey>(out var actor)
                ? _started = new McpPool(system, actor)
                : throw new InvalidOperationException(WhyMissing(lifetime));
        }
    }

    private static string WhyMissing(IHostApplicationLifetime? lifetime)
    {
        if (lifetime?.ApplicationStopping.IsCancellationRequested == true)
            return "The host stops, and its MCP pool was not started.";
        return lifetime?.ApplicationStarted.IsCancellationRequested == true
            ? "The service's actor system has no MCP pool. Call WithMcpPool in AddAkka, or services.AddMcpPool(settings)."
            : $"The MCP pool has not started within {StartTimeout.TotalSeconds:0} s. The host starts it: run the host, and do not wait for "
                + "the pool in the StartAsync of a hosted service that is registered before it.";
    }
}
