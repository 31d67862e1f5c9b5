using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>
/// The sections of the HOCON specification (lightbend/config, HOCON.md) in its order: supported as written there, or refused with a
/// sentence.
/// </summary>
public sealed class HoconSpecificationTests : IDisposable
{
    private const string NotSet = "MCPACTORS_TEST_NOT_SET";

    private static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    // Unchanged from JSON
    [InlineData("""{ "a": { "b": [1, true, "x", null] } }""", """{"a":{"b":["1","true","x",null]}}""")]
    [InlineData(""" a = "\u00e4\n\t\"\\\/" """, """{"a":"ä\n\t\"\\/"}""")]
    // Comments
    [InlineData("a = 1 # x\nb = 2 // y\n# z\n// z", """{"a":"1","b":"2"}""")]
    [InlineData("a = \"# no // comment\"", """{"a":"# no // comment"}""")]
    // Omit root braces
    [InlineData("a = 1", """{"a":"1"}""")]
    [InlineData("{ a = 1 }", """{"a":"1"}""")]
    [InlineData("", "{}")]
    // Key-value separator
    [InlineData("a : 1, b = 2, c { d = 3 }", """{"a":"1","b":"2","c":{"d":"3"}}""")]
    [InlineData("a\n{ b = 1 }\nc\n  =\n  { d = 1 }", """{"a":{"b":"1"},"c":{"d":"1"}}""")]
    [InlineData("a # comment\n# another\n{ b = 1 }", """{"a":{"b":"1"}}""")]
    [InlineData("a =\n[\n1\n]", """{"a":["1"]}""")]
    // Commas
    [InlineData("a = [1\n2\n3]", """{"a":["1","2","3"]}""")]
    [InlineData("a = [1, 2, 3,], b { c = 1, }", """{"a":["1","2","3"],"b":{"c":"1"}}""")]
    [InlineData("a { b = 1 }, c = 2", """{"a":{"b":"1"},"c":"2"}""")]
    // Duplicate keys and object merging
    [InlineData("a = 1\na = 2", """{"a":"2"}""")]
    [InlineData("a { b = 1, c = 1 }\na { b = 2 }", """{"a":{"b":"2","c":"1"}}""")]
    [InlineData("a { b = 1 }\na = null\na { c = 2 }", """{"a":{"c":"2"}}""")]
    [InlineData("a { b = 1 }\na = 2", """{"a":"2"}""")]
    // Unquoted strings
    [InlineData("a = abc-d_e.f/g%h", """{"a":"abc-d_e.f/g%h"}""")]
    // Multi-line strings
    [InlineData("a = \"\"\"x\n \"y\" \\n\"\"\"", """{"a":"x\n \"y\" \\n"}""")]
    [InlineData("a = \"\"\"x\"\"\"\"", """{"a":"x\""}""")]
    [InlineData("a = \"\"\"x\"\"\"\"\"\nb = 1", """{"a":"x\"\"","b":"1"}""")]
    // Value concatenation
    [InlineData("a = one two  three ", """{"a":"one two  three"}""")]
    [InlineData("a = one \"two\" 3", """{"a":"one two 3"}""")]
    [InlineData("a = is null", """{"a":"is null"}""")]
    [InlineData("a = [1] [2] [3]", """{"a":["1","2","3"]}""")]
    [InlineData("a = { b = 1 } { c = 2 }", """{"a":{"b":"1","c":"2"}}""")]
    [InlineData("a = [x y, z]", """{"a":["x y","z"]}""")]
    [InlineData("a = [{ b = 1 } { c = 2 }]", """{"a":[{"b":"1","c":"2"}]}""")]
    // Path expressions and paths as keys
    [InlineData("a.b.c = 1", """{"a":{"b":{"c":"1"}}}""")]
    [InlineData("a.\"b.c\".d = 1", """{"a":{"b.c":{"d":"1"}}}""")]
    [InlineData("a.b = 1\na.c = 2", """{"a":{"b":"1","c":"2"}}""")]
    [InlineData("\"\" = 1", """{"":"1"}""")]
    [InlineData("10.5 = 1", """{"10":{"5":"1"}}""")]
    // Substitutions
    [InlineData("a = 1\nb = ${a}", """{"a":"1","b":"1"}""")]
    [InlineData("b = ${a}\na = 1", """{"b":"1","a":"1"}""")]
    [InlineData("a = 1\nb = ${a}\na = 2", """{"a":"2","b":"2"}""")]
    [InlineData("a.\"b.c\" = 1\nd = ${a.\"b.c\"}", """{"a":{"b.c":"1"},"d":"1"}""")]
    [InlineData("a = x\nb = ${a} y \"z\"${a}", """{"a":"x","b":"x y zx"}""")]
    [InlineData("a = [1]\nb = ${a} [2]", """{"a":["1"],"b":["1","2"]}""")]
    [InlineData("a { x = 1 }\nb = ${a} { y = 2 }", """{"a":{"x":"1"},"b":{"x":"1","y":"2"}}""")]
    [InlineData("a { x = 1 }\nb = ${a}\nb { x = 2 }", """{"a":{"x":"1"},"b":{"x":"2"}}""")]
    [InlineData("a = \"${b}\"", """{"a":"${b}"}""")]
    [InlineData("a = null\nb = ${a}", """{"a":null,"b":null}""")]
    [InlineData("a = ${ b }\nb = 1", """{"a":"1","b":"1"}""")]
    // Optional substitutions
    [InlineData("a = 1\na = ${?" + NotSet + "}", """{"a":"1"}""")]
    [InlineData("a = [1]\na = [2] ${?" + NotSet + "}", """{"a":["2"]}""")]
    [InlineData("a = x\na = \"y\"${?" + NotSet + "}", """{"a":"y"}""")]
    [InlineData("a = \"x\"${?" + NotSet + "}\"z\"", """{"a":"xz"}""")]
    [InlineData("a = [1, ${?" + NotSet + "}, 2]", """{"a":["1","2"]}""")]
    [InlineData("a = { b = 1 } ${?" + NotSet + "}", """{"a":{"b":"1"}}""")]
    // Self-referential substitutions
    [InlineData("a = 1\na = ${a}2", """{"a":"12"}""")]
    [InlineData("a = [1]\na = ${a} [2]\na = ${a} [3]", """{"a":["1","2","3"]}""")]
    [InlineData("a = ${?a} [1]", """{"a":["1"]}""")]
    [InlineData("foo { a { c = 1 } }\nfoo = ${foo.a}\nfoo { a = 2 }", """{"foo":{"a":"2","c":"1"}}""")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }", """{"bar":{"foo":"42","baz":"42"}}""")]
    [InlineData("bar { foo = 42, baz = ${bar.foo} }\nbar { foo = 43 }", """{"bar":{"foo":"43","baz":"43"}}""")]
    [InlineData("bar { a = ${foo.d}, b = 1 }\nbar.b = 3\nfoo { c = ${bar.b}, d = 2 }\nfoo.d = 4",
        """{"bar":{"a":"4","b":"3"},"foo":{"c":"3","d":"4"}}""")]
    [InlineData("base { z = ${a.q} }\na = ${base} { q = 1 }", """{"base":{"z":"1"},"a":{"z":"1","q":"1"}}""")]
    // The += field separator
    [InlineData("a += 1", """{"a":["1"]}""")]
    [InlineData("a = [1]\na += 2\na += [3]", """{"a":["1","2",["3"]]}""")]
    [InlineData("a = [1]\nb { c = ${a} }\nb.c += { d = 2 }", """{"a":["1"],"b":{"c":["1",{"d":"2"}]}}""")]
    public void Is_read_as_specified(string hocon, string json) => Assert.Equal(json, Json(Read(hocon)));

    [Theory]
    // Unchanged from JSON
    [InlineData("[1, 2]", "pool.conf, line 1", "the outermost value is a list")]
    [InlineData("a = \"\\x\"", "pool.conf, line 1", "a backslash must be written twice")]
    // Unquoted strings
    [InlineData("a = x*y", "a", "the character `*` must be in double quotes (pool.conf, line 1)")]
    // Value concatenation
    [InlineData("a = [1] { b = 1 }", "a", "separate them with a comma or a new line (pool.conf, line 1)")]
    [InlineData("a = [1] x", "a", "separate them")]
    // Path expressions: no blanks in a key
    [InlineData("a b = 1", "pool.conf, line 1", "after the key `a` an `=` or a `{` is missing")]
    // Substitutions
    [InlineData("\n\na = ${" + NotSet + "}", "a", "`${" + NotSet + "}` is not set")]
    [InlineData("\n\na = ${" + NotSet + "}", "a", "(pool.conf, line 3)")]
    [InlineData("a = ${b[]}", "pool.conf, line 1", "`${name[]}`, a list from environment variables, is not supported")]
    [InlineData("a = ${b", "pool.conf, line 1", "is not closed")]
    // Optional substitutions: a key is not left out in silence
    [InlineData("a = ${?" + NotSet + "}", "a", "`${?" + NotSet + "}` is not set")]
    [InlineData("a = ${?" + NotSet + "}${?" + NotSet + "}", "a", "is not set")]
    // Self-referential substitutions
    [InlineData("a = ${a}", "a", "leads back to itself")]
    [InlineData("a = ${b}\nb = ${c}\nc = ${a}", "c", "leads back to itself")]
    [InlineData("a { b = ${a} }", "a.b", "leads back to itself")]
    // The += field separator
    [InlineData("a = 1\na += 2", "a", "puts a block or a list and something else into one value")]
    // Includes
    [InlineData("include url(\"http://x\")", "pool.conf, line 1", "`include url(…)` is not supported")]
    [InlineData("\ninclude classpath(\"x\")", "pool.conf, line 2", "`include classpath(…)` is not supported")]
    [InlineData("include file(\"none.conf\"", "pool.conf, line 1", "a `)` is missing")]
    [InlineData("include \"none.conf\"", "pool.conf, line 1", "there is no such file")]
    public void Is_refused_with_a_sentence(string hocon, string path, string message)
    {
        var problems = new List<SettingsProblem>();
        HoconFile.Read(_folder.Write("pool.conf", hocon), problems);

        var problem = problems[0];
        Assert.Equal(path, problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    // Include syntax and semantics: merging, required, file, paths relative to the including file
    [InlineData("include \"lib/x.conf\"\nb = 2", "a = 1, b = 1", """{"a":"1","b":"2"}""")]
    [InlineData("b = 2\ninclude required(file(\"lib/x.conf\"))", "a = 1, b = 1", """{"b":"1","a":"1"}""")]
    [InlineData("x { include \"./lib/x.conf\" }", "a = 1", """{"x":{"a":"1"}}""")]
    [InlineData("include = 1", "", """{"include":"1"}""")]
    [InlineData("a = [1]\ninclude \"lib/x.conf\"", "a += 2", """{"a":["1","2"]}""")]
    // Include semantics: substitutions are looked up below the including key, then at the root
    [InlineData("a = root\nx { include \"lib/x.conf\" }", "a = own\nb = ${a}", """{"a":"root","x":{"a":"own","b":"own"}}""")]
    [InlineData("a = root\nx { include \"lib/x.conf\" }", "b = ${a}", """{"a":"root","x":{"b":"root"}}""")]
    [InlineData("x.y { include \"lib/x.conf\", a = later }", "a = own\nb = ${a}", """{"x":{"y":{"a":"later","b":"later"}}}""")]
    [InlineData("a = root\nx = [{ include \"lib/x.conf\" }]", "b = ${a}", """{"a":"root","x":[{"b":"root"}]}""")]
    public void An_include_is_read_as_specified(string hocon, string included, string json)
    {
        _folder.Write("lib/x.conf", included);

        Assert.Equal(json, Json(Read(hocon)));
    }

    [Fact]
    public void A_substitution_falls_back_to_the_environment_also_in_the_value_of_its_own_key()
    {
        using var variable = new Variable("/bin");

        Assert.Equal($$"""{"{{variable.Name}}":"/bin:/x"}""", Json(Read($"{variable.Name} = ${{{variable.Name}}}\":/x\"")));
    }

    [Theory]
    // Units format: durations
    [InlineData("call-timeout = 1500000 us", 1_500)]
    [InlineData("call-timeout = 1 week", 604_800_000)]
    [InlineData("call-timeout = 2000000000 nanoseconds", 2_000)]
    [InlineData("call-timeout = 3 d", 259_200_000)]
    public void A_duration_has_the_units_of_the_specification(string pool, double milliseconds) =>
        Assert.Equal(milliseconds, _folder.Read($"mcp-actors.pool {{ {pool} }}").CallTimeout.TotalMilliseconds);

    [Theory]
    // Units format: sizes in bytes
    [InlineData("2 kilobytes", 2_000)]
    [InlineData("2 kibibytes", 2_048)]
    [InlineData("1 megabyte", 1_000_000)]
    [InlineData("1 mebibyte", 1_048_576)]
    [InlineData("1 m", 1_048_576)]
    [InlineData("1 MB", 1_000_000)]
    public void A_size_has_the_units_of_the_specification(string size, long bytes) =>
        Assert.Equal(bytes, _folder.Read($"mcp-actors.pool.max-request-size = {size}").MaxRequestSize);

    // Conversion of numerically-indexed objects to arrays
    [Fact]
    public void A_block_with_numbers_as_keys_is_read_as_a_list() =>
        Assert.Equal(["a", "b"], _folder.Read("mcp-actors.pool.idempotent-tools { 10 = b, 2 = a }").IdempotentTools);

    // null
    [Fact]
    public void Null_is_the_same_as_an_absent_key()
    {
        var settings = _folder.Read("""
            { "mcp-actors": { "pool": {
              "max-queue": null,
              "servers": { "a": { "command": "x", "group": null, "cwd": null, "env": { "X": null } }, "b": null }
            } } }
            """);

        Assert.Equal(64, settings.MaxQueue);
        var server = Assert.Single(settings.Servers);
        Assert.Equal((ServerSettings.DefaultGroup, null, 0), (server.Group, server.WorkingDirectory, server.Environment.Count));
    }

    private ObjectNode Read(string hocon)
    {
        var problems = new List<SettingsProblem>();
        var root = HoconFile.Read(_folder.Write("pool.conf", hocon), problems);
        Assert.Empty(problems);
        return root!;
    }

    private static string Json(ConfigNode node) => Tree(node)!.ToJsonString(Readable);

    private static JsonNode? Tree(ConfigNode node) => node switch
    {
        ObjectNode block => new JsonObject(block.Items.Select(item => KeyValuePair.Create(item.Key, Tree(item.Value)))),
        ArrayNode list => new JsonArray([.. list.Items.Select(Tree)]),
        TextNode text => text.Text,
        NullNode => null,
        _ => throw new InvalidOperationException(node.GetType().Name),
    };
}
