using System.IO.Pipelines;

namespace McpActors.Tests.Transports;

/// <summary>Two connected streams: each reads the data that is written to the other.</summary>
internal sealed class DuplexStream(Stream reader, Stream writer) : Stream
{
    public override bool CanRead => true;
    public override bool CanSeek => false;
    public override bool CanWrite => true;
    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public static (Stream Near, Stream Far) Pair()
    {
        // Buffers data in flight, as a network does, so that a test can send before the other end reads.
        var options = new PipeOptions(pauseWriterThreshold: 0);
        var (toFar, toNear) = (new Pipe(options), new Pipe(options));
        return (
            new DuplexStream(toNear.Reader.AsStream(), toFar.Writer.AsStream()),
            new DuplexStream(toFar.Reader.AsStream(), toNear.Writer.AsStream()));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        reader.ReadAsync(buffer, cancellationToken);

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
        writer.WriteAsync(buffer, cancellationToken);

    public override Task FlushAsync(CancellationToken cancellationToken) => writer.FlushAsync(cancellationToken);

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public override void Flush() => writer.Flush();
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            reader.Dispose();
            writer.Dispose();
        }

        base.Dispose(disposing);
    }
}
