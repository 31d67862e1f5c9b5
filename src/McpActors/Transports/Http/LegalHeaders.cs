using System.Text.Json.Nodes;
using McpActors.Configuration;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>
/// Sends only headers that can be written. Before revision 2026-07-28 no server expects an encoded <c>Mcp-Name</c>, so a name that is not
/// plain is left out there. Any other header outside visible ASCII fails its request before anything is sent.
/// </summary>
/// <param name="inner">The next handler.</param>
internal sealed class LegalHeaders(HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string Name = "Mcp-Name";
    private const string Version = "MCP-Protocol-Version";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (!KnowsEncodedNames(request) && request.Headers.NonValidated.TryGetValues(Name, out var names)
            && names.Any(McpName.IsEncoded))
        {
            request.Headers.Remove(Name);
        }
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            if (values.Any(value => !HeaderText.CanBeSent(value)))
            {
                throw new MessageNotSentException(
                    $"the request was not sent: the value of its header {name} {HeaderText.Problem}; correct where it comes from");
            }
        }
        return base.SendAsync(request, cancellationToken);
    }

    private static bool KnowsEncodedNames(HttpRequestMessage request) =>
        request.Headers.NonValidated.TryGetValues(Version, out var versions)
        && Revisions.IsModern(versions.FirstOrDefault());
}

/// <summary>
/// The header <c>Mcp-Name</c>, which repeats the name or URI of a request. The SDK writes it as it is, which fails for names outside ASCII.
/// </summary>
internal static class McpName
{
    private const string Prefix = "=?base64?";
    private const string Suffix = "?=";

    /// <summary>Whether the value of the header is encoded.</summary>
    public static bool IsEncoded(string value) =>
        value.StartsWith(Prefix, StringComparison.Ordinal) && value.EndsWith(Suffix, StringComparison.Ordinal);

    /// <summary>Gives a request the encoded name for its header; one with a plain name stays as it is.</summary>
    public static void Encode(JsonRpcMessage message)
    {
        if (message is not JsonRpcRequest { Params: JsonObject parameters } request)
            return;
        var property = request.Method switch
        {
            RequestMethods.ToolsCall or RequestMethods.PromptsGet => "name",
            RequestMethods.ResourcesRead => "uri",
            _ => null,
        };
        if (property is null
            || !parameters.TryGetPropertyValue(property, out var node)
            || node is not JsonValue value
            || !value.TryGetValue(out string? name)
            || McpHeaderEncoder.EncodeValue(name) is not { } encoded
            || encoded == name)
        {
            return;
        }
#pragma warning disable MCPEXP002 // The SDK has no other way to set this header.
        (request.Context ??= new JsonRpcMessageContext()).RoutingName ??= encoded;
#pragma warning restore MCPEXP002
    }
}
