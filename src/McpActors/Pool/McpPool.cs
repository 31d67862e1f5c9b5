using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Akka.Actor;

namespace McpActors.Pool;

/// <summary>
/// The pool behind an actor reference. Calls within the process are answered through a <see cref="ReplyRef"/>, others through a
/// <see cref="RemoteCall"/>.
/// </summary>
internal sealed class McpPool : IMcpPool
{
    private const int EventsKept = 1000;

    /// <summary>The pool answers queries and commands from memory; one that takes longer means that the pool is gone.</summary>
    private static readonly TimeSpan DefaultQueryTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The time-out of a call to a pool in another process that sets none; the default of <c>call-timeout</c>.</summary>
    private static readonly TimeSpan RemoteTimeout = TimeSpan.FromSeconds(30);

    private readonly ActorSystem _system;
    private readonly IActorRef _pool;
    private readonly IActorRefProvider _provider;
    private readonly bool _isLocal;
    private readonly TimeSpan _queryTimeout;

    public McpPool(ActorSystem system, IActorRef pool, TimeSpan? queryTimeout = null)
    {
        _queryTimeout = queryTimeout ?? DefaultQueryTimeout;
        _system = system;
        _pool = pool;
        _provider = ((ExtendedActorSystem)system).Provider;
        _isLocal = pool is IInternalActorRef { IsLocal: true };
        if (_isLocal)
        {
            LostCalls.For(system);
        }
        else if (system.Serialization.FindSerializerForType(typeof(Execute)) is Akka.Serialization.NewtonSoftJsonSerializer)
        {
            throw new InvalidOperationException(
                "A pool in another process needs the serializer of its messages: "
                + "add the package McpActors.Cluster and call WithMcpPoolMessages().");
        }
    }

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

    public async Task<CallReply> SendAsync(PoolCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        cancellationToken.ThrowIfCancellationRequested();
        // A mailbox does not carry the current activity, so it goes with the message.
        if (Activity.Current is { IdFormat: ActivityIdFormat.W3C } current && (call.Options?.TraceContext ?? default) == default)
            call = call with { Options = (call.Options ?? CallOptions.Default) with { TraceContext = current.Context } };
        if (call.Options?.Progress is { } progress)
            return await SendWithProgressAsync(call, progress, cancellationToken).ConfigureAwait(false);
        if (!_isLocal)
            return await SendToOtherProcessAsync(call, cancellationToken).ConfigureAwait(false);
        var reply = new ReplyRef(_provider, _provider.DeadLetters.Path);
        _pool.Tell(call, reply);
        if (!cancellationToken.CanBeCanceled)
            return await reply.Reply.ConfigureAwait(false);
        using (cancellationToken.UnsafeRegister(static state => ((ReplyRef)state!).AskToCancel(), reply.CancelledThrough(_pool)))
        {
            var answer = await reply.Reply.ConfigureAwait(false);
            if (answer is CallFailed { Error.Kind: PoolErrorKind.Cancelled })
                cancellationToken.ThrowIfCancellationRequested();
            return answer;
        }
    }

    private async Task<CallReply> SendToOtherProcessAsync(PoolCall call, CancellationToken cancellationToken)
    {
        var options = call.Options ?? CallOptions.Default;
        // Both sides must have the same time limit, and a cancel needs an id.
        var time = options.MaxTimeout ?? options.Timeout ?? RemoteTimeout;
        var sent = call with
        {
            Options = options with { Timeout = options.Timeout ?? RemoteTimeout, CallId = options.CallId ?? Guid.NewGuid().ToString("N") },
        };
        var reply = new TaskCompletionSource<CallReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (TryStart(RemoteCall.Props(_pool, sent, time, reply)) is not { } waiting)
            return LostCalls.Answer;
        using var cancelling = cancellationToken.UnsafeRegister(
            static actor => ((IActorRef)actor!).Tell(RemoteCall.Cancel.Instance), waiting);
        var answer = await reply.Task.ConfigureAwait(false);
        if (answer is CallFailed { Error.Kind: PoolErrorKind.Cancelled })
            cancellationToken.ThrowIfCancellationRequested();
        return answer;
    }

