using System.Net.Sockets;

namespace McpActors.Host;

/// <summary>An address cannot be listened on.</summary>
/// <param name="message">Which address, why, and what to do.</param>
/// <param name="inner">The cause.</param>
internal sealed class CannotListenException(string message, Exception inner) : Exception(message, inner)
{
    /// <summary>Starts a host and says in one line which address stops it, if one does; what had started by then is stopped again.</summary>
    /// <param name="app">The server.</param>
    /// <param name="addresses">Where it is to listen.</param>
    /// <param name="remedy">What to do about an address that cannot be used.</param>
    /// <exception cref="CannotListenException">An address is taken, not of this machine, or not permitted.</exception>
    public static async Task StartAsync(WebApplication app, string addresses, string remedy)
    {
        try
        {
            await app.StartAsync();
        }
        catch (IOException e)
        {
            await app.StopAsync();
            // Kestrel's own words, which name the one address: "Failed to bind to address http://127.0.0.1:5000: address already in use."
            throw new CannotListenException($"{e.Message} {remedy}", e);
        }
        catch (Exception e) when (e is SocketException or InvalidOperationException { Source: "Microsoft.AspNetCore.Server.Kestrel.Core" })
        {
            await app.StopAsync();
            throw new CannotListenException($"Failed to bind to {addresses}: {e.Message.TrimEnd('.')}. {remedy}", e);
        }
    }
}
