using System.CommandLine;
using McpActors.Configuration;
using McpActors.Host.Settings;

namespace McpActors.Host.Commands;

/// <summary>Which host a command speaks to, and how it shows who it is. The token is never given on the command line, where others could read it.</summary>
internal sealed class ConnectionOptions
{
    /// <summary>Where the address comes from when none is given.</summary>
    public const string UrlVariable = "MCP_ACTORS_URL";

    /// <summary>Where the access token comes from when no file is given: the same as the worker's own.</summary>
    public const string TokenVariable = HostSettings.AccessTokenVariable;

    private readonly Option<string?> _url = new("--url", "-u")
    {
        Description = $"The address of the host. Default: {UrlVariable}, else {WorkerOptions.DefaultUrls}",
        HelpName = "url",
    };

    private readonly Option<string?> _tokenFile = new("--token-file")
    {
        Description = $"A file with the host's access token. Default: the environment variable {TokenVariable}, if it is set.",
        HelpName = "file",
    };

    /// <summary>Gives a command these options.</summary>
    public static ConnectionOptions AddTo(Command command)
    {
        var options = new ConnectionOptions();
        command.Options.Add(options._url);
        command.Options.Add(options._tokenFile);
        return options;
    }

    /// <summary>A client for what was given.</summary>
    /// <exception cref="CommandException">The address or the token cannot be used.</exception>
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
            throw new CommandException(CommandException.HostUnreachable, $"{source}: '{text}' is no address. Write it as {WorkerOptions.DefaultUrls}.");
        // The text is not repeated: it has a password in it.
        if (url.UserInfo.Length > 0)
        {
            throw new CommandException(
                CommandException.HostUnreachable,
                $"{source}: a user and password do not belong in the address. The access token goes into {TokenVariable} or --token-file.");
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
            : throw new CommandException(CommandException.Unauthorized, $"{source}: an access token is one line of plain ASCII characters, and this is not.");
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
