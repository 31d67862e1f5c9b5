using Akka.Actor;
using McpActors.Pool;

namespace McpActors.Host.Dashboard.Calling;

/// <summary>Runs calls for a page and reports their progress. Thread-safe.</summary>
internal sealed class CallRunner(IMcpPool pool, ActorSystem system)
{
    /// <summary>Runs a tool.</summary>
    /// <param name="request">The call.</param>
    /// <param name="progress">Called for each progress report, on any thread.</param>
    /// <param name="cancellationToken">Cancels the call on its server.</param>
    /// <returns><see cref="CallCompleted"/> or <see cref="CallFailed"/>, also when it was cancelled.</returns>
    public async Task<object> RunAsync(CallRequest request, Action<CallProgress> progress, CancellationToken cancellationToken)
    {
        var listener = system.ActorOf(Props.Create(() => new Listener(progress)));
        try
        {
            var call = new CallTool(request.Tool, request.Arguments, request.Options with { ProgressTo = listener });
            return await pool.SendAsync(call, cancellationToken);
        }
        catch (CallCancelledException cancelled)
        {
            return cancelled.Failure;
        }
        finally
        {
            system.Stop(listener);
        }
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(Action<CallProgress> progress) => Receive(progress);
    }
}
