using System.ComponentModel;

namespace McpActors.Host.Api.Contract;

/// <summary>The answer of <c>POST /api/explain</c>: an <see cref="Explanation"/>.</summary>
internal sealed record ExplainReply
{
    [Description("The MCP method that would be sent.")]
    public string? Method { get; init; }

    [Description("The tool, prompt or resource of the call.")]
    public string? Name { get; init; }

    [Description("The pattern of the route that matches; default-route when none does; absent when the call names a group or server.")]
    public string? Route { get; init; }

    [Description("The only server on which it may run.")]
    public string? Server { get; init; }

    [Description("The group that serves it.")]
    public string? Group { get; init; }

    [Description("The strategy that chooses among the candidates.")]
    public string? Strategy { get; init; }

    [Description("Whether the call is considered safe to repeat.")]
    public required bool Safe { get; init; }

    [Description("Time limit of the whole call, in milliseconds.")]
    public required double TimeoutMs { get; init; }

    [Description("Every server of the group, or the one server: whether the strategy may choose it, and the reason.")]
    public required IReadOnlyList<CandidateReply> Candidates { get; init; }

    [Description("The error that the call would get at once; absent when it would be sent.")]
    public ErrorBody? Problem { get; init; }

    public static ExplainReply From(Explanation explanation) => new()
    {
        Method = explanation.Method,
        Name = explanation.Name,
        Route = explanation.Route,
        Server = explanation.Server,
        Group = explanation.Group,
        Strategy = explanation.Strategy,
        Safe = explanation.Safe,
        TimeoutMs = Milliseconds.Of(explanation.Timeout),
        Candidates = [.. explanation.Candidates.Select(c => new CandidateReply(c.Server, c.Usable, c.Reason))],
        Problem = explanation.Problem is { } problem ? ErrorBody.From(problem) : null,
    };
}

/// <summary>One server in an explanation.</summary>
internal sealed record CandidateReply(
    [property: Description("The name of the server.")] string Server,
    [property: Description("Whether the strategy may choose it.")] bool Usable,
    [property: Description("The reason.")] string Reason);
