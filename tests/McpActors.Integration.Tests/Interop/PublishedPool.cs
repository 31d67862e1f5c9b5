using System.Collections.Concurrent;
using System.Globalization;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Interop;

/// <summary>One pool with all published servers; nothing is started where Node or the packages are missing.</summary>
public sealed class PublishedPool : IAsyncLifetime
{
    private readonly TemporaryDirectory _directory = new();
    private readonly ConcurrentDictionary<string, NodeServer> _listening = new();
    private readonly ConcurrentDictionary<string, Exception> _failures = new();
    private PoolHost? _host;

    internal IReadOnlyList<PublishedServer> Servers => PublishedServers.All(_directory.Path);

    private static bool HasNginx => Prerequisite.FindProgram("nginx") is not null;

    /// <summary>The pool that has this server; skips the test where something is missing.</summary>
    internal PoolHost HostOf(string name)
    {
        NodePackages.Require();
        if (Servers.Single(server => server.Name == name).NeedsNginx)
            Prerequisite.Require(HasNginx ? null : "nginx is not installed", "apt-get install nginx-light");
        return _failures.TryGetValue(name, out var failure) ? throw new InvalidOperationException(failure.Message, failure) : _host!;
    }

    public async Task InitializeAsync()
    {
        if (!NodePackages.AreInstalled)
            return;
        await PublishedServers.PrepareAsync(_directory.Path);
        var usable = Servers.Where(server => !server.NeedsNginx || HasNginx).ToList();
        await ListenAsync(usable.Where(server => !server.IsInFront));
        await ListenAsync(usable.Where(server => server.IsInFront));
        _host = await PoolHost.StartAsync(new PoolSettings
        {
            // All processes start at once, on a machine that may have two cores.
            ConnectTimeout = PoolHost.Patience,
            Servers = [.. usable.Where(server => !_failures.ContainsKey(server.Name)).Select(Settings)],
        });
    }

    public async Task DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        foreach (var server in _listening.Values)
            await server.DisposeAsync();
        _directory.Dispose();
    }

    private Task ListenAsync(IEnumerable<PublishedServer> servers) => Task.WhenAll(
        servers.Where(server => server.Uri is not null).Select(async server =>
        {
            Directory.CreateDirectory(_directory.PathOf(server.Name));
            try
            {
                _listening[server.Name] = await NodeServer.StartAsync(server.Module, Resolve(server), server.Environment);
            }
            catch (InvalidOperationException e)
            {
                // Its own test fails, and those of the others run.
                _failures[server.Name] = e;
            }
        }));

    private ServerSettings Settings(PublishedServer server) => server.Uri is null
        ? new ServerSettings
        {
            Name = server.Name,
            Command = NodePackages.Node,
            Args = NodeServer.Arguments(server.Module, Resolve(server)),
            WorkingDirectory = _directory.Path,
            Environment = server.Environment.ToDictionary(variable => variable.Key, variable => Secret.FromLiteral(variable.Value)),
        }
        : new ServerSettings { Name = server.Name, Uri = UriOf(server) };

    private Uri UriOf(PublishedServer server) => new UriBuilder(server.Uri!) { Port = _listening[server.Name].Port }.Uri;

    private IReadOnlyList<string> Resolve(PublishedServer server) =>
        [.. server.Arguments.Select(argument => argument.StartsWith('{') ? Resolve(argument[1..^1]) : argument)];

    private string Resolve(string reference)
    {
        var parts = reference.Split('.');
        var server = Servers.Single(server => server.Name == parts[0]);
        return parts.Length == 1 ? UriOf(server).ToString() : UriOf(server).Port.ToString(CultureInfo.InvariantCulture);
    }
}
