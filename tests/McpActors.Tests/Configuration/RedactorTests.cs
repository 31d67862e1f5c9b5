using System.Text;
using System.Text.Json;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

[Collection(Alone.Name)]
public sealed class RedactorTests
{
    private const string Planted = "pl/nted+\"sécret\" 1234";

    public static TheoryData<string, string> Forms => new()
    {
        { "plain", Planted },
        { "JSON", JsonSerializer.Serialize(Planted).Trim('"') },
        { "relaxed JSON", Planted.Replace("\"", "\\\"", StringComparison.Ordinal) },
        { "URL", Uri.EscapeDataString(Planted) },
        { "URL in small letters", Uri.EscapeDataString(Planted).Replace("%2F", "%2f", StringComparison.Ordinal)
            .Replace("%2B", "%2b", StringComparison.Ordinal).Replace("%C3%A9", "%c3%a9", StringComparison.Ordinal) },
        { "form", Uri.EscapeDataString(Planted).Replace("%20", "+", StringComparison.Ordinal) },
    };

    [Theory]
    [MemberData(nameof(Forms))]
    public void A_secret_is_found_in_every_form(string form, string text)
    {
        Assert.NotEmpty(form);
        Assert.Equal("before *** after", WithToken(Planted).Redact($"before {text} after"));
    }

    [Theory]
    [InlineData(60)]
    [InlineData(64)]
    [InlineData(510)]
    public void A_secret_is_found_in_JSON_of_any_depth(int levels)
    {
        var json = JsonElement.Parse(
            $"{new string('[', levels)}\"{JsonEncodedText.Encode(Planted)}\"{new string(']', levels)}",
            new JsonDocumentOptions { MaxDepth = levels });

        Assert.Equal($"{new string('[', levels)}\"***\"{new string(']', levels)}", WithToken(Planted).Redact(json).GetRawText());
    }

    [Theory]
    [InlineData("")]
    [InlineData("u")]
    [InlineData("us")]
    [InlineData("user:")]
    public void A_secret_is_found_in_base64_at_any_position(string before)
    {
        const string secret = "a-long-enough-secret";
        var encoded = Convert.ToBase64String(Encoding.UTF8.GetBytes(before + secret + "!"));

        var shown = WithToken(secret).Redact($"Basic {encoded}");

        Assert.Contains("***", shown, StringComparison.Ordinal);
        Assert.InRange(shown.Length, 1, "Basic ***".Length + 14);
    }

