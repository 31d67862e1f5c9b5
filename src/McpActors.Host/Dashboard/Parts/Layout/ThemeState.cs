namespace McpActors.Host.Dashboard.Parts.Layout;

/// <summary>In which colours a page is drawn.</summary>
/// <param name="Choice">What the user chose: <see cref="System"/>, <see cref="Light"/> or <see cref="Dark"/>.</param>
/// <param name="IsDark">What comes of it.</param>
public sealed record ThemeState(string Choice, bool IsDark)
{
    public const string System = "system";
    public const string Light = "light";
    public const string Dark = "dark";
}
