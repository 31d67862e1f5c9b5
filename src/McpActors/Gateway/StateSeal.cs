using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace McpActors.Gateway;

/// <summary>
/// What a client brings back with the input that a call asked for (<c>requestState</c>): the server that asked, and the server's own state.
/// </summary>
/// <param name="Server">The server that asked; only it understands the answer.</param>
/// <param name="State">The server's own state; null when it gave none.</param>
/// <param name="Client">The user that the client is authenticated as; empty for none.</param>
/// <param name="Method">The method of the call.</param>
/// <param name="Name">The offered name, or URI, of the call.</param>
/// <param name="Expires">Until when it is taken, in seconds since 1970.</param>
internal sealed record RequestState(string Server, string? State, string Client, string Method, string Name, long Expires);

/// <summary>
/// Seals a <see cref="RequestState"/> for its way through a client, which can neither read nor change it: AES-256-GCM with a key that is
/// derived from a secret (HKDF-SHA256). Gateways with the same secret read each other's. Thread-safe.
/// </summary>
/// <param name="secret">The secret; null: one of this object alone.</param>
/// <param name="time">The clock. A state can reach another process, so it expires by the wall clock.</param>
/// <remarks>
/// The specification of 2026-07-28 (basic/patterns/mrtr) asks for integrity, and for principal, expiry and originating request in it.
/// </remarks>
internal sealed class StateSeal(string? secret, TimeProvider time)
{
    /// <summary>How long a client may take to give the input.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);

    // Version, nonce, tag; the sealed text follows.
    private const byte Version = 1;
    private const int NonceAt = 1;
    private const int TagAt = NonceAt + 12;
    private const int TextAt = TagAt + TagSize;
    private const int TagSize = 16;
    private const int KeySize = 32;

    private readonly byte[] _key = secret is null
        ? RandomNumberGenerator.GetBytes(KeySize)
        : HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(secret), KeySize, info: "mcp-actors request state"u8.ToArray());

    /// <summary>The text for a client.</summary>
    /// <param name="server">The server that asked.</param>
    /// <param name="state">The server's own state; null for none.</param>
    /// <param name="client">The user that the client is authenticated as; empty for none.</param>
    /// <param name="method">The method of the call.</param>
    /// <param name="name">The offered name, or URI, of the call.</param>
    public string Seal(string server, string? state, string client, string method, string name)
    {
        var expires = (time.GetUtcNow() + Lifetime).ToUnixTimeSeconds();
        var plain = JsonSerializer.SerializeToUtf8Bytes(new RequestState(server, state, client, method, name, expires));
        var bytes = new byte[TextAt + plain.Length];
        bytes[0] = Version;
        RandomNumberGenerator.Fill(bytes.AsSpan(NonceAt..TagAt));
        using var aes = new AesGcm(_key, TagSize);
        aes.Encrypt(bytes.AsSpan(NonceAt..TagAt), plain, bytes.AsSpan(TextAt), bytes.AsSpan(TagAt..TextAt), bytes.AsSpan(..NonceAt));
        return Base64Url.EncodeToString(bytes);
    }

    /// <summary>Opens what a client brought.</summary>
    /// <param name="text">The text of <see cref="Seal"/>, if the client is honest.</param>
    /// <param name="client">The user that the client is authenticated as now.</param>
    /// <param name="method">The method of the call that it came with.</param>
    /// <param name="name">The offered name, or URI, of that call.</param>
    /// <returns>Null: it is forged, of another user or call, too old, or of a gateway with another secret.</returns>
    public RequestState? Open(string text, string client, string method, string name)
    {
        if (!Base64Url.IsValid(text, out var size) || size < TextAt)
            return null;
        var bytes = Base64Url.DecodeFromChars(text);
        var plain = new byte[bytes.Length - TextAt];
        try
        {
            using var aes = new AesGcm(_key, TagSize);
            aes.Decrypt(bytes.AsSpan(NonceAt..TagAt), bytes.AsSpan(TextAt), bytes.AsSpan(TagAt..TextAt), plain, bytes.AsSpan(..NonceAt));
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
        var state = JsonSerializer.Deserialize<RequestState>(plain)!;
        return state.Client == client && state.Method == method && state.Name == name
            && state.Expires >= time.GetUtcNow().ToUnixTimeSeconds()
                ? state
                : null;
    }
}
