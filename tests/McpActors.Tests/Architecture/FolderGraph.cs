using ArchUnitNET.Domain;
using ArchUnitNET.Domain.Dependencies;
using ArchUnitNET.Loader;
using Assembly = System.Reflection.Assembly;

namespace McpActors.Tests.Architecture;

/// <summary>One folder uses another one, for example these types.</summary>
internal sealed record Use(string From, string To, string Example);

/// <summary>
/// Which folders of an assembly use which, read from its code, bodies of methods included. A folder is the first part of a namespace after
/// the root namespace, so <c>Balancing.Rotations</c> belongs to <c>Balancing</c>.
/// </summary>
internal sealed class FolderGraph
{
    private readonly string _root;
    private readonly string _rootName;

    /// <param name="assembly">The assembly.</param>
    /// <param name="root">The root namespace.</param>
    /// <param name="rootName">The name of the folder of types in the root namespace itself.</param>
    public FolderGraph(Assembly assembly, string root, string rootName)
    {
        (_root, _rootName) = (root, rootName);
        var types = new ArchLoader().LoadAssembly(assembly).Build().Types.Where(IsOwn).ToList();
        Folders = [.. types.Select(FolderOf).Distinct().Order(StringComparer.Ordinal)];
        Uses =
        [
            .. from type in types
               from target in type.Dependencies.SelectMany(TargetsOf).Where(IsOwn)
               let use = new Use(FolderOf(type), FolderOf(target), $"{type.FullName} uses {target.FullName}")
               where use.From != use.To
               group use by (use.From, use.To) into uses
               select uses.MinBy(use => use.Example, StringComparer.Ordinal) into first
               orderby first.From, first.To
               select first,
        ];
    }

    public IReadOnlyList<string> Folders { get; }

    /// <summary>The uses, in order of the folders' names; each pair once.</summary>
    public IReadOnlyList<Use> Uses { get; }

    /// <summary>The uses that are part of a cycle.</summary>
    public IReadOnlyList<Use> InCycles => [.. Uses.Where(use => Reaches(use.To, use.From))];

    private bool Reaches(string from, string to)
    {
        var (seen, open) = (new HashSet<string>(StringComparer.Ordinal) { from }, new Queue<string>([from]));
        while (open.TryDequeue(out var at))
        {
            if (at == to)
                return true;
            foreach (var use in Uses.Where(use => use.From == at && seen.Add(use.To)))
                open.Enqueue(use.To);
        }
        return false;
    }

    private static IEnumerable<IType> TargetsOf(ITypeDependency dependency) =>
        dependency.TargetGenericArguments.SelectMany(TypesOf).Prepend(dependency.Target);

    private static IEnumerable<IType> TypesOf(GenericArgument argument) =>
        argument.GenericArguments.SelectMany(TypesOf).Prepend(argument.Type);

    private bool IsOwn(IType type) =>
        type is not GenericParameter
        && type.Namespace?.FullName is { } name
        && (name == _root || name.StartsWith($"{_root}.", StringComparison.Ordinal));

    private string FolderOf(IType type)
    {
        var name = type.Namespace.FullName;
        return name == _root ? _rootName : name[(_root.Length + 1)..].Split('.')[0];
    }
}
