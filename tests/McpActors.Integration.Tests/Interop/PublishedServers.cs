using System.Text.Json;

namespace McpActors.Tests.Interop;

/// <summary>
/// The published servers: the reference servers and popular ones that start without an account, by each transport they have, and some of
/// them behind gateways and a reverse proxy.
/// </summary>
internal static class PublishedServers
{
    private const string Everything = "@modelcontextprotocol/server-everything/dist/index.js";
    private const string Playwright = "@playwright/mcp/cli.js";
    private const string OpenApi = "@ivotoby/openapi-mcp-server/bin/mcp-server.js";
    private const string CodeRunner = "mcp-server-code-runner/dist/cli.js";
    private const string SystemMonitor = "@modelcontextprotocol/server-system-monitor/dist/index.js";
    private const string Files = "@agent-infra/mcp-server-filesystem/dist/index.cjs";
    private const string Time = "time-mcp/dist/index.js";
    private const string Supergateway = "supergateway/dist/index.js";

    private const string Http = "http://127.0.0.1/mcp";
    private const string Sse = "http://127.0.0.1/sse";

    private static readonly ToolCall Echo = Call("echo", new { message = "hello" }, "Echo: hello");
    private static readonly ToolCall DaysInMonth = Call("days_in_month", new { date = "2024-02-10" }, "29");
    private static readonly ToolCall RunCode =
        Call("run-code", new { code = "console.log(6 * 7)", languageId = "javascript" }, "42");

    private static readonly ToolCall SystemInfo = Call("get-system-info", new { }, "totalBytes");
    private static readonly ToolCall Endpoints = Call("list-api-endpoints", new { }, "/pets");

    // It starts the browser with its first call, and answers with an error of the tool when there is none.
    private static readonly ToolCall NoBrowser = Call("browser_navigate", new { url = "about:blank" }, "executable doesn't exist");

    /// <summary>The servers, with their files in this directory.</summary>
    public static IReadOnlyList<PublishedServer> All(string directory)
    {
        string PathOf(string name) => Path.Combine(directory, name);
        var read = Call("read_file", new { path = PathOf(Greeting) }, GreetingText);
        var entity = new { name = "pool", entityType = "thing", observations = Array.Empty<string>() };
        var create = Call("create_entities", new { entities = new[] { entity } }, "pool");
        var lint = Call("lint-files", new { filePaths = new[] { PathOf(Script) } }, "no-var");
        string[] browser = ["--executable-path", PathOf("no-browser"), "--headless", "--isolated"];
        string[] api = ["--api-base-url", "http://127.0.0.1", "--openapi-spec", PathOf(ApiDescription), "--tools", "dynamic"];

        return
        [
            Stdio("everything", Everything, Echo, "stdio"),
            Stdio("filesystem", "@modelcontextprotocol/server-filesystem/dist/index.js", read with { Tool = "read_text_file" }, directory),
            Stdio("memory", "@modelcontextprotocol/server-memory/dist/index.js", create)
                .With("MEMORY_FILE_PATH", PathOf("memory.jsonl")),
            Stdio(
                "sequential-thinking",
                "@modelcontextprotocol/server-sequential-thinking/dist/index.js",
                Call(
                    "sequentialthinking",
                    new { thought = "one", nextThoughtNeeded = false, thoughtNumber = 1, totalThoughts = 1 },
                    "thoughtHistoryLength")),
            Stdio("system-monitor", SystemMonitor, SystemInfo, "--stdio"),
            Stdio("playwright", Playwright, NoBrowser, browser),
            Stdio("eslint", "@eslint/mcp/src/mcp-cli.js", lint),
            Stdio("openapi", OpenApi, Endpoints, api),
            Stdio("time", Time, DaysInMonth),
            Stdio("hello-world", "mcp-hello-world/build/stdio.js", Call("add", new { a = 2, b = 3 }, "5")),
            Stdio("calc", "@coo-quack/calc-mcp/dist/index.js", Call("math", new { expression = "6 * 7", action = "eval" }, "42")),
            Stdio("code-runner", CodeRunner, RunCode),
            Stdio("knowledge-graph", "@itseasy21/mcp-knowledge-graph/dist/index.js", create, "--memory-path", PathOf("graph.jsonl")),
            Stdio("task-manager", "mcp-shrimp-task-manager/dist/index.js", Call("list_tasks", new { status = "all" }, "##"))
                .With("DATA_DIR", PathOf("tasks")),
            Stdio("agent-filesystem", Files, read, "--allowed-directories", directory),

            Listening("everything-http", Everything, Http, Echo, "streamableHttp"),
            Listening("everything-sse", Everything, Sse, Echo, "sse"),
            Listening("system-monitor-http", SystemMonitor, Http, SystemInfo),
            // It answers only to the name localhost.
            Listening("playwright-http", Playwright, "http://localhost/mcp", NoBrowser, ["--port", "1", .. browser]),
            Listening("playwright-sse", Playwright, "http://localhost/sse", NoBrowser, ["--port", "1", .. browser]),
            Listening("hello-world-sse", "mcp-hello-world/build/http.js", Sse, Call("add", new { a = 2, b = 3 }, "5")),
            Listening("code-runner-http", CodeRunner, Http, RunCode, "--transport", "http"),
            Listening("agent-filesystem-http", Files, Http, read, "--port", "1", "--allowed-directories", directory),
            Listening("agent-filesystem-sse", Files, Sse, read, "--port", "1", "--allowed-directories", directory),

            Gateway("supergateway-sse", "sse", Sse),
            Gateway("supergateway-http", "streamableHttp", Http),
            Gateway("supergateway-ws", "ws", "ws://127.0.0.1/message"),
            Listening("mcp-proxy", "mcp-proxy/dist/bin/mcp-proxy.mjs", Http, DaysInMonth, ["--", .. TimeCommand]),
            Stdio("mcp-remote", "mcp-remote/dist/proxy.js", Echo, "{everything-http}", "--transport", "http-only", "--allow-http")
                .With("MCP_REMOTE_CONFIG_DIR", PathOf("remote")),
            Nginx("nginx-http", Http, directory),
            Nginx("nginx-sse", Sse, directory),
        ];
    }

