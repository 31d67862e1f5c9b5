using System.Text;

namespace McpActors.Configuration.Imports;

/// <summary>
/// Takes a command line apart, as a shell does: blanks separate, quotes and <c>${…}</c> keep together. Nothing is expanded. Pure.
/// </summary>
internal static class CommandLineText
{
    /// <summary>The words; empty when a quote is not closed.</summary>
    public static IReadOnlyList<string> Split(string text)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        var isWord = false;
        var ends = EnvironmentTemplate.Ends(text);
        char? quote = null;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            var next = i + 1 < text.Length ? text[i + 1] : '\0';
            if (c == '$' && ends.TryGetValue(i + 1, out var end))
            {
                word.Append(text, i, end + 1 - i);
                (i, isWord) = (end, true);
            }
            else if (c == '\\' && quote != '\'' && next is '"' or '\\' or ' ' && !(next == ' ' && quote is not null))
            {
                word.Append(next);
                (i, isWord) = (i + 1, true);
            }
            else if (c == quote)
            {
                quote = null;
            }
            else if (quote is null && c is '"' or '\'' && quote is null)
            {
                (quote, isWord) = (c, true);
            }
            else if (quote is null && char.IsWhiteSpace(c))
            {
                if (isWord)
                    words.Add(word.ToString());
                word.Clear();
                isWord = false;
            }
            else
            {
                word.Append(c);
                isWord = true;
            }
        }
        if (isWord)
            words.Add(word.ToString());
        return quote is null ? words : [];
    }

    /// <summary>Whether there is a file that the command names as a whole, so that blanks in it do not separate.</summary>
    /// <param name="command">The command.</param>
    /// <param name="folder">A relative path starts from here.</param>
    /// <param name="path">The folders of programs, as in <c>PATH</c>.</param>
    public static bool IsProgram(string command, string folder, string? path)
    {
        if (command.Contains('\0', StringComparison.Ordinal))
            return false;
        var folders = command.AsSpan().ContainsAny('/', '\\')
            ? [folder]
            : (path ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        string[] endings = OperatingSystem.IsWindows() ? ["", ".exe", ".cmd", ".bat"] : [""];
        return folders.Any(directory => endings.Any(ending => File.Exists(Path.Combine(directory, command + ending))));
    }
}
