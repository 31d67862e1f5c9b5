using System.Text.RegularExpressions;
using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

public sealed class ExampleFilesTests : IDisposable
{
    private readonly ConfigurationFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Files =>
        [.. Directory.GetFiles(Repository.File("hocon/examples"), "*.conf").Select(f => Path.GetFileName(f)!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void Every_example_is_valid(string file)
    {
        foreach (var source in Directory.GetFiles(Repository.File("hocon/examples")))
            _folder.Write(Path.GetFileName(source), File.ReadAllText(source));
        _folder.Write("secrets/secondary", "token");
        var path = Path.Combine(_folder.Path, file);

        // The variables are given names that no other test has.
        using var variable = new Variable("value");
        foreach (var text in Directory.GetFiles(_folder.Path))
            File.WriteAllText(text, Regex.Replace(File.ReadAllText(text), @"(?<=env = |\$\{|env:)[A-Z_]+", variable.Name));

        Assert.NotEmpty(PoolConfiguration.ReadFile(path).Servers);
    }
}
