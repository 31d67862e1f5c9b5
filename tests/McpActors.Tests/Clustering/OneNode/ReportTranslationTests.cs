using System.Text.Json;
using Akka.Actor;
using McpActors.Clustering.OneNode;
using McpActors.Connections;
using McpActors.Resilience;
using Xunit;

namespace McpActors.Tests.Clustering.OneNode;

/// <summary>Reports of an entity on another node, translated for the pool of this node.</summary>
public sealed class ReportTranslationTests
{
    private static readonly Address Node = new("akka.tcp", "s", "10.0.0.1", 8110);

    private readonly ReportTranslation _translation;
    private long _lastSession = 100;

    public ReportTranslationTests() => _translation = new ReportTranslation(() => ++_lastSession);

    // The sessions of the reports that arrive one after the other, and their numbers on this node.
    public static TheoryData<long?[], long?[]> Sessions => new()
    {
        { [null], [null] },
        { [5], [101] },
        { [5, 5], [101, 101] },
        { [5, 6], [101, 102] },
        { [5, null, 5], [101, null, 102] },
    };

    [Theory]
    [MemberData(nameof(Sessions))]
    public void Each_session_gets_a_number_of_this_node(long?[] remote, long?[] local) =>
        Assert.Equal(local, remote.Select(session => Translate(session).Connection.Session));

    [Fact]
    public void Another_entity_has_another_session_even_with_the_same_number()
    {
        Translate(5);
        _translation.Reset();

        Assert.Equal(102, Translate(5).Connection.Session);
    }

    [Theory]
    [InlineData(null, true, null)]
    [InlineData(101L, true, 5L)]
    [InlineData(100L, false, null)]
    public void An_attempt_is_bound_to_the_session_by_its_number_on_the_other_node(long? local, bool known, long? remote)
    {
        Translate(5);

        Assert.Equal(known, _translation.TryTranslateSession(local, out var translated));
        if (known)
            Assert.Equal(remote, translated);
    }

    [Fact]
    public void A_session_is_lost_with_its_entity()
    {
        var session = Translate(5).Connection.Session;
        _translation.Reset();

        Assert.False(_translation.TryTranslateSession(session, out _));
    }

    [Fact]
    public void The_catalogue_is_part_of_every_report_until_the_next_entity()
    {
        Assert.Null(Translate(5).Connection.Catalogue);
        _translation.SetCatalogue(Catalogue("a", number: 4));
        var catalogue = Translate(5).Connection.Catalogue;

        Assert.Equal("a", Assert.Single(catalogue!.Tools!.Keys));
        Assert.Equal(4, _translation.CatalogueNumber);
        Assert.Same(catalogue, Translate(5).Connection.Catalogue);

        _translation.Reset();
        Assert.Null(Translate(5).Connection.Catalogue);
        Assert.Equal(0, _translation.CatalogueNumber);
    }

    [Fact]
    public void A_catalogue_that_could_not_be_sent_is_a_remark()
    {
        Assert.True(_translation.SetCatalogue(Catalogue("a", number: 4) with { Problem = "too large" }));

        var connection = Translate(5).Connection;

        Assert.Null(connection.LastError);
        Assert.Equal(["too large"], connection.Remarks);
        Assert.Same(connection.Remarks, Translate(5).Connection.Remarks);
        _translation.SetCatalogue(Catalogue("a", number: 5));
        Assert.Empty(Translate(5).Connection.Remarks);
    }

    [Fact]
    public void Only_a_problem_that_has_changed_is_news()
    {
        bool Set(string? problem) => _translation.SetCatalogue(Catalogue("a", number: 4) with { Problem = problem });

        Assert.Equal(
            [false, true, false, true, true, true],
            [Set(null), Set("too large"), Set("too large"), Set("larger"), Set(null), Set("too large")]);
    }

    [Fact]
    public void A_report_names_the_node_of_the_connection()
    {
        Assert.Equal(Node, _translation.Translate(SharedServerReports.Initial, Node).HeldBy);
        Assert.Null(_translation.Translate(SharedServerReports.Initial, null).HeldBy);
    }

    private static SharedCatalogue Catalogue(string tool, long number)
    {
        var none = new Dictionary<string, JsonElement>();
        return new SharedCatalogue(number, new Dictionary<string, CatalogueTool> { [tool] = new(default, false) }, none, none, none);
    }

    private ServerReport Translate(long? session) => _translation.Translate(
        SharedServerReports.Initial with { Connection = new ConnectionReport { Status = ServerStatus.Connected, Session = session } },
        Node);
}
