namespace McpActors.Configuration;

/// <summary>
/// A value that must not be shown: from a literal, an environment variable or a file. It is resolved for each connection, so that the next
/// connection uses a rotated token. <see cref="ToString"/> shows its source, never the value. Immutable, safe for any thread.
/// </summary>
public abstract record Secret
{
    private Secret() { }

    /// <summary>A value written in the configuration itself.</summary>
    public static Secret FromLiteral(string value) => new Literal(value);

    /// <summary>The value of an environment variable at the time of use.</summary>
    public static Secret FromEnvironment(string variable) => new EnvironmentVariable(variable);

    /// <summary>The content of a file at the time of use, without surrounding white space.</summary>
    public static Secret FromFile(string path) => new SecretFile(path);

    /// <summary>
    /// A text in which <c>${NAME}</c>, <c>${env:NAME}</c> and <c>${NAME:-otherwise}</c> mean environment variables, and
    /// <c>${file:path}</c> the content of a file, at the time of use.
    /// </summary>
    public static Secret FromTemplate(string text) => new Template(text);

    /// <summary>The value now.</summary>
    /// <exception cref="SecretUnavailableException">A variable is not set or empty, or the file cannot be read or is empty.</exception>
    public abstract string Resolve();

    // The end of the key that such a secret is written with: token, token-env, token-file.
    internal virtual string Key => "";

    // Whether the secret holds its value itself.
    internal bool IsLiteral => this is Literal;

    // Its source and the name or path there, for the other nodes of a cluster; for a literal the value itself.
    internal abstract (SecretSource Source, string Text) Written { get; }

    internal static Secret Of(SecretSource source, string text) => source switch
    {
        SecretSource.Literal => FromLiteral(text),
        SecretSource.Environment => FromEnvironment(text),
        SecretSource.File => FromFile(text),
        SecretSource.Template => FromTemplate(text),
        _ => throw new ArgumentOutOfRangeException(nameof(source), source, "unknown source"),
    };

    private sealed record Literal(string Value) : Secret
    {
        public override string Resolve() => Value;
        public override string ToString() => "***";
        internal override (SecretSource, string) Written => (SecretSource.Literal, Value);
    }

    private sealed record EnvironmentVariable(string Variable) : Secret
    {
        public override string Resolve() =>
            System.Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } value
                ? value
                : throw new SecretUnavailableException($"environment variable {Variable} is not set or empty");

        public override string ToString() => $"*** (environment variable {Variable})";

        internal override string Key => "env";

        internal override (SecretSource, string) Written => (SecretSource.Environment, Variable);
    }

    private sealed record SecretFile(string Path) : Secret
    {
        public override string Resolve()
        {
            try
            {
                var text = ConfigurationText.Read(Path, mustBeRegular: true, out var refusal)
                    ?? throw new SecretUnavailableException($"secret file {Path} cannot be used: {refusal}");
                return text.Trim() is { Length: > 0 } value
                    ? value
                    : throw new SecretUnavailableException($"secret file {Path} is empty");
            }
            catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
            {
                throw new SecretUnavailableException($"secret file {Path} does not exist", e);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                throw new SecretUnavailableException($"secret file {Path} cannot be read: {e.Message}", e);
            }
        }

        public override string ToString() => $"*** (file {Path})";

        internal override string Key => "file";

        internal override (SecretSource, string) Written => (SecretSource.File, Path);
    }

    private sealed record Template(string Text) : Secret
    {
        public override string Resolve() => EnvironmentTemplate.Expand(Text);

        public override string ToString() => $"*** (with environment variables {string.Join(", ", EnvironmentTemplate.Variables(Text))})";

        internal override (SecretSource, string) Written => (SecretSource.Template, Text);
    }
}

/// <summary>The source of a secret's value.</summary>
internal enum SecretSource
{
    /// <summary>The secret holds it.</summary>
    Literal,

    /// <summary>An environment variable.</summary>
    Environment,

    /// <summary>A file.</summary>
    File,

    /// <summary>A text with environment variables in it.</summary>
    Template,
}

/// <summary>A secret could not be resolved. The message names the variable or file, never a value.</summary>
/// <param name="message">The secret and the reason.</param>
/// <param name="inner">The cause, if any.</param>
public sealed class SecretUnavailableException(string message, Exception? inner = null) : Exception(message, inner);
