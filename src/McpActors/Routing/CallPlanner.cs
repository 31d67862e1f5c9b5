using McpActors.Balancing;
using McpActors.Calls;
using McpActors.Configuration;
using McpActors.Connections;


namespace McpActors.Routing;

/// <summary>
/// From a caller's message to what is to be done with it: which route, which servers, which strategy, may it run twice, how long; or why not.
/// Sends nothing and knows no actors. The explanation of a call is made by the same steps. Owned by the router alone.
/// </summary>
internal sealed class CallPlanner
{
    private const int MostAffinityKeys = 100_000;

    private readonly IReadOnlyDictionary<string, StrategyFactory> _strategies;
    private readonly ServerTable _servers;
    private readonly Random _random;
    private readonly AffinityTable _affinity = new(MostAffinityKeys);
    private PoolSettings _pool = null!;
    private RouteTable _routes = null!;
    private CallSafety _safety = null!;

    public CallPlanner(PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, ServerTable servers, Random random)
    {
        (_strategies, _servers, _random) = (strategies, servers, random);
        Apply(pool);
    }

    /// <summary>From now on calls are planned by these settings.</summary>
    public void Apply(PoolSettings pool)
    {
        _pool = pool;
        _routes = new RouteTable(pool, _random);
        _safety = new CallSafety([.. pool.IdempotentTools.Select(text => NamePattern.Parse(text, "mcp-actors.pool.idempotent-tools"))]);
    }

    /// <summary>Where a call goes, before anybody is chosen.</summary>
    private readonly record struct Target(CallRequest Request, CallOptions Options, Route? Route, ServerEntry? Server, ServerGroup? Group, string? Strategy)
    {
        /// <summary>It may be repeated, whatever the servers say of the tool.</summary>
        public required bool Safe { get; init; }
    }

    /// <summary>What is to be done with the call, or why it cannot be run.</summary>
    public bool TryPlan(PoolCall call, DateTimeOffset now, out CallPlan plan, out PoolError refusal)
    {
        plan = null!;
        if (!TryFindTarget(call, out var target, out refusal))
            return false;
        if (target.Server is { } only)
        {
            if (!only.IsAvailable)
                refusal = CallErrors.NobodyAvailable(CallErrors.What(target.Request), [only], null, now);
            else
                plan = Plan(target, only, group: null);
            return plan is not null;
        }
        var session = FindSession(target, now);
        if (session.Problem is { } problem)
        {
            // Told once; the next call with the key begins anew.
            if (problem.Kind == PoolErrorKind.SessionLost)
                _affinity.Forget(target.Group!.Name, target.Options.AffinityKey!);
            refusal = problem;
        }
        else if (session.Server is { } bound)
        {
            plan = target.Options.AffinityRequired ? Plan(target, bound, group: null) with { OnSession = session.Id } : Plan(target, bound, target.Group);
        }
        else if (Choose(target) is { } chosen)
        {
            plan = Plan(target, chosen, target.Group);
        }
        else
        {
            refusal = CallErrors.NobodyAvailable(CallErrors.What(target.Request), target.Group!.Members, target.Request.Tool, now);
        }
        return plan is not null;
    }

    /// <summary>Notes that a call with an affinity key was sent to this server.</summary>
    public void Sent(CallPlan plan, ServerEntry server)
    {
        if (plan is { Options.AffinityKey: { } key, Group: { } group } && server.Session is { } session)
            _affinity.Remember(group.Name, key, server.Name, session);
    }

    /// <summary>What would be done with the call now, and why, without doing it.</summary>
    public Explanation Explain(PoolCall call, DateTimeOffset now)
    {
        if (!TryFindTarget(call, out var target, out var refusal))
            return new Explanation { Problem = refusal };
        var explanation = new Explanation
        {
            Method = target.Request.Method,
            Name = target.Request.Name,
            Route = target.Route switch { null => null, { IsDefault: true } => "default-route", var route => route.Settings.Match },
            Timeout = TimeoutOf(target),
        };
        var (safe, request) = (target.Safe, target.Request);
        if (target.Server is { } only)
        {
            return explanation with
            {
                Server = only.Name,
                Safe = safe || MarkedSafe(request, target.Options, only),
                Candidates = [new CandidateExplanation(only.Name, only.IsAvailable, only.WhyUnavailable(null, now) ?? "the call is addressed to it")],
                Problem = only.IsAvailable ? null : CallErrors.NobodyAvailable(CallErrors.What(request), [only], null, now),
            };
        }
        var group = target.Group!;
        var able = group.Candidates(request.Tool, safe);
        return explanation with
        {
            Group = group.Name,
            Strategy = target.Options.Mode == CallMode.Failover ? "best priority first" : target.Strategy ?? group.StrategyName,
            Safe = safe || (able is not null && able.Servers.All(server => MarkedSafe(request, target.Options, (ServerEntry)server.Owner))),
            Candidates = group.Explain(request.Tool, safe, now),
            Problem = FindSession(target, now).Problem ?? (able is null ? CallErrors.NobodyAvailable(CallErrors.What(request), group.Members, request.Tool, now) : null),
        };
    }

