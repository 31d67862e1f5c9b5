namespace McpActors.Host.Tests.Processes;

/// <summary>One worker with the demo servers for all tests of a class, which restore its state.</summary>
public sealed class DemoHost : IAsyncLifetime
{
    private HostProcess? _process;

    internal HostProcess Process => _process ?? throw new InvalidOperationException("The worker is not started.");

    public async Task InitializeAsync() => _process = await HostProcess.DemoAsync();

    public async Task DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