    [Theory]
    [InlineData("--api-key", "planted-argument")]
    [InlineData("--api-key=planted-argument")]
    [InlineData("GITHUB_TOKEN=planted-argument")]
    [InlineData("postgres://user:planted-argument@db/x")]
    [InlineData("https://host/mcp?key=planted-argument")]
    public void A_secret_in_an_argument_is_found(params string[] args)
    {
        var redactor = Redactor.For(new ServerSettings { Name = "s", Command = "x", Args = args });

        Assert.DoesNotContain("planted", redactor.Redact("usage: x " + string.Join(' ', args)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_argument_that_came_from_a_variable_is_found()
    {
        using var filledIn = new Variable("planted-value-1", "MCPACTORS_TEST_FILLED_IN");
        using var token = new Variable("planted-value-2", "MCPACTORS_TEST_TOKEN");
        string[] args = ["planted-value-1", "--header=X: planted-value-2"];
        var redactor = Redactor.For(new ServerSettings { Name = "s", Command = "x", Args = args });

        Assert.Equal("*** ***", redactor.Redact("planted-value-1 planted-value-2"));
    }

    [Fact]
    public void Ordinary_arguments_stay_readable()
    {
        string[] args = ["-y", "@modelcontextprotocol/server-filesystem", "/data/documents", "--log-level", "information"];
        var redactor = Redactor.For(new ServerSettings { Name = "s", Command = "npx", Args = args });

        Assert.Equal(string.Join(' ', args), redactor.Redact(string.Join(' ', args)));
    }

    [Theory]
    [InlineData("https://user:planted-password@host/mcp")]
    [InlineData("https://host/mcp?key=planted-query")]
    [InlineData("https://host/mcp?key=planted%2Fquery")]
    [InlineData("https://host/mcp?a=b&k=s3")]
    public void Secrets_of_the_address_are_found(string address)
    {
        var uri = new Uri(address);
        var redactor = Redactor.For(new ServerSettings { Name = "s", Uri = uri });

        var shown = redactor.Redact($"GET {address} failed: {Uri.UnescapeDataString(address)}");

        Assert.DoesNotContain("planted", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("s3", shown, StringComparison.Ordinal);
        Assert.Contains("host/mcp", shown, StringComparison.Ordinal);
    }

    [Fact]
    public void Inherited_secrets_are_found_where_the_program_has_them()
    {
        using var password = new Variable("planted-inherited", "MCPACTORS_TEST_PASSWORD");
        var server = new ServerSettings { Name = "s", Command = "x" };

        Assert.Equal("planted-inherited", Redactor.For(server).Redact("planted-inherited"));
        Assert.Equal("***", Redactor.For(server with { InheritEnvironment = true }).Redact("planted-inherited"));
    }

    [Fact]
    public void A_header_hides_its_credentials_alone_too()
    {
        var headers = new Dictionary<string, Secret> { ["Authorization"] = Secret.FromLiteral("Bearer planted-credentials") };
        var redactor = Redactor.For(new ServerSettings { Name = "s", Uri = new Uri("http://host"), Headers = headers });

        Assert.Equal("Bearer ***: ***", redactor.Redact("Bearer ***: planted-credentials"));
    }

    [Fact]
    public void A_short_value_stays()
    {
        Assert.Equal("info", WithToken("info").Redact("info"));
    }

    [Fact]
    public void Json_without_secrets_is_the_same_instance_and_with_them_stays_json()
    {
        var redactor = WithToken("planted-12345678");
        using var clean = JsonDocument.Parse("""{"a":[1,2.50,"x"]}""");
        using var dirty = JsonDocument.Parse(
            """{"a":"is planted-12345678","planted-12345678":[1,"\u0070lanted-12345678"],"n":1e400,"o":{"deep":"planted-12345678"}}""");

        Assert.Equal(clean.RootElement.GetRawText(), redactor.Redact(clean.RootElement).GetRawText());
        Assert.Equal(
            """{"a":"is ***","***":[1,"***"],"n":1e400,"o":{"deep":"***"}}""", redactor.Redact(dirty.RootElement).GetRawText());
    }

    [Theory]
    [InlineData("""{"a":1,"a":"planted-12345678"}""", """{"a":1,"a":"***"}""")]
    [InlineData("""{"a":"\ud800 planted-12345678"}""", """{"a":"***"}""")]
    [InlineData("""{"\ud800":"planted-12345678"}""", """{"\uFFFD":"***"}""")]
    public void Json_that_few_can_read_is_redacted_too(string json, string expected)
    {
        using var document = JsonDocument.Parse(json);

        var shown = WithToken("planted-12345678").Redact(document.RootElement).GetRawText();

        Assert.Equal(expected, shown.Replace("\uFFFD", "\\uFFFD", StringComparison.Ordinal));
    }

    [Fact]
    public void A_value_that_may_be_a_word_is_hidden_from_people_and_stays_in_json()
    {
        var redactor = Redactor.For(new ServerSettings
        {
            Name = "s",
            Uri = new Uri("http://host/mcp?toolset=filesystem"),
            Headers = new Dictionary<string, Secret> { ["Accept-Language"] = Secret.FromLiteral("accounting") },
        });
        using var tool = JsonDocument.Parse("""{"name":"filesystem_read","description":"for accounting"}""");

        Assert.Equal("*** for ***", redactor.Redact("filesystem for accounting"));
        Assert.Equal(tool.RootElement.GetRawText(), redactor.Redact(tool.RootElement).GetRawText());
    }

    [Theory]
    [InlineData("API_KEY", "planted-by-name")]
    [InlineData("OTHER", "plantedbylook1234567890")]
    public void An_environment_value_is_a_secret_by_its_name_or_look(string name, string value)
    {
        var environment = new Dictionary<string, Secret> { [name] = Secret.FromLiteral(value) };
        var redactor = Redactor.For(new ServerSettings { Name = "s", Command = "x", Environment = environment });
        using var json = JsonDocument.Parse($$"""{"said":"{{value}}"}""");

        Assert.Equal("""{"said":"***"}""", redactor.Redact(json.RootElement).GetRawText());
    }

    [Fact]
    public void A_number_that_is_the_secret_becomes_a_text()
    {
        using var json = JsonDocument.Parse("""{"pin":1234567890}""");

        Assert.Equal("""{"pin":"***"}""", WithToken("1234567890").Redact(json.RootElement).GetRawText());
    }

    private static Redactor WithToken(string token) =>
        Redactor.For(new ServerSettings { Name = "s", Uri = new Uri("http://host/mcp"), Token = Secret.FromLiteral(token) });
}
