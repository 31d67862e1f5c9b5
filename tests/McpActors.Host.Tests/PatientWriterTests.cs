using System.Text;

namespace McpActors.Host.Tests;

public class PatientWriterTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(2);

    [Fact]
    public void Everything_is_written_by_its_end()
    {
        using var stream = new MemoryStream();
        using (var writer = new PatientWriter(stream))
        {
            writer.WriteLine("one");
            writer.Write('2');
            writer.Write("three");
        }

        Assert.Equal($"one{Environment.NewLine}2three", Encoding.UTF8.GetString(stream.ToArray()));
    }

    [Fact]
    public async Task Nobody_waits_for_a_reader_that_does_not_read()
    {
        using var stream = new StuckStream();
        using var writer = new PatientWriter(stream);
        var line = new string('x', 1000);

        await Task.Run(() =>
        {
            for (var i = 0; i < 2 * PatientWriter.MostWaiting / line.Length; i++)
                writer.WriteLine(line);
        }).WaitAsync(Guard);

        Assert.InRange(stream.Taken, 0, 1);
    }

    [Fact]
    public void Dropped_entries_are_counted()
    {
        using var stream = new StuckStream();
        var writer = new PatientWriter(stream);
        writer.Write(new string('x', PatientWriter.MostWaiting));
        writer.Write("lost");
        writer.Write("lost");

        stream.Release();
        // Its end waits for seconds only.
        stream.WaitForFlushes(2, Guard);
        writer.Dispose();

        Assert.Contains("(2 entries were dropped here", stream.Written, StringComparison.Ordinal);
    }

    [Fact]
    public void A_full_disk_is_not_reported_to_those_who_write()
    {
        if (!File.Exists("/dev/full"))
            return;
        using var full = new FileStream("/dev/full", FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        using var writer = new PatientWriter(full);

        writer.WriteLine("lost");
    }

    /// <summary>A pipe whose reader reads nothing until it is released.</summary>
    private sealed class StuckStream : MemoryStream
    {
        private readonly ManualResetEventSlim _released = new();
        private readonly SemaphoreSlim _flushed = new(0);

        public int Taken { get; private set; }

        public string Written => Encoding.UTF8.GetString(ToArray());

        public void Release() => _released.Set();

        public void WaitForFlushes(int count, TimeSpan guard)
        {
            for (var i = 0; i < count; i++)
                Assert.True(_flushed.Wait(guard), $"flush {i + 1} of {count}");
        }

        public override void Flush() => _flushed.Release();

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Taken++;
            _released.Wait(Guard);
            base.Write(buffer);
        }

        protected override void Dispose(bool disposing)
        {
            _released.Set();
            base.Dispose(disposing);
        }
    }
}
