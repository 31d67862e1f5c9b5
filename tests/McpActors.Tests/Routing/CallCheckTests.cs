using System.Text;
using System.Text.Json;
using McpActors.Connections;
using McpActors.Routing;
using Xunit;

namespace McpActors.Tests.Routing;

/// <summary>A check on the caller's thread, and what is left of it for the actor.</summary>
public sealed class CallCheckTests
{
    private const long Limit = 100;

    [Theory]
    [InlineData(null, null)]
    [InlineData("null", null)]
    [InlineData("""{"a":1}""", null)]
    [InlineData("[]", "`params` must be an object, but is an array")]
    [InlineData("\"x\"", "`params` must be an object, but is a string")]
    [InlineData("""{"a":1,"a":2}""", "the key a twice")]
    [InlineData("""{"a":"\ud800"}""", "surrogate")]
    public void A_marked_call_has_the_same_problem_as_one_that_the_actor_checks(string? json, string? problem)
    {
        var call = Call(json is null ? null : JsonElement.Parse(json));

        foreach (var found in new[] { Find(call), Find(CallCheck.Marked(call)), Find(CallCheck.Marked(CallCheck.Marked(call))) })
        {
            if (problem is null)
                Assert.Null(found);
            else
                Assert.Contains(problem, found, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("method", 512)]
    [InlineData("tool", 512)]
    [InlineData("prompt", 512)]
    [InlineData("uri", 8192)]
    public void A_name_has_a_longest_form(string part, int most)
    {
        Assert.Null(CallCheck.ProblemOf(Request(most)));
        Assert.Contains($"{most}", CallCheck.ProblemOf(Request(most + 1)), StringComparison.Ordinal);

        CallRequest Request(int length)
        {
            var text = new string('x', length);
            return part switch
            {
                "method" => new CallRequest(text, null, null, true),
                "tool" => new CallRequest("tools/call", text, null, true),
                "prompt" => new CallRequest("prompts/get", text, null, true),
                _ => new CallRequest("resources/read", text, null, true),
            };
        }
    }

    [Theory]
    [InlineData(256, true)]
    [InlineData(257, false)]
    public void A_key_has_a_longest_form(int length, bool isFine)
    {
        var text = new string('x', length);

        Assert.Equal(isFine, CallCheck.ProblemOf(new CallOptions { AffinityKey = text }) is null);
        Assert.Equal(isFine, CallCheck.ProblemOf(new CallOptions { CallId = text }) is null);
    }

    [Fact]
    public void A_mode_that_does_not_exist_is_refused() =>
        Assert.Contains("no mode 77", CallCheck.ProblemOf(new CallOptions { Mode = (CallMode)77 }), StringComparison.Ordinal);

    [Theory]
    [InlineData("中", 29, 30)]
    [InlineData("🙂", 22, 23)]
    [InlineData("<", 89, 90)]
    public void A_size_is_that_of_the_text_in_every_form(string character, int most, int tooMany)
    {
        foreach (var parse in new Func<string, JsonElement>[] { Escaped, AsItIs })
        {
            foreach (var call in new[] { Call(parse(Repeated(most))), CallCheck.Marked(Call(parse(Repeated(most)))) })
                Assert.Null(Find(call));
            foreach (var call in new[] { Call(parse(Repeated(tooMany))), CallCheck.Marked(Call(parse(Repeated(tooMany)))) })
                Assert.Contains("more than max-request-size", Find(call), StringComparison.Ordinal);
        }

        string Repeated(int count) => string.Concat(Enumerable.Repeat(character, count));
    }

    [Fact]
    public void The_actor_does_not_look_into_the_parameters_of_a_marked_call()
    {
        var unwritable = Call(JsonElement.Parse("""{"a":1,"a":2}"""));

        Assert.NotNull(Find(unwritable));
        Assert.Null(Find(unwritable with { Check = default(ParametersCheck) }));
    }

    [Fact]
    public void Parameters_whose_document_is_disposed_after_the_mark_are_a_problem()
    {
        var document = JsonDocument.Parse("""{"a":1}""");
        var call = CallCheck.Marked(Call(document.RootElement));
        document.Dispose();

        Assert.Equal(PoolCall.DisposedParameters, Find(call));
        Assert.Throws<ObjectDisposedException>(() => CallCheck.Marked(Call(document.RootElement)));
    }

    [Fact]
    public void A_call_without_parameters_needs_no_mark()
    {
        var call = Call(null);

        Assert.Same(call, CallCheck.Marked(call));
    }

    private static CallTool Call(JsonElement? arguments) => new("t", arguments);

    private static string? Find(PoolCall call) => CallCheck.ParametersProblemOf(call, Limit);

    // {"text":"…"} has eleven bytes beside the text.
    private static JsonElement Escaped(string text) => JsonSerializer.SerializeToElement(new { text });

    private static JsonElement AsItIs(string text) => JsonElement.Parse(Encoding.UTF8.GetBytes($$"""{"text":"{{text}}"}"""));
}
