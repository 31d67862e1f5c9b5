using McpActors.Balancing;
using McpActors.Configuration;
using McpActors.Connections;

namespace McpActors.Routing;

/// <summary>
/// Plans a call from its message: route, servers, strategy, whether it may run twice, and time; or says why it cannot run. Sends nothing
/// and knows no actors. <see cref="Explain"/> takes the same steps. Owned by the router alone.
/// </summary>
internal sealed class CallPlanner
{
    private const int MostAffinityKeys = 100_000;

    private readonly IReadOnlyDictionary<string, StrategyFactory> _strategies;
    private readonly ServerTable _servers;
    private readonly AffinityTable _affinity = new(MostAffinityKeys);
    private PoolSettings _pool = null!;
    private RouteTable _routes = null!;
    private CallSafety _safety = null!;

    public CallPlanner(PoolSettings pool, IReadOnlyDictionary<string, StrategyFactory> strategies, ServerTable servers)
    {
        (_strategies, _servers) = (strategies, servers);
        Apply(pool);
    }

    /// <summary>Plans calls by these settings from now on.</summary>
    public void Apply(PoolSettings pool)
    {
        _pool = pool;
        _routes = new RouteTable(pool);
        _safety = new CallSafety([.. pool.IdempotentTools.Select(text => NamePattern.Parse(text, "mcp-actors.pool.idempotent-tools"))]);
    }

    /// <summary>
    /// Where a call goes, before a server of a group is chosen: either <see cref="Server"/> or <see cref="Group"/> is set.
    /// </summary>
    private readonly record struct Target(
        CallRequest Request, CallOptions Options, Route? Route, ServerEntry? Server, ServerGroup? Group, string? Strategy)
    {
        /// <summary>It may run twice, whatever the servers' annotations say.</summary>
        public required bool Safe { get; init; }

        public bool IsSafeOn(ServerEntry server) => CallSafety.IsSafeOn(server, Request, Options.Idempotent, Safe);
    }

    /// <summary>Plans the call, or says why it cannot run.</summary>
    public bool TryPlan(PoolCall call, DateTimeOffset now, out CallPlan plan, out PoolError refusal)
    {
        plan = null!;
        if (!TryFindTarget(call, now, out var target, out refusal))
            return false;
        if (target.Server is { } only)
        {
            if (!only.IsAvailable)
                refusal = NoneAvailable(target, only, now);
            else
                plan = Plan(target, only, group: null);
            return plan is not null;
        }
        var session = FindSession(target, now);
        if (session.Problem is { } problem)
        {
            // Reported once; the next call with the key begins a new session.
            if (problem.Kind == PoolErrorKind.SessionLost)
                _affinity.Forget(target.Group!.Name, target.Options.AffinityKey!, session.Id);
            refusal = problem;
        }
        else if (session.Server is { } bound)
        {
            plan = target.Options.AffinityRequired
                ? Plan(target, bound, group: null) with { OnSession = session.Id, SessionGroup = target.Group!.Name }
                : Plan(target, bound, target.Group);
        }
        else if (Choose(target) is { } chosen)
        {
            plan = Plan(target, chosen, target.Group);
        }
        else
        {
            refusal = NoneAvailable(target, now);
        }
        return plan is not null;
    }

    /// <summary>Remembers the server for the call's affinity key, if it has one.</summary>
    public void Sent(CallPlan plan, ServerEntry server)
    {
        if (plan is { Options.AffinityKey: { } key, Group: { } group } && server.Session is { } session)
            _affinity.Remember(group.Name, key, server.Name, session);
    }

    /// <summary>The session that the call had to run in is gone; the next call with the key begins a new session.</summary>
    public void SessionLost(CallPlan plan)
    {
        if (plan is { SessionGroup: { } group, Options.AffinityKey: { } key, OnSession: { } session })
            _affinity.Forget(group, key, session);
    }

    /// <summary>How the call would be run now, and why, without running it.</summary>
    public Explanation Explain(PoolCall call, DateTimeOffset now)
    {
        if (!TryFindTarget(call, now, out var target, out var refusal))
            return new Explanation { Problem = refusal };
        var explanation = new Explanation
        {
            Method = target.Request.Method,
            Name = target.Request.Name,
            Route = target.Route switch { null => null, { IsDefault: true } => "default-route", var route => route.Settings.Match },
            Timeout = TimeoutOf(target),
        };
        return target.Server is { } only ? ExplainPinned(explanation, target, only, now) : ExplainGroup(explanation, target, now);
    }

    private static Explanation ExplainPinned(Explanation explanation, Target target, ServerEntry only, DateTimeOffset now)
    {
        var reason = only.WhyUnavailable(null, now) ?? "the call is addressed to it";
        return explanation with
        {
            Server = only.Name,
            Safe = target.IsSafeOn(only),
            Candidates = [new CandidateExplanation(only.Name, only.IsAvailable, reason)],
            Problem = only.IsAvailable ? null : NoneAvailable(target, only, now),
        };
    }

