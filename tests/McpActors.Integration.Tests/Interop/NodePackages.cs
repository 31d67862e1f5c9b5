namespace McpActors.Tests.Interop;

/// <summary>The pinned npm packages of <c>tests/interop</c> and the Node that runs them.</summary>
internal static class NodePackages
{
    private static readonly NpmFolder Folder =
        new("tests/interop", () => Prerequisite.FindProgram("node") is null ? "node is not on the PATH" : null);

    /// <summary>Whether the tests can run.</summary>
    public static bool AreInstalled => Folder.IsInstalled;

    /// <summary>The Node program; only after <see cref="Require"/>.</summary>
    public static string Node { get; } = Prerequisite.FindProgram("node") ?? "node";

    /// <summary>The path of a file in <c>tests/interop</c>.</summary>
    public static string Script(string name) => Folder.File(name);

    /// <summary>The path of a package's module, or the module itself if it is a path already.</summary>
    public static string Module(string module) => Folder.Module(module);

    /// <summary>Skips the test where Node or a package is missing, and fails it where they are required.</summary>
    public static void Require() => Folder.Require();
}
