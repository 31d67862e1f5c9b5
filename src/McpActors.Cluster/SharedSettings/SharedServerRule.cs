using McpActors.Configuration;

namespace McpActors.Clustering.SharedSettings;

/// <summary>
/// Decides whether this node takes over a server that another node has shared. The program of a server, and the secrets that are read from
/// variables and files of this machine, must be known to this node: otherwise every member of the cluster could start any program here, or
/// have a secret sent to an address of its choice. Pure.
/// </summary>
internal static class SharedServerRule
{
    private const string Remedy =
        "Add it to the file of this node too, or set mcp-actors.cluster.shared-commands = on if this node shall trust all other nodes";

    /// <param name="shared">The server as the other node has it.</param>
    /// <param name="own">The servers of this node: those of its configuration, and those that it has.</param>
    /// <returns>Why this node does not take it over; null: it does.</returns>
    public static string? RefusalOf(ServerSettings shared, IEnumerable<ServerSettings> own)
    {
        if (shared.Command is { } command)
        {
            return own.Any(server => IsSameProgram(server, shared)) ? null
                : $"server {shared.Name} starts the program {command}, which this node does not have with the same arguments and "
                    + $"environment. {Remedy}";
        }
        var unknown = SecretsOf(shared).FirstOrDefault(secret => !own.Any(server => Sends(server, secret.Value, shared))).Name;
        return unknown is null ? null
            : $"server {shared.Name} sends {unknown}, which is read on this machine, to an address or through a proxy to which this"
                + $" node does not send it. {Remedy}";
    }

    private static bool IsSameProgram(ServerSettings own, ServerSettings shared) =>
        own.Command == shared.Command
        && own.Args.SequenceEqual(shared.Args)
        && own.WorkingDirectory == shared.WorkingDirectory
        && own.InheritEnvironment == shared.InheritEnvironment
        && own.Environment.Count == shared.Environment.Count
        && shared.Environment.All(variable => own.Environment.TryGetValue(variable.Key, out var value) && value == variable.Value);

    // A proxy reads what goes to an address without encryption, and its own credentials.
    private static bool Sends(ServerSettings own, Secret secret, ServerSettings shared) =>
        own.Uri is { } uri
        && shared.Uri is { } to
        && own.Proxy == shared.Proxy
        && Uri.Compare(uri, to, UriComponents.SchemeAndServer, UriFormat.UriEscaped, StringComparison.OrdinalIgnoreCase) == 0
        && SecretsOf(own).Any(known => known.Value == secret);

    /// <summary>The secrets that are read here when the server is connected.</summary>
    private static IEnumerable<(string Name, Secret Value)> SecretsOf(ServerSettings server)
    {
        if (server.Token is { IsLiteral: false } token)
            yield return ("a token", token);
        if (server.Proxy is { IsLiteral: false } proxy)
            yield return ("the credentials of a proxy", proxy);
        foreach (var (name, value) in server.Headers)
        {
            if (!value.IsLiteral)
                yield return ($"the header {name}", value);
        }
    }
}
