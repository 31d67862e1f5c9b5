using McpActors.Host.Api.Contract;

namespace McpActors.Host.Commands;

/// <summary>A command that could not be carried out: its kind decides the exit code, its message is for the person who typed it.</summary>
/// <param name="reply">What is wrong, in the shape of the HTTP API's errors.</param>
/// <param name="json">The same as the host wrote it; null: it does not come from a host.</param>
internal sealed class CommandException(ErrorReply reply, string? json = null) : Exception(reply.Error.Message)
{
    /// <summary>The configuration file cannot be used.</summary>
    public const string InvalidConfiguration = "InvalidConfiguration";

    /// <summary>No McpActors host answers there.</summary>
    public const string HostUnreachable = "HostUnreachable";

    /// <summary>The host wants an access token, or another one; the HTTP API's own word for it.</summary>
    public const string Unauthorized = "Unauthorized";

    public CommandException(string kind, string message)
        : this(ErrorReply.Of(kind, message))
    {
    }

    /// <summary>What is wrong.</summary>
    public ErrorReply Reply { get; } = reply;

    /// <summary>As the host wrote it; null: it does not come from a host.</summary>
    public string? Json { get; } = json;
}
