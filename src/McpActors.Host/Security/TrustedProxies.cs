using System.Net;
using McpActors.Host.Settings;
using Microsoft.AspNetCore.HttpOverrides;
using IPNetwork = System.Net.IPNetwork;

namespace McpActors.Host.Security;

/// <summary>
/// Believes the headers <c>X-Forwarded-For</c>, <c>-Proto</c> and <c>-Host</c> of the proxies that the configuration names, and of nobody
/// else: everything after it sees the client's own address, scheme and host name.
/// </summary>
internal static class TrustedProxies
{
    /// <summary>Adds it as the first step of the pipeline.</summary>
    public static void UseTrustedProxies(this WebApplication app)
    {
        var trusted = app.Services.GetRequiredService<HostSettings>().TrustedProxies;
        if (trusted.Count == 0)
            return;
        var options = new ForwardedHeadersOptions
        {
            ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost,
            // Every proxy of a chain is believed as far as it is named here.
            ForwardLimit = null,
        };
        options.KnownProxies.Clear();
        options.KnownIPNetworks.Clear();
        foreach (var entry in trusted)
        {
            if (IPAddress.TryParse(entry, out var address))
                options.KnownProxies.Add(address);
            else if (IPNetwork.TryParse(entry, out var network))
                options.KnownIPNetworks.Add(network);
        }
        // The library would believe every client of a Unix socket.
        var trustsSocket = trusted.Contains(HostSettings.ProxyOnUnixSocket);
        app.UseWhen(
            context => trustsSocket || context.Connection.RemoteIpAddress is not null, branch => branch.UseForwardedHeaders(options));
    }
}
