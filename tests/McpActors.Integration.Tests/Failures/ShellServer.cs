namespace McpActors.Tests.Failures;

/// <summary>An MCP server as a shell script.</summary>
internal static class ShellServer
{
    public const string Handshake =
        """{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"sh","version":"1"}}""";

    /// <summary>The script.</summary>
    /// <param name="envelope">What its answers begin with; <c>$id</c> is the id of the request.</param>
    /// <param name="handshake">The result of <c>initialize</c>.</param>
    /// <param name="text">The text of the result of a call.</param>
    /// <param name="beforeCall">What it does before it answers a call.</param>
    public static string Script(
        string envelope = "\"jsonrpc\":\"2.0\",\"id\":$id", string handshake = Handshake, string text = "hello", string beforeCall = ":") =>
        $$$"""
        answer() { printf '%s\n' "{{{{envelope.Replace("\"", "\\\"", StringComparison.Ordinal)}}},$1}"; }
        while read -r line; do
          id=$(printf '%s' "$line" | sed -n 's/.*"id":\([0-9]*\).*/\1/p')
          case $line in
            *'"initialize"'*) answer '"result":{{{handshake}}}' ;;
            *'"server/discover"'*) answer '"error":{"code":-32601,"message":"Method not found"}' ;;
            *'"tools/list"'*) answer '"result":{"tools":[{"name":"{{{LegacyMcp.Tool}}}","inputSchema":{"type":"object"}}]}' ;;
            *'"tools/call"'*) {{{beforeCall}}}; answer '"result":{"content":[{"type":"text","text":"{{{text}}}"}]}' ;;
            *'"ping"'*) answer '"result":{}' ;;
          esac
        done
        """;
}
