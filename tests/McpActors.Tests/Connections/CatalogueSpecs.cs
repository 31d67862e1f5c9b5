using System.Text;
using Akka.Actor;
using McpActors.Connections;
using McpActors.Transports;
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
        await ReportAsync(r => r.Catalogue?.Tools?.Count == 1);

        server.Tool("two", () => 2);
        await PassUntilAsync(() => server.Received("tools/list") == 2);
        var grown = await ReportAsync(r => r.Catalogue?.Tools?.Count == 2);
        server.Method("tools/list", _ => throw new InvalidOperationException("failed on purpose"));
        var before = server.Received("tools/list");
        await PassUntilAsync(() => server.Received("tools/list") > before);

        var failed = await ReportAsync(r => r.Remarks.Count > 0);
        Assert.Same(grown.Catalogue, failed.Catalogue);
        Assert.Equal(["one", "two"], failed.Catalogue!.Tools!.Keys.Order());
    }

    [Fact]
    public async Task A_change_during_a_reading_is_read_as_well()
    {
        var server = Memory.Add("s").Tool("one", () => 1);
        server.ProtocolVersion = "2025-11-25";
        var (asked, answer) = (new TaskCompletionSource(), new TaskCompletionSource());
        server.Method("tools/list", async (_, _) =>
        {
            var names = answer.Task.IsCompleted ? new[] { "one", "two" } : ["one"];
            asked.TrySetResult();
            await answer.Task;
            return new { tools = names.Select(name => new { name, inputSchema = new { type = "object" } }) };
        });
        var connection = Start();
        await asked.Task.WaitAsync(PoolHost.Patience);

        server.Tool("two", () => 2);
        // The server sends the notification before it answers a later request.
        connection.Tell(Attempt(1, "two"));
        await EndedAsync(1);
        answer.SetResult();
        await ReportAsync(r => r.Catalogue?.Tools?.Count == 1);

        await PassUntilAsync(() => server.Received("tools/list") == 2);
        await ReportAsync(r => r.Catalogue?.Tools?.Count == 2);
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

        Assert.Equal(["tool-1", "tool-2", "tool-3"], report.Catalogue!.Tools!.Keys.Order());
    }

    [Fact]
    public async Task A_cursor_may_be_a_number_and_an_empty_one_ends_the_list()
    {
        Memory.Add("s").Tool("any", () => 1).Method("tools/list", call =>
        {
            var page = call.Arguments.TryGetValue("cursor", out var cursor) ? cursor.GetInt32() : 1;
            return new
            {
                tools = new[] { new { name = $"tool-{page}", inputSchema = new { type = "object" } } },
                nextCursor = page < 3 ? page + 1 : (object)"",
            };
        });
        Start();

        var report = await ReportAsync(r => r.Catalogue is not null);

        Assert.Equal(["tool-1", "tool-2", "tool-3"], report.Catalogue!.Tools!.Keys.Order());
        Assert.Empty(report.Remarks);
    }

    [Fact]
    public async Task A_list_that_is_null_is_empty()
    {
        Memory.Add("s").Tool("any", () => 1).Method("tools/list", _ => new { tools = (object?)null });
        Start();

        var report = await ReportAsync(r => r.IsListed);

        Assert.Empty(report.Catalogue!.Tools!);
        Assert.Empty(report.Remarks);
    }

    [Fact]
    public async Task A_list_that_fails_leaves_the_others_known()
    {
        var server = Memory.Add("s")
            .Tool("look", () => 1, new MemoryToolOptions { ReadOnly = true })
            .Prompt("greet", _ => "hello")
            .Resource("file:///a", () => "a")
            .Method("prompts/list", _ => MemoryAnswer.Error(-32603, "failed on purpose"));
        Start();

        var catalogue = (await ReportAsync(r => r.Catalogue is not null)).Catalogue!;

        Assert.True(catalogue.Tools!["look"].Repeatable);
        Assert.Equal(["file:///a"], catalogue.Resources!.Keys.ToArray());
        Assert.Null(catalogue.Prompts);

        server.RemoveMethod("prompts/list");
        await PassUntilAsync(() => server.Received("prompts/list") > 1);
        var whole = (await ReportAsync(r => r.Catalogue?.Prompts is not null)).Catalogue!;
        Assert.Equal(["greet"], whole.Prompts!.Keys.ToArray());
        Assert.Same(catalogue.Tools, whole.Tools);
    }

    [Fact]
    public async Task A_list_that_fails_keeps_its_last_entries_while_the_others_change()
    {
        var server = Memory.Add("s").Tool("one", () => 1).Prompt("greet", _ => "hello");
        Start();
        await ReportAsync(r => r.Catalogue?.Prompts?.Count == 1);

        server.Method("prompts/list", _ => MemoryAnswer.Error(-32603, "failed on purpose")).Tool("two", () => 2);
        await PassUntilAsync(() => server.Received("tools/list") > 1);

        var catalogue = (await ReportAsync(r => r.Catalogue?.Tools?.Count == 2)).Catalogue!;
        Assert.Equal(["greet"], catalogue.Prompts!.Keys.ToArray());
    }

    [Fact]
    public async Task An_entry_that_cannot_be_understood_does_not_hide_the_others()
    {
        Memory.Add("s").Tool("any", () => 1).Method("tools/list", _ => new
        {
            tools = new object?[]
            {
                new { name = "good", inputSchema = new { type = "object" } },
                new { name = "no-schema" },
                new { name = "odd", inputSchema = "none", annotations = 5, description = 5 },
                new { title = "no name" },
                new { name = 5 },
                "text",
                null,
            },
        });
        Start();

        var catalogue = (await ReportAsync(r => r.Catalogue is not null)).Catalogue!;

        Assert.Equal(["good", "no-schema", "odd"], catalogue.Tools!.Keys.Order());
        Assert.All(catalogue.Tools.Values, tool => Assert.False(tool.Repeatable));
    }

    [Fact]
    public async Task A_server_that_announces_a_change_whenever_it_is_read_is_read_less_and_less_often()
    {
        var server = Memory.Add("s").Tool("one", () => 1);
        server.ProtocolVersion = "2025-11-25";
        server.Method("tools/list", _ =>
        {
            server.RemoveTool("extra");
            server.Tool("extra", () => 1);
            return new { tools = new[] { new { name = "one", inputSchema = new { type = "object" } } } };
        });
        Start();
        await ReportAsync(r => r.IsListed);
        var start = Now;

        await PassUntilAsync(() => server.Received("tools/list") == 8);

        // 1, 2, 4, 8, 16, 32 and 60 s at the least.
        Assert.InRange(Now - start, TimeSpan.FromSeconds(120), TimeSpan.FromMinutes(20));
    }

    [Fact]
    public async Task A_list_that_stays_unreadable_is_one_log_line_and_one_remark_and_is_read_again_alone()
    {
        var server = Memory.Add("s").Tool("one", () => 1).Prompt("greet", _ => "hello")
            .Method("prompts/list", _ => MemoryAnswer.Error(-32603, "failed on purpose"));
        await EventFilter.Warning(contains: "prompts/list could not be read").ExpectAsync(1, async () =>
        {
            Start();
            await PassUntilAsync(() => server.Received("prompts/list") >= 5);
        });

        var report = await ReportAsync(r => r.IsListed);
        Assert.Contains("failed on purpose", Assert.Single(report.Remarks), StringComparison.Ordinal);
        Assert.InRange(server.Received("tools/list"), 1, server.Received("prompts/list") - 2);
        Assert.False(report.HasAllLists);

        server.RemoveMethod("prompts/list");
        await PassUntilAsync(() => server.Received("prompts/list") >= 6);
        Assert.Empty((await ReportAsync(r => r.HasAllLists && r.Catalogue?.Prompts?.Count == 1)).Remarks);
    }

    [Fact]
    public async Task The_tools_are_known_while_another_list_is_silent()
    {
        Memory.Add("s").Tool("one", () => 1).Prompt("greet", _ => "hello").Method("prompts/list", _ => MemoryAnswer.Never);
        Start();

        var report = await ReportAsync(r => r.Catalogue is not null);

        Assert.Equal(["one"], report.Catalogue!.Tools!.Keys.ToArray());
        Assert.Null(report.Catalogue.Prompts);
        Assert.False(report.IsListed);
    }

    [Fact]
    public async Task Lists_that_are_declared_and_not_known_are_empty()
    {
        var server = Memory.Add("s").Tool("one", () => 1).Prompt("greet", _ => "hello").Resource("file:///a", () => "a");
        foreach (var method in new[] { "tools/list", "prompts/list", "resources/list", "resources/templates/list" })
            server.Method(method, _ => MemoryAnswer.Error(-32601, "Method not found"));
        Start();

        var report = await ReportAsync(r => r.IsListed);

        Assert.Equal((0, 0, 0), (report.Catalogue!.Tools!.Count, report.Catalogue.Prompts!.Count, report.Catalogue.Resources!.Count));
        Assert.Equal(["tools", "resources", "prompts"], report.Remarks.Select(remark => remark.Split(' ', ',')[1]));
    }

    [Fact]
    public async Task Entries_without_a_usable_name_are_counted()
    {
        Memory.Add("s").Tool("any", () => 1).Method("tools/list", _ => new
        {
            tools = new object?[] { new { name = "good" }, new { title = "no name" }, null },
        });
        Start();

        Assert.Equal(["2 entries of tools/list left out: they have no usable name"], (await ReportAsync(r => r.IsListed)).Remarks);
    }

    [Theory]
    [InlineData("again", false, 2, "the same nextCursor")]
    [InlineData(null, false, 10, "10 pages in a row had no new entry")]
    [InlineData(null, true, 500, "more than 500 pages")]
    public async Task A_list_without_an_end_is_known_as_far_as_it_was_read(string? cursor, bool hasNews, int requests, string words)
    {
        var page = 0;
        var server = Memory.Add("s").Tool("any", () => 1).Method("tools/list", _ => new
        {
            tools = new[] { new { name = $"tool-{(hasNews ? page : 0)}", inputSchema = new { type = "object" } } },
            nextCursor = cursor ?? $"{++page}",
        });
        Start();

        var report = await ReportAsync(r => r.IsListed);

        Assert.Contains("tool-0", report.Catalogue!.Tools!.Keys);
        Assert.InRange(server.Received("tools/list"), requests, requests + 1);
        Assert.Contains(words, Assert.Single(report.Remarks), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public async Task A_list_without_an_end_is_given_up_at_the_limit_and_the_others_are_known(int size)
    {
        var filler = new string('x', size);
        var page = 0;
        var server = Memory.Add("s").Tool("any", () => 1).Prompt("greet", _ => "hello").Method("tools/list", _ => new
        {
            tools = new[] { new { name = $"tool-{++page}", description = filler, inputSchema = new { type = "object" } } },
            nextCursor = $"{page}",
        });
        Start(pool: Pool with { MaxCatalogueSize = 100_000 });

        var catalogue = (await ReportAsync(r => r.Catalogue is not null)).Catalogue!;

        Assert.Null(catalogue.Tools);
        Assert.Equal(["greet"], catalogue.Prompts!.Keys.ToArray());
        Assert.InRange(server.Received("tools/list"), 2, 100_000 / (size + 512) + 1);
    }

    [Theory]
    [InlineData("中")]
    [InlineData("🙂")]
    [InlineData("<")]
    public async Task A_catalogue_of_any_script_counts_as_long_as_it_is(string character)
    {
        var description = string.Concat(Enumerable.Repeat(character, 90_000 / Encoding.UTF8.GetByteCount(character)));
        Memory.Add("s").Tool("any", () => 1, new MemoryToolOptions { Description = description });
        Start(pool: Pool with { MaxCatalogueSize = 100_000 });

        Assert.Equal(["any"], (await ReportAsync(r => r.Catalogue is not null)).Catalogue!.Tools!.Keys.ToArray());
    }

    [Fact]
    public async Task A_cursor_that_comes_again_ends_the_list()
    {
        var server = Memory.Add("s").Tool("any", () => 1).Method("tools/list", call => new
        {
            tools = new[] { new { name = call.Arguments.ContainsKey("cursor") ? "two" : "one", inputSchema = new { type = "object" } } },
            nextCursor = "again",
        });
        Start();

        var catalogue = (await ReportAsync(r => r.Catalogue is not null)).Catalogue!;

        Assert.Equal(["one", "two"], catalogue.Tools!.Keys.Order());
        Assert.Equal(2, server.Received("tools/list"));
    }

    [Fact]
    public async Task A_template_that_no_pattern_can_be_made_of_is_left_out()
    {
        Memory.Add("s").Resource("file:///a", () => "a").Method("resources/templates/list", _ => new
        {
            resourceTemplates = new[]
            {
                new { uriTemplate = "file:///{name}", name = "good" },
                new { uriTemplate = string.Concat(Enumerable.Repeat("{a}x", 1000)), name = "many parts" },
                new { uriTemplate = new string('x', 5000), name = "long" },
            },
        });
        Start();

        var catalogue = (await ReportAsync(r => r.Catalogue is not null)).Catalogue!;

        Assert.True(catalogue.Has(new Offer("resources/read", "file:///b")));
        Assert.DoesNotContain(catalogue.Templates!.Keys, text => text.Length > 4096);
    }
}
