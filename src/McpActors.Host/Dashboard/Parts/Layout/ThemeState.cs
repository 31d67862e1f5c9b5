namespace McpActors.Host.Dashboard.Parts.Layout;

/// <summary>The colours of a page.</summary>
/// <param name="Choice">The choice of the user: <see cref="System"/>, <see cref="Light"/> or <see cref="Dark"/>.</param>
/// <param name="IsDark">Whether that means dark colours now.</param>
public sealed record ThemeState(string Choice, bool IsDark)
{
    public const string System = "system";
    public const string Light = "light";
    public const string Dark = "dark";
}
