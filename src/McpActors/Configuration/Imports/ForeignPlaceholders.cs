using System.Text.RegularExpressions;

namespace McpActors.Configuration.Imports;

/// <summary>
/// Placeholders that shells, Windows and templates fill in, and the pool does not: <c>$NAME</c>, <c>$env:NAME</c>, <c>$(…)</c>,
/// <c>%NAME%</c>, <c>{{NAME}}</c>. Each may also be part of an ordinary text, so it is handed on as it is written, with a note. Pure.
/// </summary>
internal static partial class ForeignPlaceholders
{
    private static readonly string[] Shells =
        ["sh", "bash", "zsh", "dash", "ash", "ksh", "fish", "busybox", "cmd", "powershell", "pwsh", "wsl"];

    /// <summary>Whether the command is a shell, which fills in its placeholders itself.</summary>
    /// <param name="command">A program, or a command line that begins with it.</param>
    public static bool AreOf(string command)
    {
        var program = command.Trim().Split(' ', 2)[0];
        return Shells.Contains(
            Path.GetFileNameWithoutExtension(program[(program.LastIndexOf('\\') + 1)..]), StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>
    /// What a person should know about a text that has one; null: it has none. The text may be a secret and is not shown.
    /// </summary>
    public static string? NoteOf(string text) => FormIn(text) is { } form
        ? $"has a `{form}`, which is not filled in but handed on as it is written; a variable is written ${{NAME}}"
        : null;

    private static string? FormIn(string text)
    {
        if (Command().IsMatch(text))
            return "$(…)";
        if (PowerShell().IsMatch(text))
            return "$env:NAME";
        if (Variable().IsMatch(text))
            return "$NAME";
        if (Windows().IsMatch(text))
            return "%NAME%";
        return Template().IsMatch(text) ? "{{NAME}}" : null;
    }

    [GeneratedRegex(@"\$\([^()]+\)", RegexOptions.CultureInvariant)]
    private static partial Regex Command();

    [GeneratedRegex(@"\$env:[A-Za-z_]", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase)]
    private static partial Regex PowerShell();

    // In small letters only as a whole text: passwords have dollars too.
    [GeneratedRegex(@"^\$[A-Za-z_][A-Za-z0-9_]*$|(?<![A-Za-z0-9_$\\])\$[A-Z_][A-Z0-9_]+(?![A-Za-z0-9_])", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();

    // Two characters are an octet of an address.
    [GeneratedRegex(@"%[A-Za-z_][A-Za-z0-9_]{2,}%", RegexOptions.CultureInvariant)]
    private static partial Regex Windows();

    [GeneratedRegex(@"(?<!\$)\{\{\s*[A-Za-z_][\w.:-]*\s*\}\}", RegexOptions.CultureInvariant)]
    private static partial Regex Template();
}
