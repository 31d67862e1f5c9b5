using System.Reflection;

namespace McpActors.Host.Presentation;

/// <summary>The version of this program, for people.</summary>
internal static class ProgramVersion
{
    /// <summary>Such as <c>0.1.0</c>, without the revision that a build may append to it.</summary>
    public static string Text { get; } =
        typeof(ProgramVersion).Assembly
            .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";
}
