using System.Text.Json;

namespace McpActors.Pool;

/// <summary>
/// The pool for callers that hold no actor reference. Every member is safe to use from any number of threads, also before the host has
/// started: it then waits for the pool. A call without a result throws <see cref="McpPoolException"/>; a cancelled token cancels the call
/// on its server and throws <see cref="CallCancelledException"/>, which says whether the call may have run. Queries and commands throw
/// <see cref="TimeoutException"/> when the pool does not answer within 10 s.
/// </summary>
public interface IMcpPool
{
    /// <summary>Runs an MCP method or tool (see <see cref="Execute"/>).</summary>
    /// <param name="method">An MCP method (one with a <c>/</c>, or <c>ping</c>), or the name of a tool.</param>
    /// <param name="parameters">The parameters of the method, or the arguments of the tool: a JSON object, or null for none.</param>
    /// <param name="options">Where and how the call may run; null for the defaults of the route and the pool.</param>
    /// <param name="cancellationToken">Cancels the call on its server.</param>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    Task<CallCompleted> ExecuteAsync(
        string method, JsonElement? parameters = null, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Calls a tool by its name.</summary>
    /// <param name="name">The tool's name.</param>
    /// <param name="arguments">Its arguments: a JSON object, or null for none.</param>
    /// <param name="options">Where and how the call may run; null for the defaults of the route and the pool.</param>
    /// <param name="cancellationToken">Cancels the call on its server.</param>
    /// <returns>The tool's result; one with <see cref="CallCompleted.IsError"/> is an error that the tool itself reports.</returns>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    Task<CallCompleted> CallToolAsync(
        string name, JsonElement? arguments = null, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Reads a resource.</summary>
    /// <param name="uri">The resource's URI.</param>
    /// <param name="options">Where and how the call may run; null for the defaults of the route and the pool.</param>
    /// <param name="cancellationToken">Cancels the call on its server.</param>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    Task<CallCompleted> ReadResourceAsync(string uri, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>Gets a prompt.</summary>
    /// <param name="name">The prompt's name.</param>
    /// <param name="arguments">Its arguments: a JSON object, or null for none.</param>
    /// <param name="options">Where and how the call may run; null for the defaults of the route and the pool.</param>
    /// <param name="cancellationToken">Cancels the call on its server.</param>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    Task<CallCompleted> GetPromptAsync(
        string name, JsonElement? arguments = null, CallOptions? options = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// Sends any call message and returns the pool's reply: <see cref="CallCompleted"/> or <see cref="CallFailed"/>, no exception for a
    /// failed call.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Cancels the call on its server.</param>
    Task<CallReply> SendAsync(PoolCall call, CancellationToken cancellationToken = default);

    /// <summary>The pool's merged tools.</summary>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    Task<ToolList> ListToolsAsync(CancellationToken cancellationToken = default);

    /// <summary>The pool's merged resources.</summary>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    Task<ResourceList> ListResourcesAsync(CancellationToken cancellationToken = default);

    /// <summary>The pool's merged prompts.</summary>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    Task<PromptList> ListPromptsAsync(CancellationToken cancellationToken = default);

    /// <summary>The entries of each group, apart from those of the other groups.</summary>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    Task<GroupList> ListGroupsAsync(CancellationToken cancellationToken = default);

    /// <summary>The state of the pool and its servers now.</summary>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Waits until a server is connected; returns at once when one is. Servers connect in the background, and a call that no server can
    /// take fails at once, so a program that calls right after its start waits here first. The wait ends with the host. A server's
    /// tools are listed after it has connected: until its <see cref="ServerInfo.Tools"/> is not null, <see cref="ListToolsAsync"/> and
    /// <see cref="McpPoolToolsExtensions.GetToolsAsync"/> lack them.
    /// </summary>
    /// <param name="group">The group that needs a connected server; null: any group.</param>
    /// <param name="timeout">The longest wait; null: one minute; <see cref="Timeout.InfiniteTimeSpan"/>: no limit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The pool's status with the connected server.</returns>
    /// <exception cref="McpPoolException">
    /// No server is in the group, and the settings have no such group (<see cref="PoolErrorKind.UnknownGroup"/>); thrown at once.
    /// </exception>
    /// <exception cref="TimeoutException">The time is up; the message has the state of each server that could have served.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled, or the host stops.</exception>
    Task<PoolStatus> WaitUntilReadyAsync(string? group = null, TimeSpan? timeout = null, CancellationToken cancellationToken = default);

    /// <summary>
    /// The nodes of the cluster and each one's view of its servers; outside a cluster the one node that the pool itself is.
    /// </summary>
    /// <param name="servers">
    /// The servers that are listed for each node (see <see cref="GetClusterStatus.Servers"/>); null: all of them; empty: none, only counts.
    /// </param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    Task<ClusterStatus> GetClusterStatusAsync(IReadOnlyList<string>? servers = null, CancellationToken cancellationToken = default);

    /// <summary>Explains where a call would go now, and why, without sending it.</summary>
    /// <param name="call">The call.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    Task<Explanation> ExplainAsync(PoolCall call, CancellationToken cancellationToken = default);

    /// <summary>Carries out an operator's command, or begins it where it takes time.</summary>
    /// <param name="command">The command.</param>
    /// <param name="cancellationToken">Ends the wait for the answer; the command may still be carried out.</param>
    /// <exception cref="CommandRefusedException">The pool refused the command; nothing changed.</exception>
    Task CommandAsync(PoolCommand command, CancellationToken cancellationToken = default);

    /// <summary>The pool's events from now on, until the token is cancelled or the pool's actor system ends.</summary>
    /// <param name="cancellationToken">Ends the sequence, without an exception.</param>
    /// <returns>The events. A reader that falls more than 1 000 events behind loses the oldest.</returns>
    IAsyncEnumerable<PoolEvent> ReadEventsAsync(CancellationToken cancellationToken = default);
}