    /// <summary>Whether an attempt on this server may be repeated.</summary>
    public static bool IsSafeOn(CallPlan plan, ServerEntry server) =>
        plan.Safe || MarkedSafe(plan.Request, plan.Options, server);

    private bool TryFindTarget(PoolCall call, out Target target, out PoolError refusal)
    {
        target = default;
        refusal = null!;
        if (!CallTranslation.TryTranslate(call, _pool.MaxRequestSize, out var request, out var problem))
        {
            refusal = CallErrors.InvalidRequest(problem);
            return false;
        }
        var options = call.Options ?? CallOptions.Default;
        if (options.Strategy is { } asked && !_strategies.ContainsKey(asked))
        {
            refusal = CallErrors.InvalidRequest($"there is no strategy {asked}; there are {string.Join(", ", _strategies.Keys.Order(StringComparer.Ordinal))}");
            return false;
        }
        var safe = _safety.IsSafe(request, options.Idempotent, markedRepeatable: false);
        var route = options is { Server: null, Group: null } ? _routes.Match(request.Tool ?? request.Method) : null;
        if ((options.Server ?? route?.Settings.Server) is { } name)
        {
            target = new Target(request, options, route, _servers.Find(name), null, null) { Safe = safe };
            refusal = target.Server is null ? CallErrors.UnknownServer(name) : null!;
            return target.Server is not null;
        }
        var groupName = (options.Group ?? route?.Settings.Group)!;
        var group = route is { IsDefault: true } && request.Tool is { } tool ? _servers.FindGroupOf(tool, groupName) : _servers.FindGroup(groupName);
        target = new Target(request, options, route, null, group, options.Strategy ?? route?.Settings.LoadBalancing) { Safe = safe };
        refusal = group is null ? CallErrors.UnknownGroup(groupName) : null!;
        return group is not null;
    }

    private CallPlan Plan(in Target target, ServerEntry first, ServerGroup? group) => new()
    {
        Request = target.Request,
        Options = target.Options,
        Route = target.Route,
        Group = group,
        First = first,
        Strategy = target.Strategy,
        Safe = target.Safe,
        Timeout = TimeoutOf(target),
        Failover = (target.Route ?? _routes.Default).Failover,
        Hedge = target.Options.Hedge ?? target.Route?.Settings.Hedge,
    };

    private static bool MarkedSafe(CallRequest request, CallOptions options, ServerEntry server) =>
        options.Idempotent is null && request.Tool is { } tool && server.MarksRepeatable(tool);

    private TimeSpan TimeoutOf(in Target target) => target.Options.Timeout ?? target.Route?.Settings.Timeout ?? _pool.CallTimeout;

    private static ServerEntry? Choose(in Target target)
    {
        var group = target.Group!;
        if (group.Candidates(target.Request.Tool, target.Safe) is not { } candidates)
            return null;
        return target.Options.Mode == CallMode.Failover
            ? group.ChooseBest(candidates, target.Strategy, target.Options.AffinityKey)
            : group.Choose(candidates, target.Strategy, target.Options.AffinityKey);
    }

    /// <summary>The server whose session the call's key belongs to, if there is one and it can take the call.</summary>
    private (ServerEntry? Server, long Id, PoolError? Problem) FindSession(in Target target, DateTimeOffset now)
    {
        var (options, group) = (target.Options, target.Group!);
        if (options.AffinityKey is not { } key)
            return default;
        // By the key alone, so that a server which comes back gets its keys back.
        if (!options.AffinityRequired && (target.Strategy ?? group.StrategyName) is ConsistentHash.Name or ConsistentHash.BoundedName)
            return default;
        if (!_affinity.TryFind(group.Name, key, out var name, out var session))
            return default;
        if (_servers.Find(name) is { } server && server.Session == session)
        {
            if (server.IsAvailable)
                return (server, session, null);
            return options.AffinityRequired
                ? (null, 0, CallErrors.NobodyAvailable(CallErrors.What(target.Request), [server], null, now))
                : default;
        }
        return options.AffinityRequired ? (null, 0, CallErrors.SessionGone(name)) : default;
    }
}
