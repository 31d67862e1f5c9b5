using System.Text.Json;
using Akka.Actor;
using McpActors.Clustering.Json;
using McpActors.Clustering.SharedSettings;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Clustering.Wire;

/// <summary>The settings of servers between nodes, and from outside the cluster.</summary>
public sealed class SerializedServerTests : WireSpec
{
    // Keys whose values an outside client must not decide.
    private static readonly Dictionary<string, object?> FixedFromOutside = new()
    {
        [nameof(ServerSettings.Command)] = null,
        [nameof(ServerSettings.Args)] = Array.Empty<string>(),
        [nameof(ServerSettings.WorkingDirectory)] = null,
        [nameof(ServerSettings.Environment)] = new Dictionary<string, Secret>(),
        [nameof(ServerSettings.InheritEnvironment)] = false,
        [nameof(ServerSettings.Proxy)] = null,
        [nameof(ServerSettings.TrustAnnotations)] = false,
        [nameof(ServerSettings.GuardTarget)] = true,
    };

    public static TheoryData<string> Keys => [.. typeof(ServerSettings).GetProperties().Where(key => key.CanWrite).Select(key => key.Name)];

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_key_crosses_between_nodes(string key)
    {
        var property = typeof(ServerSettings).GetProperty(key)!;
        Assert.NotEqual(property.GetValue(new ServerSettings { Name = "default" }), property.GetValue(WireSamples.Server));

        var text = JsonSerializer.Serialize(new NodeServer(WireSamples.Server), SharedSettingsJson.Default.NodeServer);
        var settings = JsonSerializer.Deserialize(text, SharedSettingsJson.Default.NodeServer)!.ToSettings();

        Assert.Equal(property.GetValue(WireSamples.Server), property.GetValue(settings));
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Every_key_crosses_from_outside_unless_its_value_is_fixed(string key)
    {
        var property = typeof(ServerSettings).GetProperty(key)!;
        var server = WireSamples.Server with { Command = null, TrustAnnotations = true, GuardTarget = false };

        var settings = Assert.IsType<AddServer>(Transfer(new AddServer(server))).Settings;

        Assert.Equal(FixedFromOutside.TryGetValue(key, out var value) ? value : property.GetValue(server), property.GetValue(settings));
    }

    public static TheoryData<ServerSettings> ServersThatDoNotCross => new()
    {
        new ServerSettings { Name = "s", Command = "sh" },
        new ServerSettings { Name = "s", Uri = new("http://localhost"), Token = Secret.FromFile("/etc/shadow") },
        new ServerSettings { Name = "s", Uri = new("http://localhost"), Token = Secret.FromEnvironment("PATH") },
        new ServerSettings
        {
            Name = "s",
            Uri = new("http://localhost"),
            Headers = new Dictionary<string, Secret> { ["X"] = Secret.FromTemplate("${PATH}") },
        },
    };

    [Theory]
    [MemberData(nameof(ServersThatDoNotCross))]
    public async Task A_server_with_settings_that_do_not_cross_is_refused_with_the_reason(ServerSettings server)
    {
        await using var host = await PoolHost.StartAsync(PoolHost.Settings());

        var refused = await host.Actor.Ask<CommandRefused>(Transfer(new AddServer(server)), PoolHost.Patience);

        Assert.Contains("server s cannot be added from another process", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_server_from_outside_is_guarded_and_its_annotations_are_not_trusted()
    {
        var server = new ServerSettings
        {
            Name = "s",
            Uri = new("http://localhost:1/mcp"),
            Token = Secret.FromLiteral("token-of-mine"),
            TrustAnnotations = true,
        };

        var added = Assert.IsType<AddServer>(Transfer(new AddServer(server))).Settings;

        Assert.Equal((false, true, "token-of-mine"), (added.TrustAnnotations, added.GuardTarget, added.Token!.Resolve()));
    }
}
