using System.Text.Json;
using Akka.Configuration;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using Xunit;

namespace McpActors.Tests.Configuration;

public sealed class ReferenceConfTests
{
    // Another value for each key; the test finds the setting that it changes.
    private static readonly Dictionary<string, string> Others = new()
    {
        ["servers"] = "{ a { uri = \"memory://a\" } }",
        ["load-balancing"] = "random",
        ["groups"] = "{ g { load-balancing = random } }",
        ["routes"] = "[{ match = \"*\", group = default }]",
        ["default-route"] = "g\ngroups.g.load-balancing = random",
        ["idempotent-tools"] = "[a]",
        ["failover.on-server-error"] = "always",
        ["failover.min-delay"] = "30ms",
    };

    [Fact]
    public void Defaults_in_the_file_and_in_code_are_the_same()
    {
        Assert.Equal(Json(new PoolSettings()), Json(PoolConfiguration.Read(PoolConfiguration.Reference)));
        Assert.Equal(Json(new PoolSettings()), Json(PoolConfiguration.Read(ConfigurationFactory.Empty)));
    }

    [Theory]
    [InlineData("hocon", "reference.conf")]
    [InlineData("docs", "configuration.md")]
    [InlineData("docs", "balancing.md")]
    public void Every_strategy_is_documented(string folder, string file)
    {
        var text = File.ReadAllText(Repository.File(Path.Combine(folder, file)));

        Assert.All(StrategyNames.All, name => Assert.Contains(name, text, StringComparison.Ordinal));
    }

    [Fact]
    public void The_file_has_exactly_the_keys_that_are_read()
    {
        var findings = new Findings();
        PoolReader.Read(new Section(new ObjectNode(null), KeyPath.Pool, findings), ".");
        var blocks = findings.Asked.Where(a => findings.Asked.Any(b => b.StartsWith(a + ".", StringComparison.Ordinal)));

        Assert.Equal(findings.Asked.Except(blocks).Order(), Keys().Select(k => $"{KeyPath.Pool}.{k}").Order());
    }

    [Fact]
    public void Every_setting_has_a_key_of_its_own()
    {
        var keys = Keys().Where(k => k is not ("import" or "trust-annotations")).ToList();
        var changed = keys.ToDictionary(k => k, k => Changed(k, Other(k)));

        Assert.All(changed, c => Assert.NotEmpty(c.Value));
        Assert.Equal(Leaves(Json(new PoolSettings())).Keys.Order(), changed.SelectMany(c => c.Value).Distinct().Order());
    }

    [Fact]
    public void A_server_without_trust_annotations_has_the_pools()
    {
        var settings = PoolConfiguration.Read(ConfigurationFactory.ParseString("""
            mcp-actors.pool {
              trust-annotations = off
              servers { a { uri = "memory://a" }
                        b { uri = "memory://b", trust-annotations = on } }
            }
            """));

        Assert.Equal([false, true], settings.Servers.Select(s => s.TrustAnnotations));
    }

    [Fact]
    public void The_keys_of_a_server_that_the_file_shows_are_those_that_are_read()
    {
        var example = string.Join('\n', File.ReadLines(Repository.File("hocon/reference.conf"))
            .SkipWhile(l => l != "  # servers {").TakeWhile(l => l != "  servers { }").Select(l => l.TrimStart().TrimStart('#')));
        using var search = new Variable("x");
        using var folder = new ConfigurationFolder();
        example = example.Replace("SEARCH_TOKEN", search.Name).Replace("SEARCH_KEY", search.Name).Replace("FILES_KEY", search.Name);
        var settings = folder.Read($"mcp-actors.pool {{ {example} }}");

        Assert.Equal(["remote", "local"], settings.Servers.Select(s => s.Name));
        Assert.Equal("x", settings.Servers[0].Token?.Resolve());
    }

    [Fact]
    public void The_guide_names_every_key()
    {
        var guide = File.ReadAllText(Repository.File("docs/configuration.md"));

        Assert.All(Keys(), k => Assert.Contains($"`{k}`", guide, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Keys() =>
        Keys((ObjectNode)AkkaTree.Read(PoolConfiguration.Reference, ["mcp-actors", "pool"], [])!, "");

    private static IEnumerable<string> Keys(ObjectNode block, string prefix) => block.Items.SelectMany(i =>
        i.Value is ObjectNode { Items.Count: > 0 } inner ? Keys(inner, $"{prefix}{i.Key}.") : [prefix + i.Key]);

    private static string Other(string key) =>
        Others.GetValueOrDefault(key) ?? PoolConfiguration.Reference.GetString($"{KeyPath.Pool}.{key}") switch
        {
            "on" => "off",
            "off" when key == "slow-start" => "30s",
            "off" when key.StartsWith("failover", StringComparison.Ordinal) => "on",
            "off" => "0.5",
            "auto" => "7s",
            var size when size.EndsWith("MiB", StringComparison.Ordinal) => "5 MiB",
            var number when double.TryParse(number, out var value) => value < 1 ? "0.3" : "7",
            _ => "7s",
        };

    private static IEnumerable<string> Changed(string key, string value)
    {
        var before = Leaves(Json(new PoolSettings()));
        var after = Leaves(Json(PoolConfiguration.Read(ConfigurationFactory.ParseString($"mcp-actors.pool {{\n {key} = {value}\n }}"))));
        return before.Keys.Where(k => after[k] != before[k] && !(key == "default-route" && k == "Groups"));
    }

    private static Dictionary<string, string> Leaves(string json)
    {
        var leaves = new Dictionary<string, string>();
        foreach (var property in JsonDocument.Parse(json).RootElement.EnumerateObject())
        {
            if (property.Value.ValueKind == JsonValueKind.Object && property.Name != nameof(PoolSettings.Groups))
            {
                foreach (var (name, value) in Leaves(property.Value.GetRawText()))
                    leaves[$"{property.Name}.{name}"] = value;
            }
            else
            {
                leaves[property.Name] = property.Value.GetRawText();
            }
        }
        return leaves;
    }

    private static string Json(PoolSettings settings) => JsonSerializer.Serialize(settings);
}
