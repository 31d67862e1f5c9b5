using System.ComponentModel;
using ModelContextProtocol.Server;

namespace McpActors.Host;

/// <summary>The tools of the demo servers: <c>getData</c> on each, and one that only this server has, to see routing by tool.</summary>
internal static class DemoTools
{
    private static int _tickets;

    /// <summary>Tells which server answered.</summary>
    public static McpServerTool GetData(string source) =>
        Create("getData", "Tells which server answered.", readOnly: true, () => new DataAnswer(source));

    /// <summary>On the primary server only.</summary>
    public static McpServerTool GetTime(TimeProvider clock) =>
        Create("getTime", "Tells the server's time.", readOnly: true, () => new TimeAnswer(clock.GetUtcNow()));

    /// <summary>On the secondary server only.</summary>
    public static McpServerTool CountWords() =>
        Create("countWords", "Counts the words and characters of a text.", readOnly: true,
            ([Description("The text.")] string text) =>
                new CountAnswer(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, text.Length));

    /// <summary>On the backup server only. Not safe to repeat: run twice, it takes two tickets.</summary>
    public static McpServerTool TakeTicket() =>
        Create("takeTicket", "Takes the next ticket. Taking it twice is not the same as once.", readOnly: false,
            () => new TicketAnswer(Interlocked.Increment(ref _tickets)));

    private static McpServerTool Create(string name, string description, bool readOnly, Delegate method) =>
        McpServerTool.Create(method, new McpServerToolCreateOptions
        {
            Name = name,
            Description = description,
            ReadOnly = readOnly,
            Destructive = false,
            Idempotent = readOnly,
            OpenWorld = false,
            UseStructuredContent = true,
        });

    private sealed record DataAnswer(string Source);

    private sealed record TimeAnswer(DateTimeOffset Utc);

    private sealed record CountAnswer(int Words, int Characters);

    private sealed record TicketAnswer(int Ticket);
}
