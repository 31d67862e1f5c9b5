using McpActors.Configuration;
using McpActors.Configuration.Imports;
using Xunit;

namespace McpActors.Tests.Configuration.Imports;

/// <summary>The placeholders in an entry.</summary>
public sealed class PlaceholdersTests
{
    private static readonly Dictionary<string, string> Process = new()
    {
        ["HOME"] = "/h/me",
        ["PATH"] = "/bin",
        ["SET"] = "process",
        ["EMPTY"] = "",
    };

    private static readonly Dictionary<string, string> None = [];

    private static readonly Dictionary<string, string> Own = new()
    {
        ["AUTH_HEADER"] = "Bearer t",
        ["SET"] = "own",
        ["A"] = "${HOME}",
        ["B"] = "${A}/b",
        ["PATH"] = "/own:${PATH}",
        ["LOOP"] = "${BACK}",
        ["BACK"] = "${LOOP}",
        ["NONE"] = "${UNSET}",
        ["BLANK"] = "",
    };

    private readonly Placeholders _placeholders = new(
        Own,
        new Dictionary<string, string> { ["workspaceFolder"] = "/w", ["/"] = "/", ["input:known"] = "answer" },
        "/w",
        name => Process.GetValueOrDefault(name));

    [Theory]
    [InlineData("plain", "plain")]
    [InlineData("Authorization:${AUTH_HEADER}", "Authorization:Bearer t")]
    [InlineData("${SET} ${env:SET}", "own own")]
    [InlineData("${HOME}/x", "/h/me/x")]
    [InlineData("{env:HOME}/x", "/h/me/x")]
    [InlineData("${B}", "/h/me/b")]
    [InlineData("${PATH}", "/own:/bin")]
    [InlineData("${UNSET:-none} ${EMPTY:-none} ${BLANK:-none} ${SET:-none}", "none none none own")]
    [InlineData("${UNSET:-}x", "x")]
    [InlineData("${UNSET:-${HOME}}!", "/h/me!")]
    [InlineData("[${BLANK}]", "[]")]
    [InlineData("${workspaceFolder}${/}x", "/w/x")]
    [InlineData("${input:known}", "answer")]
    [InlineData("$HOME ~/x %APPDATA%\\x {HOME} $(x)", "$HOME ~/x %APPDATA%\\x {HOME} $(x)")]
    [InlineData("""{"a":{"b":1}}""", """{"a":{"b":1}}""")]
    public void Is_filled_in(string text, string expected)
    {
        var filled = _placeholders.Fill(text);

        Assert.Equal(expected, filled.Text);
        Assert.Empty(filled.Unknown);
    }

    [Theory]
    [InlineData("for f in *; do echo ${f} ${SET}; done", "for f in *; do echo ${f} own; done", "${f}")]
    [InlineData("${1}", "${1}", "${1}")]
    [InlineData("${env:UNSET}", "${env:UNSET}", "${env:UNSET}")]
    [InlineData("${EMPTY}", "${EMPTY}", "${EMPTY}")]
    [InlineData("x${input:token}y", "x${input:token}y", "${input:token}")]
    [InlineData("${command:pick}", "${command:pick}", "${command:pick}")]
    [InlineData("${NONE}", "${UNSET}", "${UNSET}")]
    [InlineData("${LOOP}", "${LOOP}", "${LOOP}")]
    [InlineData("${x%.txt}", "${x%.txt}", "${x%.txt}")]
    public void Unknown_placeholders_stay_as_they_are_written(string text, string expected, string unknown)
    {
        var filled = _placeholders.Fill(text);

        Assert.Equal(expected, filled.Text);
        Assert.Equal([unknown], filled.Unknown);
    }

    [Fact]
    public void An_end_that_is_missing_is_no_placeholder() => Assert.Equal("${HOME", _placeholders.Fill("${HOME").Text);

    [Theory]
    [InlineData("a${b", "a${b")]
    [InlineData("${", "${")]
    [InlineData("${SET} ${ {x}", "own ${ {x}")]
    public void An_end_that_is_missing_is_part_of_a_secret_too(string text, string expected)
    {
        Assert.Equal(expected, _placeholders.ToSecret(text, mustBeWhole: true, out _).Resolve());
        Assert.Equal(expected, _placeholders.ToSecret(text, mustBeWhole: false, out _).Resolve());
    }

    [Fact]
    public void An_end_that_is_missing_stays_beside_a_variable_of_the_process()
    {
        using var variable = new Variable("k3y");
        var placeholders = new Placeholders(None, None, "/", Environment.GetEnvironmentVariable);

        Assert.Equal("k3y a${b", placeholders.ToSecret($"${{{variable.Name}}} a${{b", mustBeWhole: true, out _).Resolve());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("")]
    public void Placeholders_that_multiply_are_bounded(string end)
    {
        var own = Enumerable.Range(0, 18).ToDictionary(
            i => $"V{i}", i => i == 17 ? end : string.Concat(Enumerable.Repeat($"${{V{i + 1}}}", 10)));
        var placeholders = new Placeholders(own, None, "/", _ => null);

        var filled = placeholders.Fill("${V0}");

        Assert.True(placeholders.IsTooMuch);
        Assert.True(filled.Text.Length < 2_000_000, $"{filled.Text.Length} characters");
    }

    [Fact]
    public void A_variable_of_the_process_is_read_at_each_connection()
    {
        using var variable = new Variable("first");
        var placeholders = new Placeholders(None, None, "/", Environment.GetEnvironmentVariable);

        var secret = placeholders.ToSecret($"Bearer ${{env:{variable.Name}}}", mustBeWhole: true, out var unknown);
        Environment.SetEnvironmentVariable(variable.Name, "second");

        Assert.Empty(unknown);
        Assert.Equal("Bearer second", secret.Resolve());
    }

    [Fact]
    public void A_file_is_read_at_each_connection()
    {
        using var folder = new ConfigurationFolder();
        var file = folder.Write("token", "first");
        var placeholders = new Placeholders(None, None, folder.Path, _ => null);

        var secret = placeholders.ToSecret("Bearer {file:token}", mustBeWhole: true, out _);
        File.WriteAllText(file, "second");

        Assert.Equal("Bearer second", secret.Resolve());
    }

    [Fact]
    public void A_value_that_is_the_name_of_a_variable_means_it()
    {
        using var variable = new Variable("k3y");
        var placeholders = new Placeholders(None, None, "/", Environment.GetEnvironmentVariable);

        Assert.Equal("k3y", placeholders.ToSecret($"${variable.Name}", mustBeWhole: false, out _).Resolve());
        Assert.Equal("$MCPACTORS_NOT_SET", placeholders.ToSecret("$MCPACTORS_NOT_SET", mustBeWhole: false, out _).Resolve());
    }

    [Theory]
    [InlineData("Bearer ${MCPACTORS_NOT_SET}")]
    [InlineData("Bearer {env:MCPACTORS_NOT_SET}")]
    [InlineData("Bearer ${input:token}")]
    [InlineData("Bearer {file:/mcpactors/not/there}")]
    public void A_secret_that_must_be_whole_cannot_be_resolved_before_it_is(string text) =>
        Assert.Throws<SecretUnavailableException>(() => _placeholders.ToSecret(text, mustBeWhole: true, out _).Resolve());
}
