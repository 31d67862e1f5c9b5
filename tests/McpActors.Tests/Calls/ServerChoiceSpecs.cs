using System.Text.Json;
using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Resilience;
using McpActors.Tests.Balancing;
using Xunit;

namespace McpActors.Tests.Calls;

/// <summary>Which servers a call may go to, and the errors when there are none.</summary>
public sealed class ServerChoiceSpecs : RouterSpec
{
    [Fact]
    public async Task A_call_that_no_server_can_take_fails_at_once_with_the_reason_for_each_server()
    {
        Start("a", "b");
        Report("a", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error, Reason = "connection refused" } });
        Report("b", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Connecting } });

        Call(new CallTool("t"));

        var error = await FailureAsync();
        Assert.Equal(PoolErrorKind.NoServerAvailable, error.Kind);
        Assert.Equal([new ServerReason("a", "Error: connection refused"), new ServerReason("b", "Connecting")], error.Servers);
    }

    [Fact]
    public async Task When_only_circuits_block_a_call_the_error_reports_them_with_the_time_to_wait()
    {
        Start("a");
        Report("a", Connected with { Circuit = CircuitState.Open, OpenUntil = Now + TimeSpan.FromSeconds(4) });

        Call(new CallTool("t"));

        var error = await FailureAsync();
        Assert.Equal((PoolErrorKind.CircuitOpen, TimeSpan.FromSeconds(4)), (error.Kind, error.RetryAfter!.Value));
    }

    [Fact]
    public async Task A_server_that_lacks_the_tool_is_left_out()
    {
        Start("a", "b");
        Report("a", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithTool("other") } });
        Report("b", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithTool("mine") } });

        Call(new CallTool("mine"));

        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
    }

    public static TheoryData<string, PoolCall> CatalogueCalls => new()
    {
        { "prompt", new GetPrompt("mine") },
        { "prompt by method", new Execute("prompts/get", JsonSerializer.SerializeToElement(new { name = "mine" })) },
        { "resource", new ReadResource("file:///mine") },
        { "template", new ReadResource("notes:///today") },
    };

    [Theory]
    [MemberData(nameof(CatalogueCalls))]
    public async Task Prompts_and_resources_go_where_the_catalogue_has_them(string kind, PoolCall call)
    {
        Start("a", "b");
        Report("a", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithTool("mine") } });
        Report("b", Connected with { Connection = Connected.Connection with { Catalogue = CatalogueWith(kind) } });

        for (var i = 0; i < 4; i++)
        {
            Call(call);
            await AnswerAsync("b", Success("b"));
            await Caller.ExpectMsgAsync<CallCompleted>();
        }
    }

    [Theory]
    [MemberData(nameof(CatalogueCalls))]
    public async Task Without_a_route_they_go_to_the_group_that_has_them(string kind, PoolCall call)
    {
        Start(new ServerSettings { Name = "a" }, new ServerSettings { Name = "b", Group = "other" });
        Report("a", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithTool("mine") } });
        Report("b", Connected with { Connection = Connected.Connection with { Catalogue = CatalogueWith(kind) } });

        Call(call);

        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task A_resource_that_no_server_lists_may_be_read_everywhere_and_an_unknown_prompt_nowhere()
    {
        Start("a");
        Report("a", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithResource("file:///other") } });

        Call(new ReadResource("file:///mine"));
        await AnswerAsync("a", Success("a"));
        await Caller.ExpectMsgAsync<CallCompleted>();
        Call(new GetPrompt("mine"));

        var error = await FailureAsync();
        Assert.Equal(PoolErrorKind.NoServerAvailable, error.Kind);
        Assert.Equal([new ServerReason("a", "it has no prompt mine")], error.Servers);
    }

    [Fact]
    public async Task A_call_for_a_missing_resource_moves_only_to_servers_known_to_have_it()
    {
        Start("a", "b", "c");
        Report("c", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithResource("file:///other") } });
        Call(new ReadResource("file:///mine"));
        var attempt = await Circuits["a"].ExpectMsgAsync<StartAttempt>();
        Report("c", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithResource("file:///mine") } });

        Circuits["a"].Reply(new AttemptEnded(attempt.Id, new AttemptResult(AttemptOutcome.NotSupported) { Code = -32002 }));

        await AnswerAsync("c", Success("c"));
        await Caller.ExpectMsgAsync<CallCompleted>();
    }

    [Fact]
    public async Task A_server_with_an_unknown_catalogue_comes_after_servers_known_to_have_the_tool()
    {
        Start("a", "b");
        Report(
            "b", Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithTool("read", repeatable: true) } });

        Call(new CallTool("read"));
        Call(new CallTool("read"));
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();

        Report("b", Connected with { Connection = new ConnectionReport { Status = ServerStatus.Error } });
        Call(new CallTool("read"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task An_annotated_tool_is_safe_only_where_annotations_are_trusted()
    {
        Start(new ServerSettings { Name = "a", TrustAnnotations = true }, new ServerSettings { Name = "b", TrustAnnotations = false });
        foreach (var name in new[] { "a", "b" })
        {
            Report(
                name,
                Connected with { Connection = Connected.Connection with { Catalogue = Catalogues.WithTool("read", repeatable: true) } });
        }

        Call(new CallTool("read"));
        Call(new CallTool("read"));

        var (trusted, untrusted) = (await Circuits["a"].ExpectMsgAsync<StartAttempt>(), await Circuits["b"].ExpectMsgAsync<StartAttempt>());
        Circuits["b"].Reply(new AttemptEnded(untrusted.Id, AttemptResult.Lost("reset")));
        Assert.Equal(PoolErrorKind.OutcomeUnknown, (await FailureAsync()).Kind);
        Circuits["a"].Reply(new AttemptEnded(trusted.Id, AttemptResult.Lost("reset")));
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task Each_unknown_name_has_its_own_error()
    {
        Start("a");
        Call(new CallTool("t", null, new CallOptions { Server = "nobody" }));
        Assert.Equal(PoolErrorKind.UnknownServer, (await FailureAsync()).Kind);
        Call(new CallTool("t", null, new CallOptions { Group = "nowhere" }));
        Assert.Equal(PoolErrorKind.UnknownGroup, (await FailureAsync()).Kind);
        Call(new CallTool("t", null, new CallOptions { Strategy = "magic" }));
        Assert.Equal(PoolErrorKind.InvalidRequest, (await FailureAsync()).Kind);
        Call(new Execute("notifications/initialized"));
        Assert.Equal(PoolErrorKind.InvalidRequest, (await FailureAsync()).Kind);
    }

    [Fact]
    public async Task A_name_that_no_server_has_is_an_error_of_the_call_and_not_an_outage()
    {
        Start(new ServerSettings { Name = "a" }, new ServerSettings { Name = "f", Group = "files" });
        Report("a", Listed("mine"));
        Report("f", Listed("read_file") with { Circuit = CircuitState.Open });

        Assert.Equal(
            (PoolErrorKind.InvalidRequest, "No server has a tool nosuch; nothing was sent. Correct the name."),
            await RefusalAsync(new CallTool("nosuch")));
        Assert.Equal(
            (PoolErrorKind.InvalidRequest, "No server has a prompt nosuch; nothing was sent. Correct the name."),
            await RefusalAsync(new GetPrompt("nosuch")));
        Assert.Equal(
            (PoolErrorKind.InvalidRequest, "No server of group files has a tool mine; nothing was sent. Correct the name."),
            await RefusalAsync(new CallTool("mine", null, new CallOptions { Group = "files" })));
    }

    [Theory]
    [InlineData("down")]
    [InlineData("resuming")]
    [InlineData("not listed again")]
    [InlineData("a list failed")]
    public async Task While_one_server_may_still_have_it_a_repetition_may_help(string doubt)
    {
        Start(new ServerSettings { Name = "a" }, new ServerSettings { Name = "f", Group = "files" });
        Report("a", Listed("mine"));
        var report = Listed("read_file");
        Report("f", report with
        {
            Connection = doubt switch
            {
                "down" => report.Connection with { Status = ServerStatus.Error },
                "resuming" => report.Connection with { Status = ServerStatus.Connecting, Resuming = true },
                "a list failed" => report.Connection with { HasAllLists = false },
                _ => report.Connection with { IsListed = false, HasAllLists = false },
            },
        });

        Assert.Equal(PoolErrorKind.NoServerAvailable, (await RefusalAsync(new CallTool("nosuch"))).Kind);
        Assert.Equal(
            PoolErrorKind.NoServerAvailable,
            (await RefusalAsync(new CallTool("nosuch", null, new CallOptions { Group = "files" }))).Kind);
    }

    [Fact]
    public async Task A_default_route_to_a_group_without_a_server_is_named()
    {
        Start(new ServerSettings { Name = "f", Group = "files" });

        Assert.Equal(
            (PoolErrorKind.UnknownGroup, "No route matches nosuch, and `default-route` is `default`, which has no server. "
                + "Add a route, or set `default-route`."),
            await RefusalAsync(new CallTool("nosuch")));
        Report("f", Listed("read_file"));
        Assert.Equal(
            (PoolErrorKind.InvalidRequest, "No server has a tool nosuch; nothing was sent. Correct the name."),
            await RefusalAsync(new CallTool("nosuch")));
        Assert.Equal(PoolErrorKind.UnknownGroup, (await RefusalAsync(new Execute("tools/list"))).Kind);
    }

    [Fact]
    public async Task Routes_send_names_to_their_group_and_the_rest_to_the_default()
    {
        Start(
            new PoolSettings { Routes = [new() { Match = "read_*", Group = "files" }, new() { Match = "regex:^find", Server = "c" }] },
            new ServerSettings { Name = "a" },
            new ServerSettings { Name = "b", Group = "files" },
            new ServerSettings { Name = "c", Group = "search" });

        Call(new CallTool("read_file"));
        await Circuits["b"].ExpectMsgAsync<StartAttempt>();
        Call(new CallTool("finder"));
        await Circuits["c"].ExpectMsgAsync<StartAttempt>();
        Call(new CallTool("write_file"));
        await Circuits["a"].ExpectMsgAsync<StartAttempt>();
    }

    [Fact]
    public async Task A_server_that_asks_for_a_pause_gets_no_calls_until_it_is_over()
    {
        Start("a", "b");
        Call(new CallTool("t"));
        await AnswerAsync("a", AsksToPause(TimeSpan.FromSeconds(5)));
        await AnswerAsync("b", Success("b"));
        await Caller.ExpectMsgAsync<CallCompleted>();

        foreach (var _ in Enumerable.Range(0, 2))
        {
            Call(new CallTool("t"));
            await AnswerAsync("b", Success("b"));
            await Caller.ExpectMsgAsync<CallCompleted>();
        }
        Pass(TimeSpan.FromSeconds(5.1));
        await HandledAsync(Router);
        Call(new CallTool("t"));
        await AnswerAsync("a", Success("a"));
    }

    private static ServerCatalogue CatalogueWith(string kind) => kind switch
    {
        "resource" => Catalogues.WithResource("file:///mine"),
        "template" => Catalogues.WithTemplate("notes:///{name}"),
        _ => Catalogues.WithPrompt("mine"),
    };

    private static ServerReport Listed(string tool) => Connected with
    {
        Connection = Connected.Connection with { Catalogue = Catalogues.WithTool(tool), IsListed = true, HasAllLists = true },
    };

    private async Task<(PoolErrorKind Kind, string Message)> RefusalAsync(PoolCall call)
    {
        Call(call);
        var error = await FailureAsync();
        return (error.Kind, error.Message);
    }
}
