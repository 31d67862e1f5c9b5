using System.Collections.Concurrent;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace McpActors.Host;

/// <summary>
/// Writes to a stream of the process on a thread of its own. Nobody who writes waits for a reader that does not read, and nothing is thrown
/// when the stream cannot be written, such as a file on a full disk. What does not fit meanwhile is dropped and counted. Thread-safe.
/// </summary>
internal sealed class PatientWriter : TextWriter
{
    /// <summary>The most characters that wait.</summary>
    public const int MostWaiting = 4_000_000;

    /// <summary>How long the end of the process waits for text that is not yet written.</summary>
    private static readonly TimeSpan EndWithin = TimeSpan.FromSeconds(2);

    private readonly BlockingCollection<string> _waiting = [];
    private readonly Stream _stream;
    private readonly Thread _thread;
    private int _characters;
    private int _dropped;

    /// <param name="stream">Where to.</param>
    public PatientWriter(Stream stream)
    {
        _stream = stream;
        // The process may end while it waits for the stream.
        _thread = new Thread(Run) { IsBackground = true, Name = nameof(PatientWriter) };
        _thread.Start();
    }

    /// <summary>Writes to the standard output of the process.</summary>
    public static PatientWriter ToOutput() => new(Descriptor(1) ?? Console.OpenStandardOutput());

    /// <summary>Writes to the standard error of the process.</summary>
    public static PatientWriter ToError() => new(Descriptor(2) ?? Console.OpenStandardError());

    public override Encoding Encoding => Encoding.UTF8;

    public override void Write(char value) => Write(value.ToString());

    public override void Write(char[] buffer, int index, int count) => Write(new string(buffer, index, count));

    public override void WriteLine(string? value) => Write(value + CoreNewLine.AsSpan().ToString());

    public override void Write(string? value)
    {
        if (string.IsNullOrEmpty(value))
            return;
        if (Interlocked.Add(ref _characters, value.Length) > MostWaiting || !TryAdd(value))
        {
            Interlocked.Add(ref _characters, -value.Length);
            Interlocked.Increment(ref _dropped);
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _waiting.CompleteAdding();
            _thread.Join(EndWithin);
        }
        base.Dispose(disposing);
    }

    // The console's own streams hold a lock of all of it while they wait for a pipe. A file, which never waits, has one position for all
    // its writers, which a stream of ours would not follow.
    private static FileStream? Descriptor(int number)
    {
        if (OperatingSystem.IsWindows())
            return null;
        try
        {
            var stream = new FileStream(new SafeFileHandle(number, ownsHandle: false), FileAccess.Write, bufferSize: 0);
            return stream.CanSeek ? null : stream;
        }
        catch (Exception e) when (e is IOException or ArgumentException or UnauthorizedAccessException)
        {
            // It is closed.
            return null;
        }
    }

    private bool TryAdd(string value)
    {
        try
        {
            return _waiting.TryAdd(value);
        }
        catch (InvalidOperationException)
        {
            // The process ends.
            return false;
        }
    }

    private void Run()
    {
        foreach (var text in _waiting.GetConsumingEnumerable())
        {
            WriteNow(text);
            Interlocked.Add(ref _characters, -text.Length);
            if (Interlocked.Exchange(ref _dropped, 0) is > 0 and var dropped)
                WriteNow($"({dropped} entries were dropped here: they were not read in time){Environment.NewLine}");
        }
    }

    private void WriteNow(string text)
    {
        try
        {
            _stream.Write(Encoding.GetBytes(text));
            _stream.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException or UnauthorizedAccessException)
        {
            // There is no other place to report it.
        }
    }
}
