using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary>A command that failed: its kind decides the exit code, its message is for the person who typed it.</summary>
/// <param name="reply">The error, in the shape of the HTTP API.</param>
/// <param name="json">The same as the host wrote it; null when it does not come from a host.</param>
internal sealed class CommandException(ErrorReply reply, string? json = null) : Exception(reply.Error.Message)
{
    /// <summary>The configuration file is not valid.</summary>
    public const string InvalidConfiguration = "InvalidConfiguration";

    /// <summary>An option, or the variable in its place, is not valid.</summary>
    public const string InvalidOption = "InvalidOption";

    /// <summary>No McpActors host answers there.</summary>
    public const string HostUnreachable = "HostUnreachable";

    /// <summary>The host requires an access token, or rejects the one given. The HTTP API has the same kind.</summary>
    public const string Unauthorized = "Unauthorized";

    public CommandException(string kind, string message)
        : this(ErrorReply.Of(kind, message))
    {
    }

    /// <summary>The error.</summary>
    public ErrorReply Reply { get; } = reply;

    /// <summary>The error as the host wrote it; null when it does not come from a host.</summary>
    public string? Json { get; } = json;
}