    private async Task<CallReply> SendWithProgressAsync(
        PoolCall call, IProgress<CallProgress> progress, CancellationToken cancellationToken)
    {
        if (TryStart(Props.Create(() => new ProgressReader(progress))) is not { } listener)
            return LostCalls.Answer;
        var options = call.Options! with { Progress = null, ProgressTo = listener };
        try
        {
            return await SendAsync(call with { Options = options }, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            // Handled after the progress that came before the reply.
            listener.Tell(PoisonPill.Instance);
        }
    }

    public Task<ToolList> ListToolsAsync(CancellationToken cancellationToken) =>
        QueryAsync<ToolList>(ListTools.Instance, cancellationToken);

    public Task<ResourceList> ListResourcesAsync(CancellationToken cancellationToken) =>
        QueryAsync<ResourceList>(ListResources.Instance, cancellationToken);

    public Task<PromptList> ListPromptsAsync(CancellationToken cancellationToken) =>
        QueryAsync<PromptList>(ListPrompts.Instance, cancellationToken);

    public Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        QueryAsync<PoolStatus>(GetPoolStatus.Instance, cancellationToken);

    public Task<ClusterStatus> GetClusterStatusAsync(IReadOnlyList<string>? servers, CancellationToken cancellationToken) =>
        QueryAsync<ClusterStatus>(
            servers is null ? GetClusterStatus.Instance : new GetClusterStatus { Servers = servers }, cancellationToken);

    public Task<Explanation> ExplainAsync(PoolCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return QueryAsync<Explanation>(new Explain(call), cancellationToken);
    }

    public async Task CommandAsync(PoolCommand command, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(command);
        (await QueryAsync<CommandReply>(command, cancellationToken).ConfigureAwait(false)).ThrowIfRefused();
    }

    public async IAsyncEnumerable<PoolEvent> ReadEventsAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var events = Channel.CreateBounded<PoolEvent>(
            new BoundedChannelOptions(EventsKept) { FullMode = BoundedChannelFullMode.DropOldest });
        if (TryStart(Props.Create(() => new EventReader(events.Writer))) is not { } subscriber)
            yield break;
        _pool.Tell(new SubscribeToPool(subscriber));
        try
        {
            while (true)
            {
                PoolEvent news;
                try
                {
                    news = await events.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                }
                catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
                {
                    yield break;
                }
                yield return news;
            }
        }
        finally
        {
            _system.Stop(subscriber);
        }
    }

    private async Task<CallCompleted> RunAsync(PoolCall call, CancellationToken cancellationToken) =>
        (await SendAsync(call, cancellationToken).ConfigureAwait(false)).OrThrow();

    // Null while the actor system terminates, when it accepts no new actors.
    private IActorRef? TryStart(Props props)
    {
        try
        {
            return _system.ActorOf(props);
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    public Task<PoolStatus> WaitUntilReadyAsync(string? group, TimeSpan? timeout, CancellationToken cancellationToken) =>
        new Readiness(GetStatusAsync, ReadEventsAsync, TimeProvider.System).WaitAsync(group, Readiness.LimitOf(timeout), cancellationToken);

    private async Task<T> QueryAsync<T>(object query, CancellationToken cancellationToken)
    {
        try
        {
            return await _pool.Ask<T>(query, _queryTimeout, cancellationToken).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            throw new TimeoutException(
                $"The pool {_pool.Path} did not answer within {_queryTimeout.TotalSeconds:0.###} s; it has stopped or cannot be reached.");
        }
    }

    /// <summary>Passes the progress of one call to its caller outside the actor system.</summary>
    private sealed class ProgressReader : ReceiveActor
    {
        public ProgressReader(IProgress<CallProgress> progress) => Receive<CallProgress>(progress.Report);
    }

    /// <summary>Passes the pool's events to a reader outside the actor system.</summary>
    private sealed class EventReader : ReceiveActor
    {
        private readonly ChannelWriter<PoolEvent> _events;

        public EventReader(ChannelWriter<PoolEvent> events)
        {
            _events = events;
            Receive<PoolEvent>(news => _events.TryWrite(news));
            Receive<PoolStatus>(_ => { });
        }

        protected override void PostStop() => _events.TryComplete();
    }
}