    private Explanation ExplainGroup(Explanation explanation, Target target, DateTimeOffset now)
    {
        var (request, group) = (target.Request, target.Group!);
        var candidates = group.Candidates(request.Needed, target.Safe);
        var problem = FindSession(target, now).Problem;
        if (candidates is null)
            problem ??= NoneAvailable(target, now);
        return explanation with
        {
            Group = group.Name,
            Strategy = target.Options.Mode == CallMode.Failover ? "best priority first" : target.Strategy ?? group.StrategyName,
            Safe = target.Safe || (candidates is not null && candidates.Servers.All(server => target.IsSafeOn(server.Entry))),
            Candidates = group.Explain(request.Needed, target.Safe, now),
            Problem = problem,
        };
    }

    private bool TryFindTarget(PoolCall call, DateTimeOffset now, out Target target, out PoolError refusal)
    {
        target = default;
        refusal = null!;
        if (!CallTranslation.TryTranslate(call, _pool.MaxRequestSize, out var request, out var problem))
        {
            refusal = RoutingErrors.InvalidRequest(problem);
            return false;
        }
        var options = call.Options ?? CallOptions.Default;
        if (options.Strategy is { } strategy && !_strategies.ContainsKey(strategy))
        {
            var known = string.Join(", ", _strategies.Keys.Order(StringComparer.Ordinal));
            refusal = RoutingErrors.InvalidRequest($"the pool has no strategy {CallWords.Cut(strategy)}; it has {known}");
            return false;
        }
        var safe = _safety.IsSafe(request, options.Idempotent);
        var route = options is { Server: null, Group: null } ? _routes.Match(request.Tool ?? request.Method) : null;
        if ((options.Server ?? route?.Settings.Server) is { } name)
        {
            target = new Target(request, options, route, _servers.Find(name), null, null) { Safe = safe };
            refusal = target.Server is null ? RoutingErrors.UnknownServer(name) : null!;
            return target.Server is not null;
        }
        var groupName = (options.Group ?? route?.Settings.Group)!;
        var group = route is { IsDefault: true } && request.Needed is { } offer
            ? _servers.FindGroupOf(offer, groupName)
            : _servers.FindGroup(groupName);
        target = new Target(request, options, route, null, group, options.Strategy ?? route?.Settings.LoadBalancing) { Safe = safe };
        refusal = group is null ? NoGroup(request, route, groupName, now) : null!;
        return group is not null;
    }

    private PoolError NoGroup(CallRequest request, Route? route, string group, DateTimeOffset now)
    {
        if (route is not { IsDefault: true })
            return RoutingErrors.UnknownGroup(group);
        return request.Needed is { } offer && _servers.NobodyHas(offer, now)
            ? RoutingErrors.NobodyHas(offer, group: null)
            : RoutingErrors.NoDefaultGroup(request.Tool ?? request.Method, group);
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

    private TimeSpan TimeoutOf(in Target target)
    {
        var timeout = target.Options.Timeout ?? target.Route?.Settings.Timeout ?? _pool.CallTimeout;
        return target.Options.MaxTimeout is { } most && most < timeout ? most : timeout;
    }

    private static PoolError NoneAvailable(in Target target, ServerEntry only, DateTimeOffset now) =>
        RoutingErrors.NoneAvailable(target.Request, Outage.Of([only], null, now), null, now);

    private PoolError NoneAvailable(in Target target, DateTimeOffset now)
    {
        var (needed, group) = (target.Request.Needed, target.Group!);
        var outage = group.OutageFor(needed, now);
        if (needed is not { } offer || !outage.NobodyHasIt)
            return RoutingErrors.NoneAvailable(target.Request, outage, needed, now);
        // Without a route, a server of another group that is not connected now may have it.
        if (target.Route is not { IsDefault: true })
            return RoutingErrors.NobodyHas(offer, group.Name);
        return _servers.NobodyHas(offer, now)
            ? RoutingErrors.NobodyHas(offer, group: null)
            : RoutingErrors.NoneAvailable(target.Request, outage, needed, now);
    }

    private static ServerEntry? Choose(in Target target)
    {
        var group = target.Group!;
        if (group.Candidates(target.Request.Needed, target.Safe) is not { } candidates)
            return null;
        return target.Options.Mode == CallMode.Failover
            ? group.ChooseBest(candidates, target.Strategy, target.Options.AffinityKey)
            : group.Choose(candidates, target.Strategy, target.Options.AffinityKey);
    }

    /// <summary>The server whose session the call's affinity key belongs to, if there is one and it can take the call.</summary>
    private (ServerEntry? Server, long Id, PoolError? Problem) FindSession(in Target target, DateTimeOffset now)
    {
        var (options, group) = (target.Options, target.Group!);
        if (options.AffinityKey is not { } key)
            return default;
        // The hash alone decides, so that a server that comes back gets its keys back.
        if (!options.AffinityRequired && StrategyNames.IsByKey(target.Strategy ?? group.StrategyName))
            return default;
        if (!_affinity.TryFind(group.Name, key, out var name, out var session))
            return default;
        if (_servers.Find(name) is { } server && server.Session == session)
        {
            if (server.IsAvailable)
                return (server, session, null);
            return options.AffinityRequired
                ? (null, 0, NoneAvailable(target, server, now))
                : default;
        }
        return options.AffinityRequired ? (null, session, RoutingErrors.SessionGone(name)) : default;
    }
}
