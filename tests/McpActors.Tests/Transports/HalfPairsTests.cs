using System.Text;
using McpActors.Transports;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class HalfPairsTests
{
    private const string Mixed =
        """{"a\ud800":"\udc00x\uD83D\uDE00\\ud800\\\udfff","b":["\ud800\ud83d\ude00","\ud800\n","\u00e9☃\ud800"],"c":"\ud80"}""";

    private const string Mended =
        """{"a\ufffd":"\ufffdx\uD83D\uDE00\\ud800\\\ufffd","b":["\ufffd\ud83d\ude00","\ufffd\n","\u00e9☃\ufffd"],"c":"\ud80"}""";

    [Theory]
    [InlineData("", "")]
    [InlineData("""{"a":1}""", """{"a":1}""")]
    [InlineData("""\ud800""", """\ufffd""")]
    [InlineData("""\udbff\udc00""", """\udbff\udc00""")]
    [InlineData("""\udc00\udbff""", """\ufffd\ufffd""")]
    [InlineData("""\ud800\u0041""", """\ufffd\u0041""")]
    [InlineData("""\ud800\""", """\ufffd\""")]
    [InlineData("""\""", """\""")]
    [InlineData("""\u""", """\u""")]
    [InlineData("""\ud8zz\ud800""", """\ud8zz\ufffd""")]
    [InlineData(Mixed, Mended)]
    public void Halves_are_replaced_and_nothing_else(string json, string expected)
    {
        var replaced = HalfPairs.Replace(Encoding.UTF8.GetBytes(json));

        Assert.Equal(expected == json ? null : expected, replaced is null ? null : Encoding.UTF8.GetString(replaced));
    }
}
