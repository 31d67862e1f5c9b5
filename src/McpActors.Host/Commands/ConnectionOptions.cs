using System.CommandLine;
using McpActors.Configuration;
using McpActors.Host.Settings;

namespace McpActors.Host.Commands;

/// <summary>
/// Which host a command talks to, and with which access token. The token cannot be given on the command line, where other users could read
/// it.
/// </summary>
internal sealed class ConnectionOptions
{
    /// <summary>The variable with the default address.</summary>
    public const string UrlVariable = "MCP_ACTORS_URL";

    /// <summary>The variable with the default access token: the worker's own.</summary>
    public const string TokenVariable = HostSettings.AccessTokenVariable;

    private readonly Option<string?> _url = new("--url", "-u")
    {
        Description = $"The address of the host. Default: the environment variable {UrlVariable}, else {WorkerOptions.DefaultUrls}",
        HelpName = "url",
    };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = $"A file with the host's access token. Default: the environment variable {TokenVariable}, if it is set.",
        HelpName = "file",
    };

    /// <summary>Adds these options to a command.</summary>
    public static ConnectionOptions AddTo(Command command)
    {
        var options = new ConnectionOptions();
        command.Options.Add(options._url);
        command.Options.Add(options._tokenFile);
        return options;
    }

    /// <summary>A client for the host that the options name.</summary>
    /// <exception cref="CommandException">The address or the token is not valid.</exception>
    public HostClient Connect(ParseResult given, CommandConsole console)
    {
        var (source, url) = given.GetValue(_url) is { } option ? ("--url", option)
            : console.Environment(UrlVariable) is { Length: > 0 } variable ? (UrlVariable, variable)
            : ("--url", WorkerOptions.DefaultUrls);
        return new HostClient(ReadUrl(source, url), ReadToken(given.GetValue(_tokenFile), console));
    }

    private static Uri ReadUrl(string source, string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
        {
            throw new CommandException(
                CommandException.InvalidOption,
                $"{source}: '{text}' is not a valid address; expected one such as {WorkerOptions.DefaultUrls}.");
        }
        if (url is { Host: "unix", IsDefaultPort: true })
        {
            throw new CommandException(
                CommandException.InvalidOption,
                $"{source}: the commands do not reach a host through a Unix socket. Use an address with a host and port, or the HTTP "
                    + "API with curl --unix-socket PATH http://localhost/api/status.");
        }
        // The message does not quote the address: it contains a password.
        if (url.UserInfo.Length > 0)
        {
            throw new CommandException(
                CommandException.InvalidOption,
                $"{source}: the address must not contain a user or password. Put the access token into {TokenVariable} or --token-file.");
        }
        return new Uri(url.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/");
    }

    private static string? ReadToken(string? file, CommandConsole console)
    {
        var (source, token) = file is null ? (TokenVariable, console.Environment(TokenVariable)?.Trim()) : ("--token-file", ReadFile(file));
        if (string.IsNullOrEmpty(token))
            return null;
        return token.All(c => c is >= ' ' and <= '~')
            ? token
            : throw new CommandException(
                CommandException.Unauthorized,
                $"{source}: the access token is not valid; expected one line of printable ASCII characters.");
    }

    private static string ReadFile(string file)
    {
        try
        {
            return Secret.FromFile(file).Resolve();
        }
        catch (SecretUnavailableException e)
        {
            throw new CommandException(CommandException.Unauthorized, $"--token-file: {e.Message}");
        }
    }
}
