using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using McpActors.Configuration;
using McpActors.Routing;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using Xunit;

namespace McpActors.Tests.Routing;

/// <summary>What may cross as parameters: whatever passes can be written, also wrapped and with <c>_meta</c> added.</summary>
public sealed class WritableJsonTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"a":1e999999,"b":-0.0,"c":"\u0000\\ud800 \\\\u","d":"\ud83d\ude00","e":null}""")]
    [InlineData("""{"name":"x","arguments":{"name":"x"},"_meta":{"name":"x"}}""")]
    public void Writable_JSON_passes(string json) => Assert.Null(ProblemOf(json));

    [Theory]
    [InlineData("""{"a":"\ud800"}""", "surrogate")]
    [InlineData("""{"a":"\udc00"}""", "surrogate")]
    [InlineData("""{"a":"\ud800\u0041"}""", "surrogate")]
    [InlineData("""{"a":"\ud800\ud800\udc00"}""", "surrogate")]
    [InlineData("""{"\ud800":1}""", "surrogate")]
    [InlineData("""{"a":1,"a":2}""", "the key a twice")]
    [InlineData("""{"a":1,"\u0061":2}""", "the key a twice")]
    [InlineData("""{"_meta":{"x":1,"x":2}}""", "the key x twice")]
    [InlineData("""{"name":"t","arguments":{"x":1,"y":2,"x":3}}""", "the key x twice")]
    public void JSON_that_cannot_be_written_does_not_pass(string json, string problem) =>
        Assert.Contains(problem, ProblemOf(json), StringComparison.Ordinal);

    [Theory]
    [InlineData(WritableJson.MostLevels, false)]
    [InlineData(WritableJson.MostLevels + 1, true)]
    [InlineData(64, true)]
    [InlineData(10_000, true)]
    public void Nesting_is_limited(int levels, bool isTooDeep)
    {
        using var json = JsonDocument.Parse(Nested(levels), new JsonDocumentOptions { MaxDepth = 20_000 });

        Assert.Equal(isTooDeep, WritableJson.ProblemOf(json.RootElement) is not null);
    }

    [Fact]
    public void Many_keys_side_by_side_are_no_nesting_and_may_differ_in_the_last_one()
    {
        var keys = string.Join(',', Enumerable.Range(0, 1000).Select(i => $"\"k{i}\":{{\"a\":[1]}}"));

        Assert.Null(ProblemOf($"{{{keys}}}"));
        Assert.Contains("the key k0 twice", ProblemOf($"{{{keys},\"k0\":1}}"), StringComparison.Ordinal);
    }

    [Fact]
    public void Bytes_that_are_no_UTF_8_do_not_pass()
    {
        using var json = JsonDocument.Parse((byte[])[.. "{\"name\":\"get"u8, 0xEB, .. "ta\"}"u8]);

        Assert.Contains("UTF-8", WritableJson.ProblemOf(json.RootElement), StringComparison.Ordinal);
    }

    [Fact]
    public void Whatever_passes_can_be_written_wrapped_and_as_it_is() => Property.Holds(Objects(5), text =>
    {
        using var json = JsonDocument.Parse(Encoding.UTF8.GetBytes(text), new JsonDocumentOptions { MaxDepth = 1000 });
        if (WritableJson.ProblemOf(json.RootElement) is not null)
            return;
        var own = JsonObject.Create(json.RootElement.Clone())!;
        own["_meta"] = new JsonObject { ["progressToken"] = "t" };
        Write(own);
        Write(new JsonObject { ["name"] = "t", ["arguments"] = JsonObject.Create(json.RootElement.Clone()) });
    });

    [Fact]
    public void Half_a_surrogate_pair_is_no_text()
    {
        // No theory: xUnit replaces the halves in its data.
        Assert.All((string[])["", "größe 天 \0 😀", "\ue000"], text => Assert.False(Utf16.HasHalfPair(text)));
        Assert.All(
            (string[])["a\ud800", "\udc00a", "\ud83d\ude00\ud83d", "\ue000\ud800x"], text => Assert.True(Utf16.HasHalfPair(text)));
    }

    private static void Write(JsonObject parameters) => JsonSerializer.SerializeToUtf8Bytes<JsonRpcMessage>(
        new JsonRpcRequest { Id = new RequestId(1), Method = "tools/call", Params = parameters }, McpJsonUtilities.DefaultOptions);

    private static string? ProblemOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return WritableJson.ProblemOf(document.RootElement);
    }

    internal static string Nested(int levels) =>
        string.Concat(Enumerable.Repeat("{\"a\":", levels - 1)) + "{}" + new string('}', levels - 1);

    internal static Gen<string> OneOf(params string[] texts) => Gen.OneOf([.. texts.Select(Gen.Const)]);

    /// <summary>JSON objects whose texts, keys and numbers are likely to be trouble.</summary>
    internal static Gen<string> Objects(int depth)
    {
        var text = OneOf(
            "\"\"", "\"a\"", "\"_meta\"", "\"arguments\"", "\"name\"", "\"\\u0061\"", "\"\\ud800\"", "\"\\udfff\"", "\"\\ud83d\\ude00\"",
            "\"\\\\ud800\"", "\"\\u0000\"", "\"größe\"", "\"\U0001F600\"", "\"progressToken\"");
        var leaf = Gen.OneOf(
            text, OneOf("1e999999", "-0", "0.1", "12345678901234567890123", "null", "true", Nested(40), Nested(70)));
        return depth == 0
            ? Gen.Const("{}")
            : Gen.Select(text, Gen.OneOf(leaf, Objects(depth - 1), leaf.Array[0, 3].Select(items => $"[{string.Join(',', items)}]")))
                .Array[0, 4]
                .Select(members => $"{{{string.Join(',', members.Select(member => $"{member.Item1}:{member.Item2}"))}}}");
    }
}
