using System.Globalization;
using System.Text;

namespace McpActors.Chaos.Servers;

/// <summary>
/// The executions of one server process, a line for each, in a file that no other process writes. The kernel has a line when
/// <see cref="Append"/> returns, so kill -9 loses none. Thread-safe.
/// </summary>
internal sealed class Ledger : IDisposable
{
    private const string Extension = ".ledger";

    private readonly Lock _gate = new();
    private readonly FileStream _file;

    /// <param name="path">The ledgers of all lives of one server begin with this; the process's id follows.</param>
    public Ledger(string path) => _file = new FileStream(
        $"{path}.{Environment.ProcessId}{Extension}", FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);

    public void Append(string tool, long number)
    {
        var line = Encoding.ASCII.GetBytes($"{tool} {number}\n");
        lock (_gate)
            _file.Write(line);
    }

    public void Dispose() => _file.Dispose();

    /// <summary>The number of executions of each call, from the ledgers of a directory.</summary>
    public static IReadOnlyDictionary<long, int> Read(string directory)
    {
        var executions = new Dictionary<long, int>();
        foreach (var file in Directory.EnumerateFiles(directory, "*" + Extension))
        {
            foreach (var line in File.ReadLines(file))
            {
                var number = long.Parse(line.AsSpan(line.IndexOf(' ', StringComparison.Ordinal) + 1), CultureInfo.InvariantCulture);
                executions[number] = executions.GetValueOrDefault(number) + 1;
            }
        }
        return executions;
    }
}
