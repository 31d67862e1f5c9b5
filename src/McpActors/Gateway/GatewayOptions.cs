namespace McpActors.Gateway;

/// <summary>How the gateway names the entries of the pool's groups.</summary>
public enum GatewayNaming
{
    /// <summary>
    /// As the servers name them. A name that two groups have is offered by neither, unless <see cref="GatewayOptions.Prefer"/> or an
    /// alias decides.
    /// </summary>
    Plain,

    /// <summary>
    /// Tools and prompts as <c>group</c> + <see cref="GatewayOptions.Separator"/> + <c>name</c>, URIs of resources and templates as
    /// <c>group+uri</c>.
    /// </summary>
    Prefixed,
}

/// <summary>
/// What the pool offers as an MCP server, and under which names. A name depends on these options and on the entry alone, never on which
/// servers are up.
/// </summary>
public sealed record GatewayOptions
{
    internal const int ShortestSecret = 16;

    /// <summary>How entries are named. Default: <see cref="GatewayNaming.Plain"/>.</summary>
    public GatewayNaming Names { get; init; } = GatewayNaming.Plain;

    /// <summary>
    /// What stands between a group and a name when <see cref="Names"/> is <see cref="GatewayNaming.Prefixed"/>: 1 to 8 letters, digits,
    /// <c>_</c>, <c>-</c> or <c>.</c>. Default: <c>_</c>.
    /// </summary>
    public string Separator { get; init; } = "_";

    /// <summary>
    /// The groups that win a name that several groups have, the first of them first. Default: none; nobody gets such a name.
    /// </summary>
    public IReadOnlyList<string> Prefer { get; init; } = [];

    /// <summary>
    /// Names of tools and prompts that the gateway offers under another name: the offered name, and <c>group/name</c> of the entry. The
    /// entry is then offered under no other name. Default: none.
    /// </summary>
    public IReadOnlyDictionary<string, string> Aliases { get; init; } = new Dictionary<string, string>();

    /// <summary>The most entries of one page of a list; 1 to 10 000. Default: 1 000.</summary>
    public int PageSize { get; init; } = 1000;

    /// <summary>
    /// How long a list waits for servers that connect for the first time; 0 to 60 s. Default: 2 s. Their entries are announced when they
    /// come later.
    /// </summary>
    public TimeSpan ListWait { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long the entries must have been quiet before a change is announced to clients; 0 to 60 s. Default: 200 ms. At most one second
    /// after a change it is announced in any case.
    /// </summary>
    public TimeSpan Quiet { get; init; } = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// A secret of at least 16 characters from which the key is made that seals the state of calls which ask for input, on its way through
    /// clients of 2026-07-28. Services with the same secret take each other's. Default: null; each process has a key of its own, so that
    /// such a call has to be continued at the process where it began.
    /// </summary>
    public string? StateSecret { get; init; }

    internal static GatewayOptions Default { get; } = new();

    /// <summary>The options whose values are outside of their ranges, and what would be right.</summary>
    internal IEnumerable<(string Option, string Problem)> Problems()
    {
        if (Separator is not { Length: >= 1 and <= 8 } || !Separator.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
            yield return (nameof(Separator), $"is `{Separator}`; use 1 to 8 letters, digits, `_`, `-` or `.`");
        if (PageSize is < 1 or > 10_000)
            yield return (nameof(PageSize), $"is {PageSize}; use 1 to 10000");
        if (ListWait < TimeSpan.Zero || ListWait > TimeSpan.FromMinutes(1))
            yield return (nameof(ListWait), $"is {ListWait}; use 0 to 60 s");
        if (Quiet < TimeSpan.Zero || Quiet > TimeSpan.FromMinutes(1))
            yield return (nameof(Quiet), $"is {Quiet}; use 0 to 60 s");
        if (StateSecret is { Length: < ShortestSecret })
            yield return (nameof(StateSecret), $"is shorter than {ShortestSecret} characters, which can be guessed");
        foreach (var (alias, target) in Aliases)
        {
            if (alias.Length == 0 || target.IndexOf('/') is not (> 0 and var slash) || slash == target.Length - 1)
                yield return (nameof(Aliases), $"has `{alias}` = `{target}`; write the offered name, and group/name of the entry");
        }
    }

    /// <exception cref="ArgumentException">A value is outside of its range; the message has all of them.</exception>
    internal GatewayOptions Checked()
    {
        var problems = Problems().Select(problem => $"{problem.Option} {problem.Problem}").ToArray();
        return problems.Length == 0
            ? this
            : throw new ArgumentException($"The options of the gateway are wrong: {string.Join("; ", problems)}.");
    }
}
