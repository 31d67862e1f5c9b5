using ArchUnitNET.Domain;
using ArchUnitNET.Loader;

namespace McpActors.Host.Tests.Architecture;

public class NamespaceTests
{
    private const string Root = "McpActors.Host";

    [Fact]
    public void No_namespace_uses_one_that_uses_it()
    {
        var uses = Uses();

        // A component names the components it shows in the body of a method only.
        Assert.Contains(($"{Root}.Dashboard.Pages", $"{Root}.Dashboard.Parts.Servers"), uses.Keys);
        Assert.Empty(
            uses.Keys.Where(use => Reaches(uses.Keys, use.To, use.From)).Select(use => $"{use.From} -> {use.To}: {uses[use]}").Order());
    }

    [Theory]
    [InlineData("Presentation")]
    [InlineData("Settings")]
    [InlineData("Api.Contract", "Presentation")]
    [InlineData("Commands", "Api.Contract", "Demo", "Presentation", "Settings")]
    public void A_namespace_uses_only(string from, params string[] allowed)
    {
        var others = Uses().Where(use => use.Key.From == $"{Root}.{from}" && !allowed.Contains(use.Key.To[(Root.Length + 1)..]));

        Assert.Empty(others.Select(use => $"{use.Key.To}: {use.Value}"));
    }

    /// <summary>Which namespace uses which other one, each with an example.</summary>
    private static Dictionary<(string From, string To), string> Uses()
    {
        var uses = new Dictionary<(string From, string To), string>();
        foreach (var type in new ArchLoader().LoadAssemblies(typeof(Worker).Assembly).Build().Types.Where(IsOwn))
        {
            foreach (var target in type.Dependencies.Select(dependency => dependency.Target).Where(IsOwn))
            {
                if (target.Namespace.FullName != type.Namespace.FullName)
                    uses.TryAdd((type.Namespace.FullName, target.Namespace.FullName), $"{type.Name} uses {target.Name}");
            }
        }
        return uses;
    }

    private static bool IsOwn(IType type) =>
        type is not GenericParameter && type.Namespace?.FullName is { } name
            && (name == Root || name.StartsWith(Root + '.', StringComparison.Ordinal));

    private static bool Reaches(IReadOnlyCollection<(string From, string To)> uses, string from, string to)
    {
        var (seen, open) = (new HashSet<string>(StringComparer.Ordinal) { from }, new Queue<string>([from]));
        while (open.TryDequeue(out var at))
        {
            if (at == to)
                return true;
            foreach (var use in uses.Where(use => use.From == at && seen.Add(use.To)))
                open.Enqueue(use.To);
        }
        return false;
    }
}
