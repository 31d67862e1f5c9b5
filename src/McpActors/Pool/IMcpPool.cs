using System.Text.Json;

namespace McpActors.Pool;

/// <summary>
/// The pool for callers that hold no actor reference. Every member is safe to use from any number of threads.
/// A call that has no result throws <see cref="McpPoolException"/>; a cancelled token cancels the call
/// on its server and throws <see cref="OperationCanceledException"/>.
/// </summary>
public interface IMcpPool
{
    /// <summary>Runs an MCP method or tool (see <see cref="Execute"/>).</summary>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    Task<CallCompleted> ExecuteAsync(string method, JsonElement? parameters = null, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Calls a tool by its name.</summary>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    Task<CallCompleted> CallToolAsync(string name, JsonElement? arguments = null, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Reads a resource.</summary>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    Task<CallCompleted> ReadResourceAsync(string uri, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Gets a prompt.</summary>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    Task<CallCompleted> GetPromptAsync(string name, JsonElement? arguments = null, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Sends any call message and returns the pool's reply: <see cref="CallCompleted"/> or <see cref="CallFailed"/>, no exception for a failed call.</summary>
    Task<CallReply> SendAsync(PoolCall call, CancellationToken cancellationToken = default);

    /// <summary>The pool's merged tools.</summary>
    Task<ToolList> ListToolsAsync(CancellationToken cancellationToken = default);

    /// <summary>The pool's merged resources.</summary>
    Task<ResourceList> ListResourcesAsync(CancellationToken cancellationToken = default);

    /// <summary>The pool's merged prompts.</summary>
    Task<PromptList> ListPromptsAsync(CancellationToken cancellationToken = default);

    /// <summary>The pool now.</summary>
    Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>The nodes of the cluster, and what each says of its servers; outside a cluster the one node that the pool itself is.</summary>
    /// <param name="servers">The servers that are listed for each node (see <see cref="GetClusterStatus.Servers"/>); null: every one; empty: none, only counts.</param>
    /// <param name="cancellationToken">Gives the question up.</param>
    Task<ClusterStatus> GetClusterStatusAsync(IReadOnlyList<string>? servers = null, CancellationToken cancellationToken = default);

    /// <summary>What would be done with a call now, and why, without sending it.</summary>
    Task<Explanation> ExplainAsync(PoolCall call, CancellationToken cancellationToken = default);

    /// <summary>Carries out an operator's command.</summary>
    /// <exception cref="CommandRefusedException">The pool refused the command; nothing changed.</exception>
    Task CommandAsync(PoolCommand command, CancellationToken cancellationToken = default);

    /// <summary>The pool's events from now on, until the token is cancelled. A reader that falls more than 1 000 events behind loses the oldest.</summary>
    IAsyncEnumerable<PoolEvent> ReadEventsAsync(CancellationToken cancellationToken = default);
}
