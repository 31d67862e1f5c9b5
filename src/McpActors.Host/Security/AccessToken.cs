using System.Security.Cryptography;
using System.Text;
using McpActors.Configuration;
using McpActors.Host.Settings;

namespace McpActors.Host.Security;

/// <summary>
/// The access token of this host. Hashes are compared in constant time, so that the time reveals nothing about the token. The token is read
/// for each comparison, so that a rotated one is valid at once. Thread-safe.
/// </summary>
internal sealed partial class AccessToken(Secret secret, ILogger<AccessToken>? log = null)
{
    private volatile bool _isTooShort;

    /// <summary>A hash of the token as it is now; null while it cannot be read or is too short, and nothing matches it.</summary>
    public byte[]? Fingerprint()
    {
        try
        {
            var token = secret.Resolve();
            var isTooShort = token.Length < HostSettings.ShortestAccessToken;
            if (isTooShort && !_isTooShort && log is not null)
                LogTooShort(log, HostSettings.ShortestAccessToken);
            _isTooShort = isTooShort;
            return isTooShort ? null : Hash(token);
        }
        catch (SecretUnavailableException)
        {
            // Its file is being replaced: no token is valid until it is back.
            return null;
        }
    }

    public bool Matches(string? given) =>
        !string.IsNullOrEmpty(given) && Fingerprint() is { } expected && CryptographicOperations.FixedTimeEquals(Hash(given), expected);

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    [LoggerMessage(LogLevel.Error,
        "The access token has fewer than {Shortest} characters and is refused: no request is served until it is replaced")]
    private static partial void LogTooShort(ILogger log, int shortest);
}
