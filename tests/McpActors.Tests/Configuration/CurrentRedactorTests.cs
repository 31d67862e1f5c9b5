using System.Text.Json;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>The secrets of a server while they rotate.</summary>
public sealed class CurrentRedactorTests
{
    private readonly CurrentRedactor _redactor = new();

    [Fact]
    public void A_secret_is_removed_after_its_rotation_too()
    {
        _redactor.Use(Of("first-secret"));
        _redactor.Use(Of("second-secret"));

        Assert.Equal("*** and ***", _redactor.Redact("first-secret and second-secret"));
        Assert.Equal("""["***"]""", _redactor.Redact(JsonElement.Parse("""["first-secret"]""")).GetRawText());
    }

    [Fact]
    public void Secrets_that_are_read_again_and_again_push_no_earlier_one_out()
    {
        _redactor.Use(Of("first-secret"));
        for (var i = 0; i < 10; i++)
            _redactor.Use(Of("second-secret"));

        Assert.Equal("***", _redactor.Redact("first-secret"));
    }

    [Fact]
    public void Secrets_of_long_ago_are_forgotten()
    {
        for (var i = 0; i <= CurrentRedactor.Earlier + 1; i++)
            _redactor.Use(Of($"secret-number-{i}"));

        Assert.Equal("secret-number-0 ***", _redactor.Redact("secret-number-0 secret-number-1"));
    }

    private static Redactor Of(string token) =>
        Redactor.For(new ServerSettings { Name = "s", Uri = new Uri("http://localhost"), Token = Secret.FromLiteral(token) });
}
