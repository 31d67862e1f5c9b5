namespace McpActors.Tests.Interop;

/// <summary>What tests need beside the SDK of .NET.</summary>
internal static class Prerequisite
{
    private const string RequireVariable = "MCPACTORS_REQUIRE_INTEROP";

    /// <summary>Skips the test where something is missing, and fails it where everything is required.</summary>
    /// <param name="missing">What is missing, in words; null for nothing.</param>
    /// <param name="remedy">What to do about it.</param>
    public static void Require(string? missing, string remedy)
    {
        if (missing is null)
            return;
        var reason = $"{missing}. To run this test: {remedy}";
        if (Environment.GetEnvironmentVariable(RequireVariable) == "1")
            Xunit.Assert.Fail($"{reason}. It may not be skipped because {RequireVariable}=1");
        Xunit.Skip.If(true, reason);
    }

    /// <summary>The path of a program; null when it is not installed.</summary>
    public static string? FindProgram(string name) =>
        // The folders of the system's programs are not on everybody's PATH.
        $"{Environment.GetEnvironmentVariable("PATH")}{Path.PathSeparator}/usr/sbin"
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
            .Select(directory => Path.Combine(directory, OperatingSystem.IsWindows() ? $"{name}.exe" : name))
            .FirstOrDefault(File.Exists);
}
