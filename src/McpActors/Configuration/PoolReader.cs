using System.Globalization;
using McpActors.Configuration.Hocon;
using McpActors.Configuration.Imports;

namespace McpActors.Configuration;

/// <summary>Reads the keys of <c>mcp-actors.pool</c>. <see cref="SettingsValidator"/> checks the values.</summary>
internal static class PoolReader
{
    public static PoolSettings Read(Section pool, string baseDirectory)
    {
        var none = new PoolSettings();
        var trust = pool.Flag("trust-annotations", new ServerSettings { Name = "" }.TrustAnnotations);
        var entries = new List<ImportedEntry>();
        foreach (var (file, index) in pool.Texts("import").Select((f, i) => (f, i)))
            McpJsonFile.Read(Path.Combine(baseDirectory, file), KeyPath.Item(pool.PathOf("import"), index), entries, pool.Findings);
        var callTimeout = pool.Duration("call-timeout", none.CallTimeout);

        var settings = new PoolSettings
        {
            Servers = ReadServers(pool.Names("servers"), entries, baseDirectory, trust, callTimeout),
            Groups = ReadGroups(pool.Names("groups")),
            LoadBalancing = pool.Text("load-balancing") ?? none.LoadBalancing,
            DefaultRoute = pool.Text("default-route") ?? none.DefaultRoute,
            Failover = ReadFailover(pool.Child("failover"), none.Failover),
            RetryBudget = ReadRetryBudget(pool.Child("retry-budget"), none.RetryBudget),
            Circuit = ReadCircuit(pool.Child("circuit"), none.Circuit),
            Reconnect = ReadReconnect(pool.Child("reconnect"), none.Reconnect),
            Probe = new ProbeSettings
            {
                Interval = pool.Duration("ping-interval", none.Probe.Interval),
                Jitter = pool.Number("ping-jitter", none.Probe.Jitter),
                Timeout = pool.Duration("ping-timeout", none.Probe.Timeout),
                UnhealthyThreshold = pool.Int("unhealthy-threshold", none.Probe.UnhealthyThreshold),
            },
            CallTimeout = callTimeout,
            AttemptTimeout = pool.OptionalDuration("attempt-timeout", "auto", none.AttemptTimeout),
            ConnectTimeout = pool.Duration("connect-timeout", none.ConnectTimeout),
            StartTimeout = pool.Duration("start-timeout", none.StartTimeout),
            DiscoverTimeout = pool.Duration("discover-timeout", none.DiscoverTimeout),
            ConnectConcurrency = pool.Int("connect-concurrency", none.ConnectConcurrency),
            CloseTimeout = pool.Duration("close-timeout", none.CloseTimeout),
            DrainTimeout = pool.Duration("drain-timeout", none.DrainTimeout),
            CatalogueRefresh = pool.Duration("catalogue-refresh", none.CatalogueRefresh),
            MaxInFlight = pool.Int("max-in-flight", none.MaxInFlight),
            MaxQueue = pool.Int("max-queue", none.MaxQueue),
            MaxRequestSize = pool.Size("max-request-size", none.MaxRequestSize),
            MaxResultSize = pool.Size("max-result-size", none.MaxResultSize),
            MaxCatalogueSize = pool.Size("max-catalogue-size", none.MaxCatalogueSize),
            IdempotentTools = pool.Texts("idempotent-tools"),
            SlowStart = pool.OptionalDuration("slow-start", "off", none.SlowStart) ?? TimeSpan.Zero,
            MaxOpenShare = pool.OptionalNumber("max-open-share", "off", none.MaxOpenShare),
            PanicThreshold = pool.OptionalNumber("panic-threshold", "off", none.PanicThreshold),
        };
        settings = settings with
        {
            ServersComplete = !pool.Findings.ServersIncomplete,
            SwitchedOff = (pool.Findings.SwitchedOff, pool.Findings.GroupsSwitchedOff),
        };
        // A route takes the keys of failover that it does not have from the pool.
        settings = settings with { Routes = [.. pool.Sections("routes").Select(route => ReadRoute(route, settings.Failover))] };
        pool.End();
        return settings;
    }

    // In the order written, then the imported servers. A block without an address of its own adds to the imported server of its name.
    private static List<ServerSettings> ReadServers(
        Section servers, List<ImportedEntry> entries, string baseDirectory, bool trust, TimeSpan callTimeout)
    {
        var findings = servers.Findings;
        var basis = new ServerSettings { Name = "", TrustAnnotations = trust };
        var blocks = servers.Keys.Select(name => (Name: name, Block: servers.Block(name))).ToList();
        bool HasAddress(Section? block) => block is not null && (block.Has("uri") || block.Has("command"));
        var imported = ReadImported(
            entries, [.. blocks.Where(own => HasAddress(own.Block)).Select(own => own.Name)], basis, callTimeout, findings);
        var own = new List<ServerSettings>();
        foreach (var (name, block) in blocks)
        {
            var at = imported.FindIndex(server => server.Name == name || server.DisplayName == name);
            if (block is null)
            {
                findings.ServersIncomplete = true;
                if (at < 0)
                    own.Add(basis with { Name = name });
            }
            else if (at >= 0 && HasAddress(block))
            {
                servers.Problem(name, $"the server `{name}` is also in {findings.Imported[imported[at].Name]}; rename one, or leave out uri"
                    + " and command here to add other keys to the imported one");
            }
            else if (at >= 0)
            {
                var merged = ServerReader.Read(block, imported[at], baseDirectory);
                // A remark on a key that the block has too may be out of date.
                imported[at] = merged with { Remarks = [.. merged.Remarks.Where(remark => !block.Has(remark.Split('.', '[', ' ')[0]))] };
                findings.AddPlaces(KeyPath.OfServer(name), KeyPath.OfServer(imported[at].Name));
            }
            else if (!HasAddress(block) && findings.SwitchedOff.Contains(name))
            {
                if (block.Text("group") is { } group)
                    findings.GroupsSwitchedOff.Add(group);
            }
            else
            {
                own.Add(ServerReader.Read(block, basis with { Name = name }, baseDirectory));
            }
        }
        return [.. own, .. imported];
    }

