using System.Globalization;
using System.Text;

namespace McpActors.Host.Tests.Hostile;

/// <summary>Requests that no honest client sends, as bytes, from a generator: the same seed gives the same request.</summary>
internal sealed class HostileRequest
{
    private static readonly string[] Paths =
    [
        "/api/execute", "/api/execute", "/api/execute", "/api/explain", "/api/explain", "/api/servers", "/api/servers/%00/disconnect",
        "/api/servers/%ff%fe/drain", "/api/servers/%ed%a0%80/reset", "/api/servers/../connect", "/api/servers/./isolate",
        "/api/servers/a%2fb/connect", "/api/servers/nobody/reconnect", "/api/cluster?server=%00&server=%ff&server=", "/api/tools?x=%",
        "/api/status#x", "/api/reload", "/api/%2e%2e/", "//api//status", "/api/execute/", "/openapi/%00.json",
        "/metrics?%", "/health/live/x",
        "/login?returnUrl=/%09/x", "/", "*", "http://localhost/api/status", "http://[::1/api/status", "/%", "/\\..\\x",
    ];

    private static readonly string[] Methods = ["POST", "POST", "POST", "POST", "GET", "DELETE", "PUT", "HEAD", "OPTIONS", "TRACE", "BREW"];

    private static readonly string[] Hosts =
    [
        "localhost", "localhost", "localhost", "localhost", "127.0.0.1", "[::1]", "xn--localhost-", "xn--", "[::1", "a:b:c",
        "localhost:99999",
        "", "evil.example", "localhost, evil.example", "%00", "169.254.169.254", new('a', 300),
    ];

