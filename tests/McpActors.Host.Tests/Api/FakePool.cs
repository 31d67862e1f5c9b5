using System.Runtime.CompilerServices;
using System.Text.Json;
using McpActors.Pool;

namespace McpActors.Host.Tests.Api;

/// <summary>A pool whose answers the test decides, so that the HTTP layer is tested alone.</summary>
internal sealed class FakePool : IMcpPool
{
    public Func<IPoolCall, CancellationToken, Task<object>> OnCall { get; set; } = (_, _) => throw new InvalidOperationException("no call expected");

    public Func<IPoolCommand, Refused?> OnCommand { get; set; } = _ => throw new InvalidOperationException("no command expected");

    public Func<PoolStatus> OnStatus { get; set; } = () => new PoolStatus([], DateTimeOffset.UnixEpoch);

    public Task<object> SendAsync(IPoolCall call, CancellationToken cancellationToken = default) => OnCall(call, cancellationToken);

    public Task<Refused?> CommandAsync(IPoolCommand command, CancellationToken cancellationToken = default) => Task.FromResult(OnCommand(command));

    public Func<IPoolCall, Explanation> OnExplain { get; set; } = _ => throw new InvalidOperationException("no question expected");

    public Task<Explanation> ExplainAsync(IPoolCall call, CancellationToken cancellationToken = default) => Task.FromResult(OnExplain(call));

    public Task<PoolStatus> GetStatusAsync(CancellationToken cancellationToken = default) => Task.FromResult(OnStatus());

    public Func<IReadOnlyList<string>?, ClusterStatus> OnCluster { get; set; } =
        _ => new ClusterStatus([new NodeInfo { Address = NodeInfo.Local, Self = true, State = NodeState.Up }], DateTimeOffset.UnixEpoch);

    public Task<ClusterStatus> GetClusterStatusAsync(IReadOnlyList<string>? servers, CancellationToken cancellationToken) => Task.FromResult(OnCluster(servers));

    public Task<Executed> ExecuteAsync(string method, JsonElement? parameters, CallOptions? options, CancellationToken token) => throw Unused();

    public Task<Executed> CallToolAsync(string name, JsonElement? arguments, CallOptions? options, CancellationToken token) => throw Unused();

    public Task<Executed> ReadResourceAsync(string uri, CallOptions? options, CancellationToken cancellationToken) => throw Unused();

    public Task<Executed> GetPromptAsync(string name, JsonElement? arguments, CallOptions? options, CancellationToken token) => throw Unused();

    public Func<ToolList> OnTools { get; set; } = () => new ToolList([]);

    public Task<ToolList> ListToolsAsync(CancellationToken cancellationToken) => Task.FromResult(OnTools());

    public Task<ResourceList> ListResourcesAsync(CancellationToken cancellationToken) => throw Unused();

    public Task<PromptList> ListPromptsAsync(CancellationToken cancellationToken) => throw Unused();

    public IAsyncEnumerable<IPoolEvent> EventsAsync(CancellationToken cancellationToken) => throw Unused();

    private static InvalidOperationException Unused([CallerMemberName] string member = "") => new($"the HTTP API does not use {member}");
}
