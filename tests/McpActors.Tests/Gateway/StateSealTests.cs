using CsCheck;
using McpActors.Gateway;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Gateway;

public sealed class StateSealTests
{
    private const string Secret = "a secret of some length";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void What_was_sealed_comes_back_at_every_gateway_with_the_secret()
    {
        var text = new StateSeal(Secret, _time).Seal("s", "the state ✓", "user", "tools/call", "x");

        var state = new StateSeal(Secret, _time).Open(text, "user", "tools/call", "x");

        Assert.Equal(("s", "the state ✓"), (state!.Server, state.State));
    }

    [Fact]
    public void A_server_that_gave_no_state_gets_none()
    {
        var seal = new StateSeal(null, _time);

        Assert.Null(seal.Open(seal.Seal("s", null, "", "tools/call", "x"), "", "tools/call", "x")!.State);
    }

    [Theory]
    [InlineData("other", "tools/call", "x")]
    [InlineData("", "tools/call", "x")]
    [InlineData("user", "prompts/get", "x")]
    [InlineData("user", "tools/call", "y")]
    public void It_is_for_one_user_and_one_call(string user, string method, string name)
    {
        var seal = new StateSeal(Secret, _time);

        Assert.Null(seal.Open(seal.Seal("s", "state", "user", "tools/call", "x"), user, method, name));
    }

    [Fact]
    public void It_is_taken_for_ten_minutes()
    {
        var seal = new StateSeal(Secret, _time);
        var text = seal.Seal("s", "state", "", "tools/call", "x");

        _time.Advance(TimeSpan.FromMinutes(10));
        Assert.NotNull(seal.Open(text, "", "tools/call", "x"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(seal.Open(text, "", "tools/call", "x"));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another secret of some length")]
    public void Another_key_does_not_open_it(string? other) =>
        Assert.Null(new StateSeal(other, _time).Open(
            new StateSeal(Secret, _time).Seal("s", "state", "", "tools/call", "x"), "", "tools/call", "x"));

    [Fact]
    public void A_changed_character_is_noticed()
    {
        var seal = new StateSeal(Secret, _time);
        var text = seal.Seal("s", "state", "", "tools/call", "x");

        // The last character of Base64 has bits without a meaning.
        Gen.Select(Gen.Int[0, text.Length - 2], Gen.Char.AlphaNumeric).Sample((at, other) =>
            text[at] == other || seal.Open(text[..at] + other + text[(at + 1)..], "", "tools/call", "x") is null);
    }

    [Fact]
    public void Any_other_text_is_none() =>
        Gen.String.Sample(text => new StateSeal(Secret, _time).Open(text, "", "tools/call", "x") is null);
}
