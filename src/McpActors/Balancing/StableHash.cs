using System.Buffers;
using System.Text;

namespace McpActors.Balancing;

/// <summary>
/// A hash that is the same in every process, on every machine and in every version, unlike that of <see cref="string"/>, so that a key has
/// the same server on every node and after a restart. FNV-1a over UTF-8 with the finalizer of MurmurHash3, because FNV's high bits spread
/// badly.
/// </summary>
internal static class StableHash
{
    private const ulong Offset = 14695981039346656037;
    private const ulong Prime = 1099511628211;
    private const int LargestOnStack = 256;

    public static ulong Of(string text)
    {
        var length = Encoding.UTF8.GetMaxByteCount(text.Length);
        var rented = length > LargestOnStack ? ArrayPool<byte>.Shared.Rent(length) : null;
        var bytes = rented ?? stackalloc byte[LargestOnStack];
        var hash = Offset;
        foreach (var value in bytes[..Encoding.UTF8.GetBytes(text, bytes)])
            hash = (hash ^ value) * Prime;
        if (rented is not null)
            ArrayPool<byte>.Shared.Return(rented);
        return Mix(hash);
    }

    /// <summary>The n-th of many hashes of the same text, practically independent of each other.</summary>
    public static ulong Derive(ulong hash, int n) => Mix(hash + ((ulong)n * 0x9E3779B97F4A7C15));

    private static ulong Mix(ulong hash)
    {
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }
}
