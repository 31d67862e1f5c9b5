using System.Runtime.CompilerServices;
using System.Text.Json;
using McpActors.Pool;

namespace McpActors.Host.Tests.Api;

/// <summary>A pool whose answers the test sets, so that the HTTP layer is tested alone.</summary>
internal sealed class FakePool : IMcpPool
{
    public Func<PoolCall, CancellationToken, Task<CallReply>> OnCall { get; set; } =
        (_, _) => throw new InvalidOperationException("no call expected");

    public Func<PoolCommand, CommandReply> OnCommand { get; set; } = _ => throw new InvalidOperationException("no command expected");

    public Func<PoolStatus> OnStatus { get; set; } = () => new PoolStatus([], DateTimeOffset.UnixEpoch);

    public Task<CallReply> SendAsync(PoolCall call, CancellationToken cancellationToken = default) => OnCall(call, cancellationToken);

    public Task CommandAsync(PoolCommand command, CancellationToken cancellationToken = default)
    {
        OnCommand(command).ThrowIfRefused();
        return Task.CompletedTask;
    }

    public Func<PoolCall, Explanation> OnExplain { get; set; } = _ => throw new InvalidOperationException("no question expected");

    public Task<Explanation> ExplainAsync(PoolCall call, CancellationToken cancellationToken = default) => Task.FromResult(OnExplain(call));

    public Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(OnStatus());

    public Func<IReadOnlyList<string>?, ClusterStatus> OnCluster { get; set; } =
        _ => new ClusterStatus([new NodeInfo { Address = NodeInfo.Local, Self = true, State = NodeState.Up }], DateTimeOffset.UnixEpoch);

    public Task<ClusterStatus> GetClusterStatusAsync(IReadOnlyList<string>? servers, CancellationToken cancellationToken) =>
        Task.FromResult(OnCluster(servers));

    public Task<CallCompleted> ExecuteAsync(string method, JsonElement? parameters, CallOptions? options, CancellationToken token) =>
        throw Unused();

    public Task<CallCompleted> CallToolAsync(string name, JsonElement? arguments, CallOptions? options, CancellationToken token) =>
        throw Unused();

    public Task<CallCompleted> ReadResourceAsync(string uri, CallOptions? options, CancellationToken cancellationToken) => throw Unused();

    public Task<CallCompleted> GetPromptAsync(string name, JsonElement? arguments, CallOptions? options, CancellationToken token) =>
        throw Unused();

    public Func<ToolList> OnTools { get; set; } = () => new ToolList([]);

    public Task<ToolList> ListToolsAsync(CancellationToken cancellationToken) => Task.FromResult(OnTools());

    public Task<ResourceList> ListResourcesAsync(CancellationToken cancellationToken) => throw Unused();

    public Task<PromptList> ListPromptsAsync(CancellationToken cancellationToken) => throw Unused();

    public Task<GroupList> ListGroupsAsync(CancellationToken cancellationToken) => throw Unused();

    public Task<PoolStatus> WaitUntilReadyAsync(string? group, TimeSpan? timeout, CancellationToken cancellationToken) => throw Unused();

    public IAsyncEnumerable<PoolEvent> ReadEventsAsync(CancellationToken cancellationToken) => throw Unused();

    private static InvalidOperationException Unused([CallerMemberName] string member = "") => new($"the HTTP API does not use {member}");
}
