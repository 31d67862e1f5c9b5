using Akka.Actor;
using McpActors.Connections;
using McpActors.Resilience;

namespace McpActors.Clustering.OneNode;

/// <summary>
/// Translates the reports of an entity, which may be on another node, into reports for the pool of this node: adds the catalogue, which
/// comes in messages of its own, and replaces the number of the session, because each node numbers sessions for itself. Not thread-safe.
/// </summary>
/// <param name="nextSession">Returns a number that this process has not used for a session.</param>
internal sealed class ReportTranslation(Func<long> nextSession)
{
    private ServerCatalogue? _catalogue;
    private string? _problem;
    private (IReadOnlyList<string> Reported, IReadOnlyList<string> All) _remarks = ([], []);
    private (long Remote, long Local)? _session;

    /// <summary>The number of the last catalogue; 0: none.</summary>
    public long CatalogueNumber { get; private set; }

    /// <summary>Forgets what belongs to the last entity. The next one has another session, even if it gives it the same number.</summary>
    public void Reset()
    {
        (_catalogue, _problem, CatalogueNumber) = (null, null, 0);
        _remarks = ([], []);
        _session = null;
    }

    /// <summary>Takes over the catalogue of the entity.</summary>
    /// <returns>Whether the reason why it is not known on this node is another one than before.</returns>
    public bool SetCatalogue(SharedCatalogue catalogue)
    {
        var isNews = catalogue.Problem != _problem;
        (_catalogue, _problem, CatalogueNumber) = (catalogue.ToCatalogue(), catalogue.Problem, catalogue.Number);
        _remarks = ([], WithProblem([]));
        return isNews;
    }

    /// <param name="report">The report of the entity.</param>
    /// <param name="node">The node of the entity; null: there is none.</param>
    public ServerReport Translate(ServerReport report, Address? node)
    {
        var remote = report.Connection.Session;
        if (remote != _session?.Remote)
            _session = remote is { } number ? (number, nextSession()) : null;
        return report with
        {
            Connection = report.Connection with
            {
                Catalogue = _catalogue,
                Session = _session?.Local,
                Remarks = RemarksOf(report.Connection),
            },
            HeldBy = node,
        };
    }

    // The same object as long as nothing changes, because another one is news.
    private IReadOnlyList<string> RemarksOf(ConnectionReport report)
    {
        if (!_remarks.Reported.SequenceEqual(report.Remarks))
            _remarks = (report.Remarks, WithProblem(report.Remarks));
        return _remarks.All;
    }

    private IReadOnlyList<string> WithProblem(IReadOnlyList<string> remarks) => _problem is null ? remarks : [.. remarks, _problem];

    /// <summary>Translates the session that an attempt is bound to.</summary>
    /// <param name="local">The number on this node; null: the attempt may run in any session.</param>
    /// <param name="remote">The number on the node of the connection; null: any.</param>
    /// <returns>False when the session is lost.</returns>
    public bool TryTranslateSession(long? local, out long? remote)
    {
        remote = local is null ? null : _session?.Remote;
        return local is null || local == _session?.Local;
    }
}
