using System.Collections;
using System.Text.RegularExpressions;

namespace McpActors.Configuration;

/// <summary>A value of a server's settings that is not shown.</summary>
/// <param name="Text">The value, at least <see cref="Shortest"/> characters.</param>
/// <param name="IsSure">Whether it is a secret for sure, by its name, its source or its look; another one may be an ordinary word.</param>
internal readonly partial record struct HiddenValue(string Text, bool IsSure)
{
    /// <summary>Shorter values are not hidden.</summary>
    public const int Shortest = 8;

    /// <summary>
    /// What a server has: its token, headers and environment, what its arguments and address hold, and with <c>inherit-environment</c> the
    /// secrets of this process that its program has too. As they are now; a secret that cannot be resolved is left out.
    /// </summary>
    public static IEnumerable<HiddenValue> Of(ServerSettings server) =>
        OfToken(server.Token)
            .Concat(OfProxy(server.Proxy))
            .Concat(server.Headers.Concat(server.Environment).SelectMany(pair => OfNamed(pair.Key, pair.Value)))
            .Concat(OfArguments(server.Args))
            .Concat(server.Uri is { } uri ? OfAddress(uri) : [])
            .Concat(server.FileTexts.Select(text => new HiddenValue(text, true)))
            .Concat(OfEnvironment(server))
            .Where(value => value.Text.Length >= Shortest);

    private static IEnumerable<HiddenValue> OfToken(Secret? token) =>
        token is not null && ValueOf(token) is { } value ? [new HiddenValue(value, true)] : [];

    private static IEnumerable<HiddenValue> OfProxy(Secret? proxy) =>
        proxy is not null && ValueOf(proxy) is { } value && Uri.TryCreate(value, UriKind.Absolute, out var uri) ? OfAddress(uri) : [];

    private static IEnumerable<HiddenValue> OfNamed(string name, Secret secret)
    {
        if (ValueOf(secret) is not { } value)
            return [];
        var isSure = !secret.IsLiteral || IsSecret(name, value);
        // "Bearer abc" and "user:password" have the secret as a part.
        return value.Split(' ', ':').Skip(1).Prepend(value).Select(part => new HiddenValue(part, isSure));
    }

    // "--api-key=abc", "--api-key abc", and addresses with secrets.
    private static IEnumerable<HiddenValue> OfArguments(IReadOnlyList<string> args)
    {
        for (var i = 0; i < args.Count; i++)
        {
            var equals = args[i].IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && SecretName().IsMatch(args[i][..equals]))
                yield return new HiddenValue(args[i][(equals + 1)..], true);
            else if (i > 0 && args[i - 1].StartsWith('-') && SecretName().IsMatch(args[i - 1]))
                yield return new HiddenValue(args[i], true);
            if (args[i].Contains("://", StringComparison.Ordinal) && Uri.TryCreate(args[i][(equals + 1)..], UriKind.Absolute, out var uri))
            {
                foreach (var value in OfAddress(uri))
                    yield return value;
            }
        }
    }

    private static IEnumerable<HiddenValue> OfAddress(Uri uri)
    {
        var (query, user) = (uri.Query.TrimStart('?'), uri.UserInfo.Split(':', 2));
        var pairs = query.Split('&').Select(pair => pair.Split('=', 2)).Select(pair => (Name: pair[0], Value: pair[^1]));
        return pairs.Select(pair => new HiddenValue(pair.Value, IsSecret(pair.Name, pair.Value)))
            .Append(new HiddenValue(query, false))
            .Append(new HiddenValue(uri.UserInfo, true))
            .Append(new HiddenValue(user[0], false))
            .Append(new HiddenValue(user[^1], user.Length > 1))
            .SelectMany(value => (HiddenValue[])[value, value with { Text = Uri.UnescapeDataString(value.Text) }]);
    }

    /// <summary>
    /// Values of this process's variables: those that the configuration has filled into arguments or the address, and the secrets among
    /// those that the program inherits.
    /// </summary>
    private static IEnumerable<HiddenValue> OfEnvironment(ServerSettings server)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            if (variable is not { Key: string name, Value: string { Length: >= Shortest } value })
                continue;
            var isUsed = server.Args.Any(arg => arg.Contains(value, StringComparison.Ordinal))
                || (server.Uri?.OriginalString.Contains(value, StringComparison.Ordinal) ?? false);
            if (SecretName().IsMatch(name) && (server.InheritEnvironment || isUsed))
                yield return new HiddenValue(value, true);
            // A value with a slash is a path or an address, which people need in messages.
            else if (server.Args.Contains(value) && !value.Contains('/', StringComparison.Ordinal))
                yield return new HiddenValue(value, false);
        }
    }

    private static bool IsSecret(string name, string value) => SecretName().IsMatch(name) || LooksRandom(value);

    private static bool LooksRandom(string value) =>
        value.Length >= 20 && value.Any(char.IsAsciiLetter) && value.Count(char.IsAsciiDigit) >= 3 && !value.Any(char.IsWhiteSpace);

    private static string? ValueOf(Secret secret)
    {
        try
        {
            return secret.Resolve();
        }
        catch (SecretUnavailableException)
        {
            return null;
        }
    }

    [GeneratedRegex(
        "token|secret|passw|pwd|key|credential|auth|bearer|cookie|session", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex SecretName();
}
