namespace McpActors.Balancing.Rotations;

/// <summary>
/// The rotation of a few servers of different weights: the smooth weighted round-robin of nginx. At each turn every server earns its
/// weight; the richest server is chosen and pays the sum. Among equals, the next in order is chosen.
/// </summary>
internal sealed class SmoothRotation : Rotation
{
    private readonly Dictionary<Candidate, Account> _accounts;

    public SmoothRotation(CandidateSet whole, Rotation? before)
        : base(before)
    {
        _accounts = whole.Servers.ToDictionary(server => server, server => new Account(server.Weight));
        if (before is SmoothRotation known)
            TakeOver(known);
    }

    protected override Candidate Pick(CandidateSet candidates)
    {
        var servers = candidates.Servers;
        var first = AfterLast(servers);
        double total = 0;
        Candidate? richest = null;
        Account? most = null;
        for (var i = 0; i < servers.Length; i++)
        {
            var server = servers[first + i < servers.Length ? first + i : first + i - servers.Length];
            var account = _accounts[server];
            account.Credit += account.Weight;
            total += account.Weight;
            if (most is null || account.Credit > most.Credit)
                (richest, most) = (server, account);
        }
        most!.Credit -= total;
        return richest!;
    }

    // A new server begins at the average, so it neither waits longer than the others nor causes a burst. A server whose weight has changed
    // keeps its progress towards its next turn.
    private void TakeOver(SmoothRotation known)
    {
        var kept = new List<Account>();
        foreach (var (server, account) in _accounts)
        {
            if (!known._accounts.TryGetValue(server, out var old))
                continue;
            account.Credit = old.Credit * account.Weight / old.Weight;
            kept.Add(account);
        }
        if (kept.Count == 0)
            return;
        var average = kept.Average(account => account.Credit);
        foreach (var account in kept)
            account.Credit -= average;
    }

    private sealed class Account(double weight)
    {
        public double Weight => weight;

        public double Credit { get; set; }
    }
}
