using System.Text;

namespace McpActors.Transports;

/// <summary>
/// An environment variable with a unique value that a child process and all its descendants inherit. It identifies them even after their
/// parents have ended, in any session or process group. Linux only; on other systems nothing is found.
/// </summary>
/// <param name="Variable">The variable.</param>
/// <param name="Value">The unique value.</param>
internal sealed record ProcessCookie(string Variable, string Value)
{
    private readonly byte[] _entry = Encoding.UTF8.GetBytes($"{Variable}={Value}\0");

    /// <summary>The cookie of all child processes of this process.</summary>
    public static ProcessCookie Owner { get; } = new("MCPACTORS_OWNER", Guid.NewGuid().ToString("N"));

    /// <summary>Creates the cookie of the processes of one connection.</summary>
    public static ProcessCookie ForNewConnection() => new("MCPACTORS_CONNECTION", Guid.NewGuid().ToString("N"));

    /// <summary>Whether a process has the cookie; false also for one that has ended or belongs to another user.</summary>
    public bool IsHeldBy(int id)
    {
        try
        {
            return File.ReadAllBytes($"/proc/{id}/environ").AsSpan().IndexOf(_entry) >= 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
