using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

public sealed class SecretTests : IDisposable
{
    private const string Value = "hunter2-do-not-show";

    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_token_file_is_looked_for_beside_the_configuration()
    {
        _folder.Write("secrets/token", "t0ken\n");

        var settings = _folder.Read("mcp-actors.pool.servers.a { uri = \"memory://a\", auth.token-file = \"secrets/token\" }");

        Assert.Equal("t0ken", settings.Servers[0].Token?.Resolve());
    }

    [Theory]
    [InlineData("/dev/zero")]
    [InlineData("/dev/null")]
    [InlineData("/proc/kmsg")]
    [InlineData("/proc/self/status")]
    [InlineData("/proc/self/root/proc/self/status")]
    public void A_device_is_no_secret(string device)
    {
        if (OperatingSystem.IsWindows() || (device.StartsWith("/proc", StringComparison.Ordinal) && !OperatingSystem.IsLinux()))
            return;

        var problem = Assert.Throws<SecretUnavailableException>(() => Secret.FromFile(device).Resolve());

        Assert.Contains("it is not a regular file", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_path_that_cannot_exist_is_no_secret() =>
        Assert.Throws<SecretUnavailableException>(() => Secret.FromFile("a\0b").Resolve());

    [Theory]
    [InlineData("auth.token-env = MCPACTORS_TEST_NOT_SET", "auth.token-env", "environment variable MCPACTORS_TEST_NOT_SET is not set")]
    [InlineData("auth.token-file = \"secrets/none\"", "auth.token-file", "does not exist; create it")]
    [InlineData("auth.token = \"\"", "auth.token", "token-env = NAME")]
    [InlineData("auth { type = token }", "auth", "has no token")]
    [InlineData("auth { token = a, token-env = B }", "auth", "2 times, by token and token-env")]
    [InlineData("auth { type = basic, token = a }", "auth.type", "`basic` is not supported")]
    [InlineData("auth { tokn = a }", "auth", "has no token")]
    [InlineData("headers { X-A { env = A, file = b } }", "headers.X-A", "exactly one of")]
    [InlineData("headers { X-A { env = MCPACTORS_TEST_NOT_SET } }", "headers.X-A.env", "is not set")]
    [InlineData("headers { X-A = \"\" }", "headers.X-A", "is empty")]
    [InlineData("headers { X-A = \"a\\nb\" }", "headers.X-A", "line break")]
    [InlineData("headers { X-User = \"Jürgen\" }", "headers.X-User", "outside visible ASCII")]
    [InlineData("auth.token = \"gehört-mir\"", "auth.token", "outside visible ASCII")]
    [InlineData("headers { \"X A\" = b }", "headers.\"X A\"", "not a valid name of an HTTP header")]
    [InlineData("headers { Authorization = b }, auth.token = t", "headers.Authorization", "also what auth sets")]
    [InlineData("headers { x-a = b, X-A = c }", "headers.x-a", "different case")]
    [InlineData("headers { X-A = [b] }", "headers.X-A", "must be a text")]
    public void A_problem_of_a_secret_is_described(string server, string key, string message)
    {
        var problems = _folder.Problems($"mcp-actors.pool.servers.a {{ uri = \"memory://a\", {server} }}");

        var problem = problems[0];
        Assert.Equal($"mcp-actors.pool.servers.a.{key}", problem.Path);
        Assert.Contains(message, problem.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("uri = \"ftp://h/?key=" + Value + "\"")]
    [InlineData("uri = \"" + Value + "\"")]
    [InlineData("uri = \"ws://u:" + Value + "@h\"")]
    [InlineData("uri = \"memory://a\", auth = " + Value)]
    [InlineData("uri = \"memory://a\", auth = [" + Value + "]")]
    [InlineData("uri = \"memory://a\", auth.token = " + Value + ":x")]
    [InlineData("uri = \"memory://a\", auth.token = \"" + Value + "\\n\\u0001\"")]
    [InlineData("uri = \"memory://a\", auth { token = " + Value + ", token = " + Value + "2 }")]
    [InlineData("uri = \"memory://a\", headers { X-A = [" + Value + "] }")]
    [InlineData("command = x, auth.token = " + Value)]
    [InlineData("command = x, auth.token = \"" + Value)]
    [InlineData("uri = \"memory://a\", auth.token = { " + Value + " = 1 }")]
    public void A_message_never_holds_a_secret(string server)
    {
        var e = Assert.Throws<InvalidSettingsException>(() => _folder.Read($"mcp-actors.pool.servers.a {{ {server} }}"));

        Assert.DoesNotContain(Value, e.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_printed_whole_hold_no_secret()
    {
        using var variable = new Variable(Value);
        _folder.Write("t", Value);
        var settings = _folder.Read($$"""
            mcp-actors.pool.servers {
              a { uri = "memory://a", auth.token = {{Value}}, headers { X-A = {{Value}} } }
              b { uri = "memory://b", auth.token-env = {{variable.Name}}, headers { X-B { file = t } } }
            }
            """);

        var text = string.Join('\n', settings.Servers.SelectMany(s => s.Headers.Values.Append(s.Token!)).Select(s => s.ToString()))
            + string.Join('\n', settings.Servers);
        Assert.DoesNotContain(Value, text, StringComparison.Ordinal);
        Assert.Contains(variable.Name, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer ${A}", "Bearer a-value")]
    [InlineData("${env:A}-${B:-none}", "a-value-none")]
    [InlineData("plain", "plain")]
    public void A_template_takes_environment_variables_when_it_is_used(string template, string expected)
    {
        using var variable = new Variable("a-value");
        var secret = Secret.FromTemplate(template.Replace("A}", variable.Name + "}", StringComparison.Ordinal)
            .Replace("${B", "${MCPACTORS_TEST_NOT_SET", StringComparison.Ordinal));

        Assert.Equal(expected, secret.Resolve());
        Assert.DoesNotContain("a-value", secret.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_template_with_anything_else_to_fill_in_is_unavailable()
    {
        var e = Assert.Throws<SecretUnavailableException>(() => Secret.FromTemplate("x${input:" + Value + "}").Resolve());

        Assert.DoesNotContain(Value, e.Message, StringComparison.Ordinal);
    }
}
