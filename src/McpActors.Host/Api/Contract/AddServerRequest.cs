using System.ComponentModel;
using McpActors.Configuration;

namespace McpActors.Host.Api.Contract;

/// <summary>
/// The body of <c>POST /api/servers</c>: a server at a URL. Servers that are programs can be added in configuration files only.
/// </summary>
internal sealed record AddServerRequest
{
    /// <summary>The words for <see cref="Transport"/>: those of the configuration.</summary>
    public static IReadOnlyDictionary<string, HttpTransport> Transports { get; } =
        ServerReader.Transports.ToDictionary(transport => transport.Word, transport => transport.Value);

    [Description("Its unique name: letters, digits, '-', '_' and '.'.")]
    public required string Name { get; init; }

    [Description("Its URL: http://, https://, ws:// or wss://.")]
    public required string Uri { get; init; }

    [Description("Its group. Default: default.")]
    public string? Group { get; init; }

    [Description("Its priority; the lowest number is preferred. Default: 999.")]
    public int? Priority { get; init; }

    [Description("Its share of the calls among servers of the same priority, 1 to 1000. Default: 1.")]
    public int? Weight { get; init; }

    [Description("The most attempts that run on it at a time. Default: the pool's setting.")]
    public int? MaxInFlight { get; init; }

    [Description("The most attempts that wait for it. Default: the pool's setting.")]
    public int? MaxQueue { get; init; }

    [Description("The bearer token sent to it. Default: none.")]
    public string? Token { get; init; }

    [Description("Over http and https: auto, streamable-http or sse. Default: auto.")]
    public string? Transport { get; init; }

    [Description("The MCP revision to require. Default: negotiated.")]
    public string? ProtocolVersion { get; init; }

    /// <summary>
    /// The settings of the server: hints on its tools are not trusted, and link-local and metadata addresses are refused.
    /// </summary>
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
            Transport = Transport is null ? none.Transport : Transports[Transport],
            Token = Token is { } token ? Secret.FromLiteral(token) : null,
            ProtocolVersion = ProtocolVersion,
            TrustAnnotations = false,
            GuardTarget = true,
        };
    }
}
