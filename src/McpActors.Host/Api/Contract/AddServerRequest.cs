using System.ComponentModel;
using McpActors.Configuration;

namespace McpActors.Host.Api.Contract;

/// <summary>The body of <c>POST /api/servers</c>: a server that is reached by address. Programs are started from configuration files only.</summary>
internal sealed record AddServerRequest
{
    [Description("Its unique name: letters, digits, '-', '_' and '.'.")]
    public required string Name { get; init; }

    [Description("Where it listens: http://, https://, ws:// or wss://.")]
    public required string Uri { get; init; }

    [Description("Its group. Default: default.")]
    public string? Group { get; init; }

    [Description("The lowest number is the best. Default: 999.")]
    public int? Priority { get; init; }

    [Description("Its share among its equals, 1 to 1000. Default: 1.")]
    public int? Weight { get; init; }

    [Description("Attempts running on it at a time. Default: the pool's.")]
    public int? MaxInFlight { get; init; }

    [Description("Attempts waiting for it. Default: the pool's.")]
    public int? MaxQueue { get; init; }

    [Description("The bearer token sent to it. Default: none.")]
    public string? Token { get; init; }

    [Description("The MCP revision to insist on. Default: negotiated.")]
    public string? ProtocolVersion { get; init; }

    /// <summary>The pool's words for it: what it says of its own tools is not believed, and it may not lead to the machine's own addresses.</summary>
    public ServerSettings ToSettings(Uri uri)
    {
        var none = new ServerSettings { Name = Name };
        return none with
        {
            Uri = uri,
            Group = Group ?? none.Group,
            Priority = Priority ?? none.Priority,
            Weight = Weight ?? none.Weight,
            MaxInFlight = MaxInFlight,
            MaxQueue = MaxQueue,
            Token = Token is { } token ? Secret.FromLiteral(token) : null,
            ProtocolVersion = ProtocolVersion,
            TrustAnnotations = false,
            GuardTarget = true,
        };
    }
}
