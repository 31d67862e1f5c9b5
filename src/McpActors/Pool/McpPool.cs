using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Threading.Channels;
using Akka.Actor;
using Akka.Event;
using McpActors.Routing;

namespace McpActors.Pool;

/// <summary>
/// The pool behind an actor reference. Calls within the process are answered through a <see cref="ReplyRef"/>, others through a
/// <see cref="RemoteCall"/>.
/// </summary>
internal sealed class McpPool : IMcpPool, IPoolDoor
{
    private const int EventsKept = 1000;

    /// <summary>The pool answers queries and commands from memory; one that takes longer means that the pool is gone.</summary>
    private static readonly TimeSpan DefaultQueryTimeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// The longest wait for a pool in another process, whose configuration limits a call that sets no time-out itself: the longest
    /// <c>call-timeout</c> that a configuration can have. A pool that is gone is noticed before.
    /// </summary>
    private static readonly TimeSpan LongestRemoteWait = Configuration.SettingsValidator.Longest;

    /// <summary>The reply of a call that was cancelled before the pool had it.</summary>
    internal static readonly CallFailed CancelledUnsent =
        new(new PoolError(PoolErrorKind.Cancelled, "The call was cancelled before it was sent."), [], TimeSpan.Zero);

    private static readonly PoolError Disposed = new(PoolErrorKind.InvalidRequest, PoolCall.DisposedParameters);

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
        if (cancellationToken.IsCancellationRequested)
            throw new CallCancelledException(CancelledUnsent, cancellationToken);
        if (!TryOwnParameters(ref call))
            return new CallFailed(Disposed, [], TimeSpan.Zero);
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
            return OrThrowCancelled(answer, cancellationToken);
        }
    }

    private static CallReply OrThrowCancelled(CallReply answer, CancellationToken cancellationToken) =>
        answer is CallFailed { Error.Kind: PoolErrorKind.Cancelled } failed && cancellationToken.IsCancellationRequested
            ? throw new CallCancelledException(failed, cancellationToken)
            : answer;

    // The caller may dispose the document of the parameters as soon as it has sent the call. A check of them takes time that grows with
    // them: it is the caller's time and not that of the actor, which all calls pass.
    private static bool TryOwnParameters(ref PoolCall call)
    {
        try
        {
            call = CallCheck.Marked(call.WithOwnParameters());
            return true;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    private async Task<CallReply> SendToOtherProcessAsync(PoolCall call, CancellationToken cancellationToken)
    {
        var options = call.Options ?? CallOptions.Default;
        // The pool keeps the time limit. A cancel needs an id.
        var time = options.MaxTimeout ?? options.Timeout ?? LongestRemoteWait;
        var sent = call with { Options = options with { CallId = options.CallId ?? Guid.NewGuid().ToString("N") } };
        var reply = new TaskCompletionSource<CallReply>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (TryStart(RemoteCall.Props(_pool, sent, time, reply)) is not { } waiting)
            return LostCalls.Answer;
        using var cancelling = cancellationToken.UnsafeRegister(
            static actor => ((IActorRef)actor!).Tell(RemoteCall.Cancel.Instance), waiting);
        var answer = await reply.Task.ConfigureAwait(false);
        return OrThrowCancelled(answer, cancellationToken);
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

    public Task<GroupList> ListGroupsAsync(CancellationToken cancellationToken) =>
        QueryAsync<GroupList>(ListGroups.Instance, cancellationToken);

    public Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        QueryAsync<PoolStatus>(GetPoolStatus.Instance, cancellationToken);

    public Task<ClusterStatus> GetClusterStatusAsync(IReadOnlyList<string>? servers, CancellationToken cancellationToken) =>
        QueryAsync<ClusterStatus>(
            servers is null ? GetClusterStatus.Instance : new GetClusterStatus { Servers = servers }, cancellationToken);

    public Task<Explanation> ExplainAsync(PoolCall call, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(call);
        return TryOwnParameters(ref call)
            ? QueryAsync<Explanation>(new Explain(call), cancellationToken)
            : Task.FromResult(new Explanation { Problem = Disposed });
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

    public Task AnswersAsync(CancellationToken cancellationToken) => QueryAsync<ActorIdentity>(new Identify(null), cancellationToken);

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
        private bool _isLogged;

        public ProgressReader(IProgress<CallProgress> progress) => Receive<CallProgress>(report => Report(progress, report));

        private void Report(IProgress<CallProgress> progress, CallProgress report)
        {
            try
            {
                progress.Report(report);
            }
            catch (Exception e)
            {
                // The fault of one report must not hide the next.
                if (!_isLogged)
                    Context.GetLogger().Warning(Printable.Of(e), "A progress listener failed; further faults of it are not logged");
                _isLogged = true;
            }
        }
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