    private static List<ServerSettings> ReadImported(
        List<ImportedEntry> entries, IReadOnlyCollection<string> own, ServerSettings basis, TimeSpan callTimeout, Findings findings)
    {
        findings.SwitchedOff.UnionWith([.. findings.SwitchedOff.Select(ImportNames.Usable)]);
        var names = ImportNames.Assign([.. entries.Select(entry => entry.Name)], own);
        var servers = new List<ServerSettings>();
        foreach (var same in entries.GroupBy(entry => names[entry.Name], StringComparer.Ordinal))
        {
            var first = same.First();
            findings.Imported[same.Key] = first.FileName;
            servers.Add(ImportedServerReader.Read(first, same.Key, basis, callTimeout, findings));
            // Several clients of one person often have the same servers.
            if (same.Skip(1).FirstOrDefault(entry => !entry.IsLike(first)) is { } other)
            {
                findings.Add(KeyPath.OfServer(same.Key), other.File == first.File
                    ? "is written twice in it, in two ways; rename one of them"
                    : $"is also in {first.FileName}, in another way; rename one of them", new Place(other.FileName));
            }
        }
        return servers;
    }

    private static RouteSettings ReadRoute(Section route, FailoverSettings failover)
    {
        var settings = new RouteSettings
        {
            Match = route.Text("match") ?? "",
            Group = route.Text("group"),
            Server = route.Text("server"),
            LoadBalancing = route.Text("load-balancing"),
            Timeout = route.OptionalDuration("timeout", null, null),
            Failover = route.Block("failover") is { } own ? ReadFailover(own, failover) : null,
            Hedge = ReadHedge(route),
        };
        route.End();
        return settings;
    }

    // A time, or a quantile as in p95 and p99.9.
    private static Hedging? ReadHedge(Section route)
    {
        if (route.Text("hedge") is not { } text || text == "off")
            return null;
        if (Units.TryDuration(text, out var after))
            return new Hedging { After = after };
        if (text.StartsWith('p')
            && double.TryParse(text[1..], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent))
        {
            return new Hedging { Quantile = percent / 100 };
        }
        route.Problem("hedge", $"`{text}` is neither a time such as 200ms, nor a quantile such as p95, nor off");
        return null;
    }

    private static Dictionary<string, GroupSettings> ReadGroups(Section groups)
    {
        var settings = new Dictionary<string, GroupSettings>();
        foreach (var name in groups.Keys)
        {
            if (groups.Block(name) is not { } group)
                continue;
            settings[name] = new GroupSettings { LoadBalancing = group.Text("load-balancing") };
            group.End();
        }
        return settings;
    }

    private static FailoverSettings ReadFailover(Section failover, FailoverSettings none)
    {
        var settings = new FailoverSettings
        {
            Enabled = failover.Flag("enabled", none.Enabled),
            MaxAttempts = failover.Int("max-attempts", none.MaxAttempts),
            OnServerError = failover.Choice(
                "on-server-error",
                none.OnServerError,
                ("off", ServerErrorFailover.Off), ("safe", ServerErrorFailover.Safe), ("always", ServerErrorFailover.Always)),
            OnToolError = failover.Flag("on-tool-error", none.OnToolError),
            MinDelay = failover.Duration("min-delay", none.MinDelay),
            MaxDelay = failover.Duration("max-delay", none.MaxDelay),
        };
        failover.End();
        return settings;
    }

    private static RetryBudgetSettings ReadRetryBudget(Section budget, RetryBudgetSettings none)
    {
        var settings = new RetryBudgetSettings
        {
            Ratio = budget.Number("ratio", none.Ratio),
            MinPerSecond = budget.Int("min-per-second", none.MinPerSecond),
        };
        budget.End();
        return settings;
    }

    private static CircuitSettings ReadCircuit(Section circuit, CircuitSettings none)
    {
        var settings = new CircuitSettings
        {
            ConsecutiveFailures = circuit.Int("consecutive-failures", none.ConsecutiveFailures),
            FailureRatio = circuit.Number("failure-ratio", none.FailureRatio),
            MinimumCalls = circuit.Int("minimum-calls", none.MinimumCalls),
            Window = circuit.Duration("window", none.Window),
            OpenFor = circuit.Duration("open-for", none.OpenFor),
            MaxOpenFor = circuit.Duration("max-open-for", none.MaxOpenFor),
            Jitter = circuit.Number("jitter", none.Jitter),
        };
        circuit.End();
        return settings;
    }

    private static ReconnectSettings ReadReconnect(Section reconnect, ReconnectSettings none)
    {
        var settings = new ReconnectSettings
        {
            MinBackoff = reconnect.Duration("min-backoff", none.MinBackoff),
            MaxBackoff = reconnect.Duration("max-backoff", none.MaxBackoff),
            Factor = reconnect.Number("factor", none.Factor),
            Jitter = reconnect.Number("jitter", none.Jitter),
            ResetAfter = reconnect.Duration("reset-after", none.ResetAfter),
        };
        reconnect.End();
        return settings;
    }
}
