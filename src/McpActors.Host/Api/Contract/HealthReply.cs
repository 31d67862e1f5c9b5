namespace McpActors.Host.Api.Contract;

/// <summary>The answer of <c>/health/…</c>: <c>Healthy</c> with 200, or <c>Unhealthy</c> with 503, with the result of each check.</summary>
internal sealed record HealthReply(string Status, IReadOnlyDictionary<string, string> Checks);
