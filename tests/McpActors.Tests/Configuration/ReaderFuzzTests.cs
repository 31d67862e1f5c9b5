using System.Text;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>
/// Files that nobody would write, made from good ones by a generator with a fixed seed: each is read or refused with its problems, and
/// nothing else happens. <c>MCPACTORS_FUZZ_SECONDS</c> lets it run longer, each file with a seed of its own.
/// </summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private const int Files = 500;

    private const string Hocon = """
        include "other.conf"
        defaults { group = search, weight = 2, auth { type = token, token-env = MCPACTORS_FUZZ } }
        mcp-actors.pool {
          load-balancing = round-robin, call-timeout = 30s, max-request-size = 4 MiB, import = ["mcp.json"]
          failover { enabled = on, max-attempts = 3 }
          servers {
            a = ${defaults} { uri = "ws://localhost:3000", auth { type = token, token-file = "token" }, priority = 1 }
            "b.c" { command = npx, args = ["-y", ${?NAME}"x"], env { A = 1, B { env = C } }, cwd = "folder" }
            c { uri = "https://h/mcp", headers { X-A = "b", "X-B" { file = "token" } } }
          }
          servers.c.weight += 1
          routes = [ { match = "read_*", group = files }, { match = "regex:^search", group = search, load-balancing = random } ]
        }
        text = "many lines" # comment
        list = [1, 2] ${list} // comment
        """;

    private const string McpJson = """
        { "mcpServers": {
            "github": { "command": "docker", "args": ["run", "${A:-x}", 5, true], "env": { "TOKEN": "${env:B}", "N": 3 }, "cwd": "a" },
            "search": { "type": "http", "url": "https://search.example/mcp?a=b", "headers": { "Authorization": "Bearer ${KEY}" } },
            "old": { "command": "x", "disabled": true } }, "inputs": [] }
        """;

    private static readonly string[] Tokens =
    [
        "{", "}", "[", "]", "(", ")", "=", ":", "+=", ",", "\n", "\r", "\0", "\t", "\"", "\"\"\"", "'", "`", "\\", "/", "//", "#", "$",
        "${",
        "${?", "${a}", "${?a.b}", "${mcp-actors}", "${list}", "include ", "include \"other.conf\"", "include file(\"mcp.json\")",
        "include required(\"none\")", "null", "true", "on", "-1", "0x10", "1e999", "99999999999999999999", "NaN", "∞", "10 parsecs",
        "\\u0000", "\\ud800", "\\udfff", "\ud800", "\udfff", "\ufeff", "\u0085", "\u2028", "\u202e", "é", "😀", ".", "..", "a.b.c.d",
        "\"a\\u0000b\"", "/dev/zero", "/dev/null", "../../..", "servers", "mcpServers", "pool", "url", "uri", "command", "memory://",
        "http://[::1%25lo]", "http://\\ud800", "regex:((((", "regex:(a+)+$", "*", "?",
    ];

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public Task A_HOCON_file_is_read_or_refused() => RunAsync(random =>
    {
        Write("other.conf", "list = [1], other.key = 1", random);
        Write("pool.conf", Hocon, random);
    });

    [Fact]
    public Task An_mcp_json_is_read_or_refused() => RunAsync(random =>
    {
        Write("mcp.json", McpJson, random);
    });

    private async Task RunAsync(Action<Random> write)
    {
        _folder.Write("mcp.json", McpJson);
        _folder.Write("other.conf", "list = [1]");
        _folder.Write("token", "a token");
        var file = _folder.Write("pool.conf", Hocon.Replace("include \"other.conf\"", "", StringComparison.Ordinal));
        foreach (var seed in Fuzz.Seeds(Files))
        {
            write(new Random(seed));
            await ReadAsync(file, seed);
        }
    }

    private static async Task ReadAsync(string file, int seed)
    {
        try
        {
            // A reader that does not end fails here.
            var read = await Task.Run(() => ConfigurationFile.Read(file)).WaitAsync(TimeSpan.FromSeconds(30));
            Assert.True(read.Settings is not null || read.Problems.Count > 0, "settings or problems");
            Assert.All(read.Problems, problem => Assert.NotEmpty(problem.Message));
            try
            {
                PoolConfiguration.LoadFile(file);
            }
            catch (InvalidSettingsException)
            {
                // The documented refusal.
            }
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            throw new InvalidOperationException($"seed {seed}", e);
        }
    }

    // One file in four is not UTF-8.
    private void Write(string name, string good, Random random) => File.WriteAllBytes(
        Path.Combine(_folder.Path, name),
        (random.Next(4) == 0 ? Encoding.Latin1 : new UTF8Encoding(false, false)).GetBytes(Mutate(good, random)));

    private static string Mutate(string good, Random random)
    {
        var text = new StringBuilder(good);
        for (var changes = random.Next(1, 8); changes > 0; changes--)
        {
            var at = random.Next(text.Length + 1);
            var token = Tokens[random.Next(Tokens.Length)];
            switch (random.Next(7))
            {
                case 0:
                    text.Insert(at, token);
                    break;
                case 1:
                    text.Remove(at, Math.Min(random.Next(1, 20), text.Length - at));
                    break;
                case 2:
                    text.Insert(at, string.Concat(Enumerable.Repeat(token, random.Next(2, 3_000))));
                    break;
                case 3:
                    var from = random.Next(text.Length + 1);
                    text.Insert(at, text.ToString(from, Math.Min(random.Next(1, 200), text.Length - from)));
                    break;
                case 4 when at < text.Length:
                    text[at] = (char)random.Next(0, 0x10000);
                    break;
                case 5 when at < text.Length:
                    text[at] = (char)random.Next(0, 128);
                    break;
                default:
                    text.Insert(at, $"{token}{Tokens[random.Next(Tokens.Length)]}{Tokens[random.Next(Tokens.Length)]}");
                    break;
            }
        }
        return text.ToString();
    }
}
