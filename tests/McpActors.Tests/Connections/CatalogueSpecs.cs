using Akka.Actor;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>When the actor of a connection reads the catalogue of its server.</summary>
public sealed class CatalogueSpecs : ServerConnectionSpec
{
    [Fact]
    public async Task The_catalogue_follows_the_server_and_survives_a_failed_reading()
    {
        var server = Memory.Add("s").Tool("one", () => 1);
        server.ProtocolVersion = "2025-11-25";
        Start();
        await ReportAsync(r => r.Catalogue?.Tools.Count == 1);

        server.Tool("two", () => 2);
        var grown = await ReportAsync(r => r.Catalogue?.Tools.Count == 2);
        server.Method("tools/list", _ => throw new InvalidOperationException("failed on purpose"));
        var before = server.Received("tools/list");
        await PassUntilAsync(() => server.Received("tools/list") > before);

        Assert.Equal(["one", "two"], grown.Catalogue!.Tools.Keys.Order());
        await Circuit.ExpectNoMsgAsync(TimeSpan.Zero);
    }

    [Fact]
    public async Task A_change_during_a_reading_is_read_as_well()
    {
        var server = Memory.Add("s").Tool("one", () => 1);
        server.ProtocolVersion = "2025-11-25";
        var answer = new TaskCompletionSource();
        server.Method("tools/list", async (_, _) =>
        {
            var names = answer.Task.IsCompleted ? new[] { "one", "two" } : ["one"];
            await answer.Task;
            return new { tools = names.Select(name => new { name, inputSchema = new { type = "object" } }) };
        });
        var connection = Start();
        await UntilAsync(() => server.Received("tools/list") == 1);

        server.Tool("two", () => 2);
        // The server sends the notification before it answers a later request.
        connection.Tell(Attempt(1, "two"));
        await EndedAsync(1);
        answer.SetResult();

        await ReportAsync(r => r.Catalogue?.Tools.Count == 2);
    }

    [Fact]
    public async Task The_catalogue_is_read_to_its_last_page()
    {
        Memory.Add("s").Tool("any", () => 1).Method("tools/list", call =>
        {
            var page = call.Arguments.TryGetValue("cursor", out var cursor) ? int.Parse(cursor.GetString()!) : 1;
            return new
            {
                tools = new[] { new { name = $"tool-{page}", inputSchema = new { type = "object" } } },
                nextCursor = page < 3 ? $"{page + 1}" : null,
            };
        });
        Start();

        var report = await ReportAsync(r => r.Catalogue is not null);

        Assert.Equal(["tool-1", "tool-2", "tool-3"], report.Catalogue!.Tools.Keys.Order());
    }
}
