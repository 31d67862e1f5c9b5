using McpActors.Transports;

namespace McpActors.Tests.Transports;

/// <summary>A stream that arrives in chunks of one size.</summary>
internal sealed class ChunkStream(byte[] bytes, int chunk) : ReadOnlyStream
{
    private int _at;

    /// <summary>The largest buffer that was offered.</summary>
    public int LargestRequest { get; private set; }

    /// <summary>The last buffer that was offered.</summary>
    public int LastRequest { get; private set; }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        LargestRequest = Math.Max(LargestRequest, LastRequest = buffer.Length);
        var count = Math.Min(Math.Min(chunk, buffer.Length), bytes.Length - _at);
        bytes.AsMemory(_at, count).CopyTo(buffer);
        _at += count;
        return ValueTask.FromResult(count);
    }
}
