using System.Net;
using System.Text.RegularExpressions;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports.Http;

/// <summary>What an HTTP error says, with what can be done about it.</summary>
internal static partial class RefusalWords
{
    /// <summary>The words of an error's body, the proxy that it came through, and advice.</summary>
    public static string Of(HttpRequestMessage request, HttpStatusCode status, JsonRpcErrorDetail? error, byte[] body)
    {
        var words = error?.Message ?? JsonRpcErrorBody.Words(body);
        request.Options.TryGetValue(ConnectionWords.Through, out var through);
        return words + through + Advice(status, words, request.Headers.Host ?? request.RequestUri!.Authority);
    }

    // Servers that defend against DNS rebinding accept only the names in their configuration.
    private static string Advice(HttpStatusCode status, string words, string host) =>
        status == HttpStatusCode.MisdirectedRequest || (status == HttpStatusCode.Forbidden && Host().IsMatch(words))
            ? $"; the server refuses the name {host}: give it one that it knows, headers {{ Host = … }}"
            : "";

    [GeneratedRegex(@"\bhost\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Host();
}
