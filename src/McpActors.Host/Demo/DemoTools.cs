using System.ComponentModel;
using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace McpActors.Host.Demo;

/// <summary>
/// The tools of the demo servers: <c>getData</c> and <c>countDown</c> on each, and others on one server only, to show routing by tool.
/// </summary>
internal static class DemoTools
{
    private const int LongestCount = 60;
    private static readonly TimeSpan OneSecond = TimeSpan.FromSeconds(1);

    private static int _tickets;

    /// <summary>Returns the name of the server.</summary>
    public static McpServerTool GetData(string source) =>
        Create("getData", "Returns the name of the server that answers.", readOnly: true, () => new DataAnswer(source));

    /// <summary>Returns the process id, to see a server that is a process move from one node of a cluster to another.</summary>
    public static McpServerTool Where(string server) =>
        Create("where", "Returns the process that answers.", readOnly: true, () => new WhereAnswer(server, Environment.ProcessId));

    /// <summary>Takes some seconds and reports progress: time to cancel it, or to disconnect its server and watch the failover.</summary>
    public static McpServerTool CountDown(TimeProvider clock) =>
        Create("countDown", "Counts down, a second at a time, and reports its progress.", readOnly: true,
            async (
                IProgress<ProgressNotificationValue> progress,
                CancellationToken cancellationToken,
                [Description("How many seconds, 1 to 60.")] int seconds = 5) =>
            {
                if (seconds is < 1 or > LongestCount)
                    throw new McpException($"seconds must be from 1 to {LongestCount}, not {seconds}.");
                for (var left = seconds; left > 0; left--)
                {
                    progress.Report(new() { Progress = seconds - left, Total = seconds, Message = $"{left} …" });
                    await Task.Delay(OneSecond, clock, cancellationToken);
                }

                return new CountedAnswer(seconds);
            });

    /// <summary>On the primary server only.</summary>
    public static McpServerTool DrawClock(TimeProvider clock) =>
        Create("drawClock", "Draws a clock with the time of the server.", readOnly: true, () => new CallToolResult
        {
            Content = [ImageContentBlock.FromBytes(Encoding.UTF8.GetBytes(ClockFace(clock.GetUtcNow().TimeOfDay)), "image/svg+xml")],
        });

    /// <summary>On the primary server only.</summary>
    public static McpServerTool GetTime(TimeProvider clock) =>
        Create("getTime", "Returns the time of the server.", readOnly: true, () => new TimeAnswer(clock.GetUtcNow()));

    /// <summary>On the secondary server only.</summary>
    public static McpServerTool CountWords() =>
        Create("countWords", "Counts the words and characters of a text.", readOnly: true,
            ([Description("The text.")] string text) =>
                new CountAnswer(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length, text.Length));

    /// <summary>On the backup server only. Not safe to repeat: run twice, it takes two tickets.</summary>
    public static McpServerTool TakeTicket() =>
        Create("takeTicket", "Takes the next ticket. Not safe to repeat: each call takes another one.", readOnly: false,
            () => new TicketAnswer(Interlocked.Increment(ref _tickets)));

    private static string ClockFace(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"""
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="-50 -50 100 100" width="160" height="160" fill="none" stroke-linecap="round">
          <circle r="46" fill="#fff" stroke="#3f51b5" stroke-width="4"/>
          <circle r="38" stroke="#9aa3b2" stroke-width="3" stroke-dasharray="0.1 19.797"/>
          <path d="M0 0V-22" stroke="#1c2128" stroke-width="5" transform="rotate({time.TotalHours % 12 * 30:0.#})"/>
          <path d="M0 0V-33" stroke="#1c2128" stroke-width="3" transform="rotate({time.TotalMinutes % 60 * 6:0.#})"/>
        </svg>
        """);

    private static CompleteCalls Create(string name, string description, bool readOnly, Delegate method) =>
        new(McpServerTool.Create(method, new McpServerToolCreateOptions
        {
            Name = name,
            Description = description,
            ReadOnly = readOnly,
            Destructive = false,
            Idempotent = readOnly,
            OpenWorld = false,
            UseStructuredContent = method.Method.ReturnType != typeof(CallToolResult),
        }));

    /// <summary>Names the argument that is missing in a call, where the SDK reports only that the call failed.</summary>
    private sealed class CompleteCalls(McpServerTool tool) : DelegatingMcpServerTool(tool)
    {
        public override ValueTask<CallToolResult> InvokeAsync(
            RequestContext<CallToolRequestParams> request, CancellationToken cancellationToken = default)
        {
            var given = request.Params?.Arguments;
            return RequiredArguments().FirstOrDefault(name => given?.ContainsKey(name) != true) is { } missing
                ? throw new McpException($"the argument `{missing}` is missing")
                : base.InvokeAsync(request, cancellationToken);
        }

        private IEnumerable<string> RequiredArguments() =>
            ProtocolTool.InputSchema.TryGetProperty("required"u8, out var required) && required.ValueKind == JsonValueKind.Array
                ? required.EnumerateArray().Select(name => name.GetString()!)
                : [];
    }

    private sealed record DataAnswer(string Source);

    private sealed record WhereAnswer(string Server, int Process);

    private sealed record TimeAnswer(DateTimeOffset Utc);

    private sealed record CountedAnswer(int Seconds);

    private sealed record CountAnswer(int Words, int Characters);

    private sealed record TicketAnswer(int Ticket);
}
