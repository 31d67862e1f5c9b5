namespace McpActors.Host.Commands;

/// <summary>What a command reads from and writes to.</summary>
internal sealed record CommandConsole
{
    /// <summary>For what is asked for.</summary>
    public TextWriter Output { get; init; } = Console.Out;

    /// <summary>For errors, and for what is said beside the result.</summary>
    public TextWriter Error { get; init; } = Console.Error;

    /// <summary>For parameters given as <c>-</c>.</summary>
    public TextReader Input { get; init; } = Console.In;

    /// <summary>The value of an environment variable; null: it is not set.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;
}
