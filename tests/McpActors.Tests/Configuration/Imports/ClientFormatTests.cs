using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration.Imports;

/// <summary>
/// The files of MCP clients, as their documentation writes them (<c>docs/compatibility.md</c> names the pages): what each server is here.
/// </summary>
public sealed class ClientFormatTests : IDisposable
{
    private const string Import = "mcp-actors.pool { import = [\"FILE\"] }";

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>Client, file, its text, and the servers in the words of <see cref="Describe"/>.</summary>
    public static TheoryData<string, string, string, string[]> Files => new()
    {
        {
            "Claude Desktop", "claude_desktop_config.json",
            """
            { "mcpServers": { "filesystem": { "command": "npx",
              "args": ["-y", "@modelcontextprotocol/server-filesystem", "/data/desktop"] } }, "globalShortcut": "" }
            """,
            ["filesystem: npx [-y] [@modelcontextprotocol/server-filesystem] [/data/desktop]"]
        },
        {
            "Claude Code", ".mcp.json",
            """
            { "mcpServers": {
              "api": { "type": "http", "url": "${MCPACTORS_UNSET:-https://api.example.com}/mcp", "headers": { "X-Key": "abc" },
                "timeout": 600000 },
              "db": { "type": "stdio", "command": "${CLAUDE_PLUGIN:-/opt/x}/bin", "args": ["--dsn", "${DSN}"],
                "env": { "DSN": "pg://x" } } } }
            """,
            ["api: https://api.example.com/mcp X-Key=abc", "db: /opt/x/bin [--dsn] [pg://x] DSN=pg://x"]
        },
        {
            "Cursor", ".cursor/mcp.json",
            """
            { "mcpServers": { "local": { "type": "stdio", "command": "python", "args": ["${workspaceFolder}/server.py"],
              "env": { "API_KEY": "v" }, "envFile": ".env" },
              "remote": { "url": "http://localhost:3000/mcp", "headers": { "API_KEY": "v" } } } }
            """,
            ["local: python [{folder}/server.py] API_KEY=v FROM_FILE=1", "remote: http://localhost:3000/mcp API_KEY=v"]
        },
        {
            "VS Code, workspace", ".vscode/mcp.json",
            """
            { // comments and trailing commas are usual here
              "inputs": [{ "type": "promptString", "id": "key", "description": "Key", "password": true, "default": "from-default" }],
              "servers": {
                "perplexity": { "type": "stdio", "command": "npx", "args": ["-y", "server-perplexity-ask"],
                  "env": { "PERPLEXITY_API_KEY": "${input:key}" }, "envFile": "${workspaceFolder}/.env", "dev": { "watch": "src/**" } },
                "context7": { "type": "http", "url": "https://mcp.context7.com/mcp" }, }, }
            """,
            ["perplexity: npx [-y] [server-perplexity-ask] FROM_FILE=1 PERPLEXITY_API_KEY=from-default",
                "context7: https://mcp.context7.com/mcp"]
        },
        {
            "VS Code, settings", "settings.json",
            """
            { "editor.fontSize": 12, "mcp": { "inputs": [], "servers": { "time": { "command": "uvx", "args": ["mcp-server-time"] } } } }
            """,
            ["time: uvx [mcp-server-time]"]
        },
        {
            "VS Code, dotted settings", "settings.json",
            """{ "mcp.servers": { "time": { "command": "uvx" } } }""",
            ["time: uvx"]
        },
        {
            "GitHub Copilot CLI", "mcp-config.json",
            """
            { "mcpServers": { "playwright": { "type": "local", "command": "npx", "args": ["@playwright/mcp@latest"],
                "tools": ["*"], "env": {} },
              "remote": { "type": "http", "url": "https://x.example/mcp", "headers": {}, "tools": ["*"] } } }
            """,
            ["playwright: npx [@playwright/mcp@latest]", "remote: https://x.example/mcp"]
        },
        {
            "Windsurf", "mcp_config.json",
            """
            { "mcpServers": { "remote-http-mcp": { "serverUrl": "https://x.example/mcp", "headers": { "API_KEY": "Bearer v" } },
              "off": { "command": "x", "disabled": true } } }
            """,
            ["remote-http-mcp: https://x.example/mcp API_KEY=Bearer v"]
        },
        {
            "Cline", "cline_mcp_settings.json",
            """
            { "mcpServers": { "local-server": { "command": "node", "args": ["/path/to/server.js"], "env": { "API_KEY": "k" },
              "alwaysAllow": ["tool1"], "autoApprove": [], "disabled": false, "timeout": 20 },
              "remote-server": { "type": "streamableHttp", "url": "https://x.example/mcp", "disabled": false } } }
            """,
            ["local-server: node [/path/to/server.js] API_KEY=k", "remote-server: https://x.example/mcp"]
        },
        {
            "Roo Code", ".roo/mcp.json",
            """
            { "mcpServers": { "local": { "command": "node", "args": ["server.js"], "cwd": "/srv", "alwaysAllow": ["t"],
                "watchPaths": ["x"] },
              "modern": { "type": "streamable-http", "url": "https://x.example/api/mcp", "headers": { "X-API-Key": "k" } },
              "legacy": { "type": "sse", "url": "https://x.example/base" } } }
            """,
            ["local: node [server.js] in /srv", "modern: https://x.example/api/mcp X-API-Key=k", "legacy: https://x.example/base"]
        },
        {
            "Zed", "settings.json",
            """
            { "theme": "One", "context_servers": {
              "custom": { "source": "custom", "enabled": true, "command": "some-command", "args": ["arg-1"], "env": {} },
              "older": { "source": "custom", "command": { "path": "npx", "args": ["-y", "x"], "env": { "A": "1" } }, "settings": {} },
              "remote": { "url": "https://x.example/mcp", "headers": { "Authorization": "Bearer t" } },
              "off": { "source": "custom", "command": "y", "enabled": false } } }
            """,
            ["custom: some-command [arg-1]", "older: npx [-y] [x] A=1", "remote: https://x.example/mcp Authorization=Bearer t"]
        },
        {
            "Gemini CLI", ".gemini/settings.json",
            """
            { "mcp": { "allowed": ["pythonTools", "httpServer"], "excluded": ["httpServer"] },
              "mcpServers": {
              "pythonTools": { "command": "python", "args": ["-m", "my_mcp_server"], "cwd": "./mcp-servers/python",
                "env": { "DATABASE_URL": "$HOME_NOT_SET" }, "timeout": 15000, "trust": true },
              "httpServer": { "httpUrl": "http://localhost:3000/mcp" }, "other": { "url": "http://localhost:8080/sse" } } }
            """,
            ["pythonTools: python [-m] [my_mcp_server] in {folder}/mcp-servers/python DATABASE_URL=$HOME_NOT_SET"]
        },
        {
            "Gemini CLI, remote", "settings.json",
            """
            { "mcpServers": { "http": { "httpUrl": "http://localhost:3000/mcp", "timeout": 5000, "headers": { "X": "y" } },
              "sse": { "url": "http://localhost:8080/sse" } } }
            """,
            ["http: http://localhost:3000/mcp X=y", "sse: http://localhost:8080/sse"]
        },
        {
            "opencode 1", "opencode.json",
            """
            { "$schema": "https://opencode.ai/config.json", "mcp": {
              "local": { "type": "local", "command": ["bun", "x", "my-mcp-command"], "enabled": true,
                "environment": { "A": "1" }, "timeout": 5000 },
              "remote": { "type": "remote", "url": "https://x.example", "headers": { "Authorization": "Bearer {file:key}" },
                "oauth": false },
              "off": { "type": "local", "command": ["bun"], "enabled": false } } }
            """,
            ["local: bun [x] [my-mcp-command] A=1", "remote: https://x.example/ Authorization=Bearer from-file"]
        },
        {
            "opencode 2", "opencode.jsonc",
            """
            { "mcp": { "servers": { "everything": { "type": "local", "command": ["npx", "-y", "everything"], "cwd": ".",
              "environment": { "LOG": "1" }, "timeout": { "startup": 1000 } },
              "off": { "type": "local", "command": ["x"], "disabled": true } } } }
            """,
            ["everything: npx [-y] [everything] in {folder} LOG=1"]
        },
        {
            "Codex, as JSON", "config.json",
            """
            { "mcp_servers": { "docs": { "command": "docs-server", "args": ["--port", 4000], "env": { "A": "1" },
                "env_vars": ["MCPACTORS_NONE"],
              "startup_timeout_sec": 20, "tool_timeout_sec": 25, "enabled": true },
              "figma": { "url": "https://mcp.figma.com/mcp", "http_headers": { "X-Region": "us" } },
              "off": { "command": "x", "enabled": false } } }
            """,
            ["docs: docs-server [--port] [4000] A=1", "figma: https://mcp.figma.com/mcp X-Region=us"]
        },
        {
            "LM Studio", "mcp.json",
            """
            { "mcpServers": { "hf-mcp-server": { "url": "https://huggingface.co/mcp", "headers": { "Authorization": "Bearer t" } } } }
            """,
            ["hf-mcp-server: https://huggingface.co/mcp Authorization=Bearer t"]
        },
        {
            "Cherry Studio", "mcp.json",
            """
            { "mcpServers": { "a1B2": { "name": "everything", "type": "stdio", "isActive": true, "command": "npx",
                "args": ["-y", "x"],
              "registryUrl": "", "logoUrl": "", "baseUrl": "" },
              "c3D4": { "name": "web", "type": "streamableHttp", "isActive": true, "baseUrl": "https://x.example/mcp",
                "command": "", "args": [] },
              "e5F6": { "type": "stdio", "isActive": false, "command": "npx" } } }
            """,
            ["a1B2: npx [-y] [x]", "c3D4: https://x.example/mcp"]
        },
        {
            "Continue", ".continue/mcpServers/mcp.json",
            """
            { "mcpServers": [ { "name": "SQLite MCP", "command": "npx", "args": ["-y", "mcp-sqlite", "/db"] },
              { "name": "web", "type": "streamable-http", "url": "https://x.example/mcp",
                "requestOptions": { "headers": { "Authorization": "Bearer t" } } } ] }
            """,
            ["SQLite-MCP (SQLite MCP): npx [-y] [mcp-sqlite] [/db]", "web: https://x.example/mcp Authorization=Bearer t"]
        },
        {
            "Goose, as JSON", "config.json",
            """
            { "GOOSE_MODEL": "m", "extensions": {
              "github": { "name": "GitHub", "type": "stdio", "cmd": "npx", "args": ["-y", "x"], "enabled": true, "timeout": 20,
                "envs": { "TOKEN": "t" }, "env_keys": ["MCPACTORS_NONE"] },
              "web": { "type": "streamable_http", "uri": "https://x.example/mcp", "enabled": true, "headers": {} },
              "developer": { "type": "builtin", "bundled": true, "enabled": false } } }
            """,
            ["github: npx [-y] [x] TOKEN=t", "web: https://x.example/mcp"]
        },
        {
            "AnythingLLM", "anythingllm_mcp_servers.json",
            """
            { "mcpServers": { "face": { "command": "npx", "args": ["-y", "x"], "anythingllm": { "autoStart": true } },
              "off": { "command": "x", "anythingllm": { "autoStart": false } } } }
            """,
            ["face: npx [-y] [x]"]
        },
        {
            "Baidu Comate", ".comate/mcp.json",
            """
            { "mcpServers": { "sse": { "transportType": "sse", "url": "https://x.example/sse", "timeout": 25, "disabled": "false",
              "requestInit": { "headers": { "A": "low", "B": "2" } }, "headers": { "A": "high" } } } }
            """,
            ["sse: https://x.example/sse A=high B=2"]
        },
        {
            "Kilo Code", ".kilocode/mcp.json",
            """{ "mcpServers": { "s": { "command": "node", "args": ["s.js"], "env": {}, "alwaysAllow": [], "disabled": false } } }""",
            ["s: node [s.js]"]
        },
        {
            "Amp", "settings.json",
            """{ "amp.mcpServers": { "playwright": { "command": "npx", "args": ["-y", "@playwright/mcp"] } } }""",
            ["playwright: npx [-y] [@playwright/mcp]"]
        },
        {
            "A plugin of Claude Code, and a README", "mcp.json",
            """{ "@acme/fs": { "command": "node", "args": ["${__dirname}/s.js"] }, "//old": { "command": "x" } }""",
            ["acme-fs (@acme/fs): node [{folder}/s.js]"]
        },
        {
            "A transport in a block of its own", "mcp.json",
            """
            { "mcpServers": { "core": { "transport": { "type": "http", "url": "http://localhost:8002", "headers": { "x-token": "t" } } },
              "ws": { "transport": "WebSocket", "uri": "ws://localhost:9" } } }
            """,
            ["core: http://localhost:8002/ x-token=t", "ws: ws://localhost:9/"]
        },
        {
            "A whole command line", "mcp.json",
            """{ "mcpServers": { "s": { "command": "npx -y 'my server'", "args": ["--x"], "working_directory": "sub", "url": "" } } }""",
            ["s: npx [-y] [my server] [--x] in {folder}/sub"]
        },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public void Reads_the_file_of(string client, string file, string text, string[] expected)
    {
        _folder.Write(".env", client == "Cursor" ? "FROM_FILE=1\nAPI_KEY=overridden\n" : "FROM_FILE=1\n");
        _folder.Write("key", "from-file\n");
        _folder.Write(file, text);

        var servers = _folder.Read(Import.Replace("FILE", file, StringComparison.Ordinal)).Servers;

        Assert.Equal(expected.Select(line => line.Replace("{folder}", _folder.Path, StringComparison.Ordinal)), servers.Select(Describe));
    }

    [Theory]
    [InlineData("\uFEFF{ \"mcpServers\": { \"a\": { \"command\": \"x\" } } }")]
    [InlineData("{\r\n  \"mcpServers\": {\r\n    \"a\": { \"command\": \"x\", },\r\n  }, /* c */\r\n}\r\n")]
    public void Marks_of_byte_order_line_ends_comments_and_commas_do_not_matter(string text)
    {
        _folder.Write("mcp.json", text);

        Assert.Equal("a: x", Describe(Assert.Single(_folder.Read(Import.Replace("FILE", "mcp.json", StringComparison.Ordinal)).Servers)));
    }

    private static string Describe(ServerSettings server) => string.Concat(
        server.Name,
        server.DisplayName is { } known ? $" ({known}): " : ": ",
        server.Uri?.ToString() ?? server.Command,
        string.Concat(server.Args.Select(arg => $" [{arg}]")),
        server.WorkingDirectory is { } folder ? $" in {folder}" : "",
        string.Concat(server.Environment.Concat(server.Headers).OrderBy(secret => secret.Key, StringComparer.Ordinal)
            .Select(secret => $" {secret.Key}={secret.Value.Resolve()}")));
}