    /// <summary>Writes the files that the servers read.</summary>
    public static async Task PrepareAsync(string directory)
    {
        async Task WriteAsync(string name, string text) => await File.WriteAllTextAsync(Path.Combine(directory, name), text);
        await WriteAsync(Greeting, GreetingText);
        await WriteAsync(Script, "var a = 1;\n");
        await WriteAsync("eslint.config.mjs", """export default [{ rules: { "no-var": "error" } }];""");
        await WriteAsync(
            ApiDescription,
            """
            {
              "openapi": "3.0.0", "info": { "title": "pets", "version": "1" },
              "paths": { "/pets": { "get": { "operationId": "pets", "responses": { "200": { "description": "all" } } } } }
            }
            """);
    }

    private const string Greeting = "greeting.txt";
    private const string GreetingText = "hello from a file";
    private const string Script = "script.js";
    private const string ApiDescription = "api.json";

    private static IEnumerable<string> TimeCommand => [NodePackages.Node, .. NodeServer.Arguments(Time)];

    private static PublishedServer Stdio(string name, string module, ToolCall call, params IReadOnlyList<string> arguments) =>
        new(name, module, arguments, call);

    private static PublishedServer Listening(
        string name, string module, string uri, ToolCall call, params IReadOnlyList<string> arguments) =>
        new(name, module, arguments, call) { Uri = new Uri(uri) };

    private static PublishedServer Gateway(string name, string transport, string uri) => Listening(
        name, Supergateway, uri, DaysInMonth,
        "--stdio", string.Join(' ', TimeCommand.Select(word => $"\"{word}\"")), "--outputTransport", transport, "--port", "0");

    private static PublishedServer Nginx(string name, string uri, string directory) => Listening(
        name, NodePackages.Script("nginx.cjs"), uri, Echo,
        Path.Combine(directory, name), "{everything-http.port}", "{everything-sse.port}");

    private static PublishedServer With(this PublishedServer server, string variable, string value) => server with
    {
        Environment = new Dictionary<string, string>(server.Environment) { [variable] = value },
    };

    private static ToolCall Call(string tool, object arguments, string answer) =>
        new(tool, JsonSerializer.SerializeToElement(arguments), answer);
}
