namespace McpActors.Host.Commands;

/// <summary>The streams and the environment of a command.</summary>
internal sealed record CommandConsole
{
    /// <summary>For results.</summary>
    public TextWriter Output { get; init; } = Console.Out;

    /// <summary>For errors, and for notes beside the result.</summary>
    public TextWriter Error { get; init; } = Console.Error;

    /// <summary>For parameters given as <c>-</c>.</summary>
    public TextReader Input { get; init; } = Console.In;

    /// <summary>The value of an environment variable; null: it is not set.</summary>
    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;
}
