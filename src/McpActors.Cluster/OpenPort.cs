using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;

namespace McpActors.Clustering;

/// <summary>
/// A node that other machines can reach needs TLS: without it every program that reaches the port could join the cluster and change its
/// servers.
/// </summary>
internal static class OpenPort
{
    private const string Transport = "akka.remote.dot-netty.tcp";
    private const string EnableSsl = $"{Transport}.enable-ssl";

    /// <exception cref="InvalidSettingsException">The system listens beyond this machine without TLS.</exception>
    public static void Check(ActorSystem system, McpClusterSettings settings)
    {
        var config = system.Settings.Config;
        // The system's own configuration wins over the settings.
        var listening = settings with { Hostname = config.GetString($"{Transport}.hostname", settings.Hostname) };
        var tls = HasTls(config) || system.Settings.Setup.Get<DotNettySslSetup>().HasValue;
        if (ProblemOf(listening, tls) is { } problem)
            throw new InvalidSettingsException([problem]);
    }

    public static bool HasTls(Config config) => config.GetBoolean(EnableSsl, false);

    /// <summary>The problem of a node that is reachable for others without TLS; null: there is none.</summary>
    public static SettingsProblem? ProblemOf(McpClusterSettings settings, bool tls) =>
        tls || settings.PrivateNetwork || IsLoopback(settings.Hostname) ? null : new SettingsProblem($"{KeyPath.Cluster}.hostname",
            $"`{settings.Hostname}` can be reached from other machines, and without TLS every program that reaches it can join the "
            + $"cluster. Configure TLS ({EnableSsl}, see docs/cluster.md), or write {KeyPath.Cluster}.private-network = on "
            + "(in C#: PrivateNetwork = true) if only machines that you trust can reach the port");

    private static bool IsLoopback(string hostname) =>
        hostname.Equals("localhost", StringComparison.OrdinalIgnoreCase)
        || (IPAddress.TryParse(hostname, out var address) && IPAddress.IsLoopback(address));
}
