using System.Text.RegularExpressions;
using McpActors.Tests.Configuration;
using Xunit;

namespace McpActors.Tests.Architecture;

/// <summary>Every file and folder that <c>docs/architecture.md</c> names exists.</summary>
public sealed partial class ArchitectureDocumentTests
{
    private const string Document = "docs/architecture.md";

    private static readonly string[] Roots = ["docs", "examples", "hocon", "packaging", "src", "tests"];
    private static readonly string[] Ignored = ["bin", "obj", "node_modules"];

    [Fact]
    public void Every_path_of_the_document_exists()
    {
        var existing = Paths();

        var missing = Named().FindAll(path => !existing.Exists(EndOf(path).IsMatch));

        Assert.Empty(missing);
    }

    [Theory]
    [InlineData("Pool/PoolActor.cs")]
    [InlineData("Json/SerializedServer.cs")]
    [InlineData("App.razor")]
    [InlineData("Wire/")]
    [InlineData("tests/McpActors.Tests")]
    public void Paths_of_all_forms_are_found_in_the_document(string path) => Assert.Contains(path, Named());

    /// <summary>Paths are named from the root or from a folder that the text around them gives; a star stands for part of a name.</summary>
    private static Regex EndOf(string path) =>
        new($"(^|/){Regex.Escape(path.TrimEnd('/')).Replace(@"\*", "[^/]*", StringComparison.Ordinal)}$");

    private static List<string> Named() =>
    [
        .. Code().Matches(File.ReadAllText(Repository.File(Document)))
            .Select(code => code.Groups[1].Value.Replace("../", "", StringComparison.Ordinal).Replace('…', '*'))
            .Where(code => PathForm().IsMatch(code))
            .Distinct(),
    ];

    private static List<string> Paths()
    {
        var root = Path.GetDirectoryName(Repository.File("McpActors.sln"))!;
        List<string> paths = [.. Directory.GetFiles(root)];
        foreach (var folder in Roots)
            Add(Path.Combine(root, folder), paths);
        return paths.ConvertAll(path => Path.GetRelativePath(root, path).Replace('\\', '/'));
    }

    private static void Add(string folder, List<string> paths)
    {
        paths.Add(folder);
        paths.AddRange(Directory.GetFiles(folder));
        foreach (var inner in Directory.GetDirectories(folder).Where(path => !Ignored.Contains(Path.GetFileName(path))))
            Add(inner, paths);
    }

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Code();

    /// <summary>A name with an extension of a file, a folder with a slash at its end, or a path from the root.</summary>
    [GeneratedRegex(
        @"^(?!/)([\w.*/-]+\.(cs|css|js|json|md|props|pubxml|razor|service|txt)|[\w.-]+/|(docs|examples|hocon|src|tests)/[\w./*-]+)$")]
    private static partial Regex PathForm();
}
