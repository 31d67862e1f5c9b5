using ModelContextProtocol.Protocol;

namespace McpActors.Chaos.Servers;

/// <summary>The tools of every server. Each takes the number of the call and writes it into the ledger.</summary>
internal static class Tools
{
    /// <summary>Without a hint: must never run twice.</summary>
    public const string Unsafe = "act";

    private const string ReadOnly = "read";
    private const string Idempotent = "put";

    public const string Argument = "number";

    public static IList<Tool> All { get; } =
    [
        new Tool { Name = Unsafe },
        new Tool { Name = ReadOnly, Annotations = new ToolAnnotations { ReadOnlyHint = true } },
        new Tool { Name = Idempotent, Annotations = new ToolAnnotations { IdempotentHint = true } },
    ];

    /// <summary>Every second call is unsafe.</summary>
    public static string ForCall(long number) => (number % 4) switch
    {
        0 => ReadOnly,
        2 => Idempotent,
        _ => Unsafe,
    };
}
