using System.Security.Cryptography;
using System.Text;
using McpActors.Configuration;

namespace McpActors.Host.Security;

/// <summary>
/// The access token of this host. Hashes are compared in constant time, so that the time reveals nothing about the token. The token is read
/// for each comparison, so that a rotated one is valid at once. Thread-safe.
/// </summary>
internal sealed class AccessToken(Secret secret)
{
    public bool Matches(string? given)
    {
        if (string.IsNullOrEmpty(given))
            return false;
        try
        {
            return CryptographicOperations.FixedTimeEquals(Hash(given), Hash(secret.Resolve()));
        }
        catch (SecretUnavailableException)
        {
            // Its file is being replaced: no token is valid until it is back.
            return false;
        }
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