    private static readonly string[] Texts =
    [
        "echo", "tools/call", "tools/list", "resources/read", "prompts/get", "ping", "initialize", "notifications/cancelled", "", " ", ".",
        "..", "/", "a/b", "router", "good", "none", "default", "round-robin", "\\ud800", "\\udfff\\ud800", "\\u0000", "a\\u0000b",
        "\\u202e\\u001b[2J", "é", "😀", "\u00eb", "memory://x", "http://127.0.0.1:1/", "http://\\ud800/", "http://xn--/",
        "ws://[::1%251]:1/",
        "2026-07-28", "null", "x\\", "\\x",
    ];

    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "1.5", "-0", "1e400", "-1e-400", "9223372036854775807", "9223372036854775808", "2073600001", "01", "+1", "NaN",
        "0x1",
    ];

    private static readonly string[] Fields =
    [
        "method", "params", "options", "name", "arguments", "uri", "server", "group", "mode", "strategy", "timeoutMs", "maxTimeoutMs",
        "affinityKey", "affinityRequired", "hedgeAfterMs", "hedgeQuantile", "idempotent", "callId", "weight", "priority", "token",
        "maxInFlight", "maxQueue", "protocolVersion", "_meta", "progressToken", "", "\\ud800", "__proto__", "METHOD",
    ];

    private readonly Random _random;

    public HostileRequest(int seed)
    {
        _random = new Random(seed);
        Bytes = Create();
    }

    /// <summary>What is sent.</summary>
    public byte[] Bytes { get; }

    /// <summary>Whether its end is sent, so that it must be answered; false for one of which that is not known.</summary>
    public bool IsWhole { get; private set; }

    private byte[] Create()
    {
        var body = Body();
        var head = new StringBuilder($"{Pick(Methods)} {Pick(Paths)} HTTP/1.1\r\nHost: {Pick(Hosts)}\r\nConnection: close\r\n");
        if (Chance(20))
            head.Append($"Origin: {Pick("null", "http://evil.example", "http://localhost", "\"", "file://", "http://xn--")}\r\n");
        if (Chance(20))
            head.Append($"Content-Type: {Pick("text/plain", "application/json; charset=utf-7", "multipart/form-data", ";", "x/\"")}\r\n");
        if (Chance(10))
            head.Append($"Authorization: {Pick("Bearer", "Bearer \t", "Basic !", "é", new string('x', 8_000))}\r\n");
        if (Chance(10))
            head.Append($"Accept: {Pick("text/html", "*/*;q=x", ",,,", "text/html, application/json")}\r\n");
        if (Chance(5))
        {
            head.Append($"X-Forwarded-Host: {Pick("xn--", "evil.example", "\u00eb")}\r\n");
            head.Append($"X-Forwarded-For: {Pick("x", "::", "1.2.3.4, ")}\r\n");
        }
        byte[] framed = _random.Next(6) switch
        {
            0 => Chunked(head, body),
            1 => WithLength(head, body, _random.Next(0, body.Length + 50)),
            _ => WithLength(head, body, body.Length),
        };
        if (Chance(10))
        {
            IsWhole = false;
            for (var changes = _random.Next(1, 5); changes > 0; changes--)
                framed[_random.Next(framed.Length)] = (byte)_random.Next(256);
        }
        return framed;
    }

    private byte[] WithLength(StringBuilder head, byte[] body, int length)
    {
        IsWhole = length <= body.Length;
        return [.. Encoding.Latin1.GetBytes($"{head}Content-Length: {length}\r\n\r\n"), .. body];
    }

    private byte[] Chunked(StringBuilder head, byte[] body)
    {
        var bytes = new List<byte>(Encoding.Latin1.GetBytes($"{head}Transfer-Encoding: chunked\r\n\r\n"));
        var size = body.Length.ToString("x", CultureInfo.InvariantCulture);
        var odd = Pick(size, size, size, "0", "FFFFFFFFFFFFFFFF", "-1", "", "g", $"{size};a=\"b", $"0{size}", $" {size}");
        var lineEnd = Pick("\r\n", "\r\n", "\n", "\r");
        var end = Pick("\r\n0\r\n\r\n", "\r\n0\r\nHost: evil.example\r\n\r\n", "0\r\n\r\n", "");
        IsWhole = odd == size && lineEnd == "\r\n" && end.StartsWith("\r\n0", StringComparison.Ordinal);
        bytes.AddRange(Encoding.Latin1.GetBytes(odd + lineEnd));
        bytes.AddRange(body);
        bytes.AddRange(Encoding.Latin1.GetBytes(end));
        return [.. bytes];
    }

    private byte[] Body()
    {
        var json = _random.Next(8) switch
        {
            0 => Value(0),
            1 => Nested(Pick(1, 30, 61, 62, 63, 64, 65, 200, 10_000)),
            2 => $"{{\"method\":\"{Pick(Texts)}\",\"method\":\"{Pick(Texts)}\",\"params\":{{\"a\":1,\"a\":2}}}}",
            _ => $"{{\"method\":\"{Pick(Texts)}\",\"params\":{Value(0)},\"options\":{{\"timeoutMs\":2000,{Members(3)}}}}}",
        };
        if (Chance(10))
            json = $"{{\"name\":\"{Pick(Texts)}\",\"uri\":\"{Pick(Texts)}\",{Members(3)}}}";
        // Latin-1 makes bytes that are no UTF-8.
        var bytes = (Chance(20) ? Encoding.Latin1 : Encoding.UTF8).GetBytes(json);
        for (var changes = Chance(30) ? _random.Next(1, 6) : 0; changes > 0 && bytes.Length > 0; changes--)
            bytes[_random.Next(bytes.Length)] = (byte)_random.Next(256);
        return bytes;
    }

    private string Nested(int depth) =>
        Pick("", "{\"method\":\"echo\",\"params\":{\"a\":") is { Length: > 0 } start
            ? $"{start}{new string('[', depth)}{new string(']', depth)}}}}}"
            : new string('[', depth);

    private string Members(int depth) =>
        string.Join(',', Enumerable.Range(0, _random.Next(1, 4)).Select(_ => $"\"{Pick(Fields)}\":{Value(depth)}"));

    private string Value(int depth) => _random.Next(depth > 3 ? 5 : 8) switch
    {
        0 => Pick(Numbers),
        1 => Pick("null", "true", "false", "undefined"),
        2 => $"\"{new string('x', Pick(0, 10, 5_000, 70_000))}\"",
        3 or 4 => $"\"{Pick(Texts)}\"",
        5 => $"[{string.Join(',', Enumerable.Range(0, _random.Next(4)).Select(_ => Value(depth + 1)))}]",
        _ => $"{{{Members(depth + 1)}}}",
    };

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(params T[] choices) => choices[_random.Next(choices.Length)];
}
