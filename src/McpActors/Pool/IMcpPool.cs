using System.Text.Json;

namespace McpActors.Pool;

/// <summary>
/// The pool for callers that hold no actor reference. Every member is safe to use from any number of threads.
/// A call that has no result throws the <see cref="McpPoolException"/> of its <see cref="PoolErrorKind"/>; a cancelled token cancels the call
/// on its server and throws <see cref="OperationCanceledException"/>.
/// </summary>
public interface IMcpPool
{
    /// <summary>Runs an MCP method or tool (see <see cref="Execute"/>).</summary>
    /// <exception cref="McpPoolException">The call has no result; the type says which kind.</exception>
    Task<Executed> ExecuteAsync(string method, JsonElement? parameters = null, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Calls a tool by its name.</summary>
    /// <exception cref="McpPoolException">The call has no result; the type says which kind.</exception>
    Task<Executed> CallToolAsync(string name, JsonElement? arguments = null, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Reads a resource.</summary>
    /// <exception cref="McpPoolException">The call has no result; the type says which kind.</exception>
    Task<Executed> ReadResourceAsync(string uri, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Gets a prompt.</summary>
    /// <exception cref="McpPoolException">The call has no result; the type says which kind.</exception>
    Task<Executed> GetPromptAsync(string name, JsonElement? arguments = null, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Any call message, answered as by the actor: <see cref="Executed"/> or <see cref="ExecuteFailed"/>, no exception for a failed call.</summary>
    Task<object> SendAsync(IPoolCall call, CancellationToken cancellationToken = default);

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
    Task<Explanation> ExplainAsync(IPoolCall call, CancellationToken cancellationToken = default);

    /// <summary>Carries out an operator's command.</summary>
    /// <returns>Null when done, else why it was refused.</returns>
    Task<Refused?> CommandAsync(IPoolCommand command, CancellationToken cancellationToken = default);

    /// <summary>The pool's events from now on, until the token is cancelled. A reader that falls more than 1 000 events behind loses the oldest.</summary>
    IAsyncEnumerable<IPoolEvent> EventsAsync(CancellationToken cancellationToken = default);
}
