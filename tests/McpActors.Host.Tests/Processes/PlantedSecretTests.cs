using System.Net.Http.Headers;

namespace McpActors.Host.Tests.Processes;

/// <summary>Sets a marked secret in every place for one, uses everything, and searches all output for the marks.</summary>
public class PlantedSecretTests
{
    [Fact]
    public async Task No_output_contains_a_secret()
    {
        const string access = "planted-access-token-0";
        using var tokenFile = new TempFile("planted-token-file-1");
        // The commonest way in which programs receive keys.
        using var imported = new TempFile("""
            { "mcpServers": {
              "imported": { "command": "sh", "args": ["-c", "echo $0 $1 >&2; exit 3", "${PLANTED_ARG}", "--token=${PLANTED_PART}"] },
              "address": { "url": "http://127.0.0.1:1/mcp?key=${PLANTED_PART}" } } }
            """);
        using var file = new TempFile($$"""
            mcp-actors.pool {
              import = ["{{imported.Name}}"]
              reconnect { min-backoff = 100ms }
              servers {
                by-file { uri = "http://127.0.0.1:1/mcp?key=planted-in-query-2", auth { type = token, token-file = "{{tokenFile.Name}}" } }
                by-env { uri = "ws://127.0.0.1:1", auth { type = token, token-env = PLANTED_ENV } }
                by-text {
                  uri = "http://127.0.0.1:1", auth { type = token, token = planted-literal-3 }, headers { X-Key = planted-header-4 }
                }
                program { command = "sh", args = ["-c", "echo $SECRET >&2; exit 3"], env { SECRET { env = PLANTED_ENV } } }
                missing { command = "no-such-program", env { SECRET = planted-env-text-6 } }
              }
            }
            """);
        await using var host = await HostProcess.ServeAsync(
            new Dictionary<string, string>
            {
                ["MCP_ACTORS_ACCESS_TOKEN"] = access,
                ["PLANTED_ENV"] = "planted-env-5",
                ["PLANTED_ARG"] = "planted-argument-6",
                ["PLANTED_PART"] = "planted-part-7",
            },
            "--config", file.Name);
        host.Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", access);
        var seen = new List<string>();
        // Wait until every server has failed once, the program with the secret in its last output; a server that is disconnected earlier
        // may never fail.
        await Eventually.TrueAsync(async () => (await TextAsync(host.Client.GetAsync("/api/status"))).Split("\"lastError\"").Length > 7);

        foreach (var path in new[] { "/", "/api/status", "/health/ready", "/openapi/v1.json", "/metrics", "/login", "/nothing" })
            seen.Add($"{path}: {await TextAsync(host.Client.GetAsync(path))}");
        foreach (var body in new[] { """{"method":"t"}""", """{"method":"t","options":{"server":"by-file"}}""", "{" })
        {
            seen.Add(await TextAsync(host.ExecuteAsync(body)));
            seen.Add(await TextAsync(host.Client.PostAsync("/api/explain", new StringContent(body))));
        }
        seen.Add(await TextAsync(host.Client.PostAsync(
            "/api/servers",
            new StringContent("""{"name":"added","uri":"http://127.0.0.1:1/?k=planted-in-query-7","token":"planted-added-8"}"""))));
        seen.Add(await TextAsync(host.Client.PostAsync(
            "/api/servers",
            new StringContent("""{"name":"added","uri":"http://user:planted-password-9@127.0.0.1:1/","token":"planted-added-8"}"""))));
        foreach (var verb in new[] { "reconnect", "isolate", "reset", "drain", "disconnect" })
            seen.Add(await TextAsync(host.Client.PostAsync($"/api/servers/by-text/{verb}", null)));
        seen.Add(await TextAsync(host.Client.PostAsync("/api/reload", null)));
        seen.Add(await TextAsync(host.Client.GetAsync("/api/status")));
        host.Signal("TERM");
        var (_, error) = await host.EndAsync();
        seen.Add(host.Output);
        seen.Add(error);

        Assert.All(seen, text => Assert.DoesNotContain("planted-", text, StringComparison.Ordinal));
    }

    private static async Task<string> TextAsync(Task<HttpResponseMessage> sending)
    {
        using var response = await sending;
        return $"{response.Headers} {await response.Content.ReadAsStringAsync()}";
    }
}
