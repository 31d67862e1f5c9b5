using System.Text;
using McpActors.Transports.Http;
using Xunit;

namespace McpActors.Tests.Transports.Http;

public sealed class BodyBeginningTests
{
    [Theory]
    [InlineData("{\"jsonrpc\":\"2.0\"}", BodyKind.Json)]
    [InlineData("[{}]", BodyKind.Json)]
    [InlineData(" \r\n\t {}  ", BodyKind.Json)]
    [InlineData("event: message\ndata: {}\n\n", BodyKind.Events)]
    [InlineData("event:message\r\ndata: {}\r\n\r\n", BodyKind.Events)]
    [InlineData("data: {}\n\n", BodyKind.Events)]
    [InlineData("data:{\"a\":1", BodyKind.Events)]
    [InlineData(": ping\n\n", BodyKind.Events)]
    [InlineData("retry: 3000\n\n", BodyKind.Events)]
    [InlineData("\nid: 1\n\n", BodyKind.Events)]
    [InlineData("", BodyKind.Empty)]
    [InlineData(" \n", BodyKind.Empty)]
    [InlineData("ok", BodyKind.Other)]
    [InlineData("eve", BodyKind.Other)]
    [InlineData("<html></html>", BodyKind.Other)]
    [InlineData("null", BodyKind.Other)]
    public void A_whole_body_is_what_it_begins_with(string body, object kind)
    {
        Assert.Equal((BodyKind)kind, Whole(Encoding.UTF8.GetBytes(body)).Kind);
    }

    [Theory]
    [InlineData("dat")]
    [InlineData("\r\n")]
    [InlineData(": a comment\n")]
    [InlineData("id: 1\nretry: 5\n")]
    [InlineData("event: endp")]
    [InlineData("{")]
    public void A_beginning_that_shows_too_little_is_not_decided(string body)
    {
        Assert.Equal(BodyKind.Undecided, BodyBeginning.Of(Encoding.UTF8.GetBytes(body), isWhole: false, charset: null).Kind);
    }

    [Theory]
    [InlineData("event: endpoint\ndata: /m\n\n", true)]
    [InlineData("event:endpoint\r\ndata: /m\r\n\r\n", true)]
    [InlineData("event: endpoint\rdata: /m\r\r", true)]
    [InlineData(": hello\nid: 1\nevent: endpoint\ndata: /m\n\n", true)]
    [InlineData("event: message\ndata: {}\n\n", false)]
    [InlineData("data: {}\n\nevent: endpoint\n\n", false)]
    [InlineData("event: endpoints\n\n", false)]
    public void The_first_event_of_the_older_transport_is_known(string body, bool isEndpoint)
    {
        Assert.Equal(isEndpoint, Whole(Encoding.UTF8.GetBytes(body)).IsEndpoint);
    }

    [Theory]
    [InlineData("utf-8", true, null)]
    [InlineData("utf-16", true, null)]
    [InlineData("utf-16", false, "utf-16")]
    [InlineData("utf-16BE", true, null)]
    [InlineData("utf-16BE", false, "UTF-16BE")]
    [InlineData("utf-32", true, null)]
    [InlineData("iso-8859-1", false, "ISO-8859-1")]
    [InlineData("utf-8", false, "UTF-8")]
    [InlineData("utf-8", false, "no-such-set")]
    [InlineData("utf-8", false, "us-ascii")]
    [InlineData("utf-8", false, "utf-16")]
    [InlineData("utf-8", false, "utf-7")]
    [InlineData("utf-32", false, "utf-32")]
    [InlineData("utf-32BE", false, "utf-32be")]
    [InlineData("windows-1252", false, "Windows-1252")]
    [InlineData("iso-8859-15", false, "\"iso-8859-15\"")]
    [InlineData("gbk", false, "GBK")]
    [InlineData("gb18030", false, "gb18030")]
    [InlineData("ibm850", false, "ibm850")]
    public void The_characters_follow_the_mark_and_the_zeros(string written, bool hasMark, string? charset)
    {
        const string text = "{\"city\":\"Zürich\"}";
        var encoding = CodePagesEncodingProvider.Instance.GetEncoding(written) ?? Encoding.GetEncoding(written);
        byte[] bytes = [.. hasMark ? encoding.GetPreamble() : [], .. encoding.GetBytes(text)];

        var beginning = BodyBeginning.Of(bytes, isWhole: true, charset);

        Assert.Equal(BodyKind.Json, beginning.Kind);
        Assert.Equal(text, (beginning.Characters ?? Encoding.UTF8).GetString(bytes[beginning.Mark..]));
    }

    [Theory]
    [InlineData("shift_jis")]
    [InlineData("euc-jp")]
    [InlineData("iso-2022-jp")]
    public void Other_characters_are_read_by_their_set(string charset)
    {
        const string text = "{\"city\":\"東京\"}";

        var beginning = BodyBeginning.Of(
            CodePagesEncodingProvider.Instance.GetEncoding(charset)!.GetBytes(text), isWhole: true, charset);

        Assert.Equal(charset, beginning.Characters?.WebName);
    }

    [Fact]
    public void Every_beginning_is_decided_the_same_however_it_arrives()
    {
        foreach (var body in new[] { "\uFEFF {\"a\":1}", ": c\r\nevent: endpoint\r\ndata: x\r\n\r\n", "data: {}\n\n", "<html>" })
        {
            var bytes = Encoding.UTF8.GetBytes(body);
            var whole = Whole(bytes);
            for (var length = 1; length < bytes.Length; length++)
            {
                var part = BodyBeginning.Of(bytes.AsSpan(0, length), isWhole: false, charset: null);
                Assert.True(part.Kind == BodyKind.Undecided || part == whole, $"{length} bytes of {body}: {part}, not {whole}");
            }
        }
    }

    private static BodyBeginning Whole(byte[] bytes) => BodyBeginning.Of(bytes, isWhole: true, charset: null);
}
