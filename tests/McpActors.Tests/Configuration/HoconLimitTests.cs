using System.Diagnostics;
using System.Text;
using McpActors.Configuration;
using McpActors.Configuration.Hocon;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>A file with excessive nesting, includes or repetition is refused with a message and does not end the process.</summary>
public sealed class HoconLimitTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("x = ", "[", "]")]
    [InlineData("", "x {", "}")]
    [InlineData("x = ", "[{ x = ", "}]")]
    public void Deep_nesting_is_refused(string start, string open, string close)
    {
        var hocon = start + string.Concat(Enumerable.Repeat(open, 10_000)) + string.Concat(Enumerable.Repeat(close, 10_000));

        Assert.Contains("nested more than 100 deep", First(hocon), StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_path_is_refused() =>
        Assert.Contains("nested more than 100 deep", First(string.Join('.', Enumerable.Repeat("a", 10_000)) + " = 1"),
            StringComparison.Ordinal);

    [Fact]
    public void Lists_that_multiply_are_refused() =>
        Assert.Contains("multiply to more than 1000000 values", First(Laughs("[", ", ", "]")), StringComparison.Ordinal);

    [Fact]
    public void Texts_that_multiply_are_refused() =>
        Assert.Contains("is longer than 1000000 characters", First(Laughs("", "", "")), StringComparison.Ordinal);

    [Fact]
    public void A_long_chain_of_substitutions_is_refused() =>
        Assert.Contains(
            "leads through more than 200 others",
            First(string.Join('\n', Enumerable.Range(0, 10_000).Select(i => $"a{i} = ${{a{i + 1}}}")) + "\na10000 = 1"),
            StringComparison.Ordinal);

    [Fact]
    public void Blocks_that_nest_by_substitution_are_refused() =>
        Assert.NotEmpty(Problems(string.Join('\n', Enumerable.Range(0, 10_000).Select(i => $"a{i} {{ x = ${{a{i + 1}}} }}"))
            + "\na10000 = 1"));

    [Fact]
    public void A_thousand_entries_may_be_appended()
    {
        var problems = new List<SettingsProblem>();
        var root = HoconFile.Read(_folder.Write("a.conf", string.Join('\n', Enumerable.Repeat("a += 1", 1_000))), problems);

        Assert.Empty(problems);
        Assert.Equal(1_000, Assert.IsType<ArrayNode>(root!.Items["a"]).Items.Count);
    }

    [Fact]
    public void Too_many_appended_entries_are_refused() =>
        Assert.Contains("more than 1000000 values", First(string.Join('\n', Enumerable.Repeat("a += 1", 20_000))),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("a = ${a} [1]")]
    [InlineData("a = ${?a} [1]")]
    public void A_value_may_follow_its_own_previous_value_many_times(string line)
    {
        var problems = new List<SettingsProblem>();
        var root = HoconFile.Read(_folder.Write("a.conf", "a = [1]\n" + string.Join('\n', Enumerable.Repeat(line, 500))), problems);

        Assert.Empty(problems);
        Assert.Equal(501, Assert.IsType<ArrayNode>(root!.Items["a"]).Items.Count);
    }

    [Fact]
    public void Many_long_texts_are_refused() =>
        Assert.Contains(
            "texts of more than 16777216 characters",
            First($"a = {new string('x', 900_000)}\n" + string.Join('\n', Enumerable.Range(0, 50).Select(i => $"b{i} = ${{a}}y"))),
            StringComparison.Ordinal);

    [Fact]
    public void Blocks_that_multiply_by_their_own_previous_value_are_refused() =>
        Assert.NotEmpty(Problems("x = { k = 1 }\n" + string.Join('\n', Enumerable.Repeat("x = { a = ${x} }", 3_000))));

    [Fact]
    public void A_file_that_includes_itself_by_another_spelling_is_refused() =>
        Assert.Contains("break the circle", First("include \"./../" + Path.GetFileName(_folder.Path) + "/./a.conf\""),
            StringComparison.Ordinal);

    [Fact]
    public void Includes_are_not_nested_without_end()
    {
        for (var i = 0; i < 60; i++)
            _folder.Write($"i{i}.conf", $"include \"i{i + 1}.conf\"");
        _folder.Write("i60.conf", "a = 1");

        Assert.Contains("includes may not be nested deeper", First("include \"i0.conf\""), StringComparison.Ordinal);
    }

    [Fact]
    public void Includes_that_double_are_refused()
    {
        for (var i = 0; i < 40; i++)
            _folder.Write($"i{i}.conf", $"include \"i{i + 1}.conf\"\ninclude \"i{i + 1}.conf\"");
        _folder.Write("i40.conf", "a = 1");

        var problem = Assert.Single(Problems("include \"i0.conf\""));
        Assert.Contains("more than 1000 includes", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_cannot_be_included()
    {
        if (OperatingSystem.IsWindows())
            return;

        Assert.Contains("it is not a regular file", First("include \"/dev/zero\""), StringComparison.Ordinal);
    }

    [Fact]
    public void A_named_pipe_cannot_be_included()
    {
        if (OperatingSystem.IsWindows())
            return;

        var pipe = Path.Combine(_folder.Path, "pipe.conf");
        using (var mkfifo = Process.Start("mkfifo", [pipe]))
            mkfifo.WaitForExit();
        File.CreateSymbolicLink(Path.Combine(_folder.Path, "link.conf"), pipe);

        Assert.Contains("it is not a regular file", First("include \"pipe.conf\""), StringComparison.Ordinal);
        Assert.Contains("it is not a regular file", First("include \"link.conf\""), StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_file_may_be_included()
    {
        _folder.Write("empty.conf", "");

        Assert.Empty(Problems("include \"empty.conf\"\na = 1"));
    }

    [Fact]
    public void A_file_that_is_too_long_is_refused()
    {
        _folder.Write("long.conf", "#" + new string('x', 16 * 1024 * 1024));

        Assert.Contains("it is longer than 16 MiB", First("include \"long.conf\""), StringComparison.Ordinal);
    }

    [Fact]
    public void An_include_with_a_character_that_no_file_name_has_is_refused()
    {
        var problem = Assert.Single(Problems("\ninclude \"a\\u0000b\""));

        Assert.Equal("a.conf, line 2", problem.Path);
        Assert.Contains("is not the name of a file", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_problem_in_an_included_file_names_its_folder()
    {
        _folder.Write("lib/a.conf", "\nb = x*y");
        var problems = Problems("include \"lib/a.conf\"");

        Assert.Contains($"({Path.Combine("lib", "a.conf")}, line 2)", problems[0].Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("routes = @{ match = a, group = b }\nmax-queue = -1")]
    [InlineData("routes = [ x*y, { match = a } ], max-queue = -1")]
    [InlineData("routes = x*{ match = \"}\", # }\n group = b }\nmax-queue = -1")]
    [InlineData("args = *[ \"\"\"]\"\"\", ( ], max-queue = -1")]
    public void Reading_goes_on_after_a_bad_value(string pool)
    {
        var problems = Problems($"mcp-actors.pool {{\n{pool}\n}}\nmcp-actors.other = 1");
        var root = HoconFile.Read(Path.Combine(_folder.Path, "a.conf"), []);

        Assert.Single(problems);
        var top = Assert.IsType<ObjectNode>(root!.Items["mcp-actors"]);
        Assert.Equal(["pool", "other"], top.Items.Keys);
        Assert.Equal("-1", Assert.IsType<TextNode>(Assert.IsType<ObjectNode>(top.Items["pool"]).Items["max-queue"]).Text);
    }

    private string First(string hocon) => Problems(hocon)[0].Message;

    private List<SettingsProblem> Problems(string hocon)
    {
        var problems = new List<SettingsProblem>();
        HoconFile.Read(_folder.Write("a.conf", hocon), problems);
        return problems;
    }

    private static string Laughs(string open, string between, string close)
    {
        var text = new StringBuilder("a0 = ha\n");
        for (var i = 1; i < 10; i++)
            text.AppendLine($"a{i} = {open}{string.Join(between, Enumerable.Repeat($"${{a{i - 1}}}", 10))}{close}");
        return text.ToString();
    }
}
