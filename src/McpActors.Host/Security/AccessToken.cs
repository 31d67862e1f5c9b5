using System.Security.Cryptography;
using System.Text;
using McpActors.Configuration;

namespace McpActors.Host.Security;

/// <summary>
/// The token that opens this host. Compared in constant time over its hash, so that neither its length nor where it differs shows. Resolved at each
/// comparison, so that a rotated one holds at once. Thread-safe.
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
            // Its file is being replaced: nobody gets in until it is there again.
            return false;
        }
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
