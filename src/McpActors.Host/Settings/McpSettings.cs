using McpActors.Configuration;
using McpActors.Gateway;

namespace McpActors.Host.Settings;

/// <summary>How the worker offers its pool to MCP clients: the block <c>mcp-actors.host.mcp</c> of the configuration file.</summary>
internal sealed record McpSettings
{
    /// <summary>Whether the worker serves <c>/mcp</c>. Default: true (<c>enabled</c>).</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>What is offered under which names.</summary>
    public GatewayOptions Gateway { get; init; } = new();

    /// <summary>Reads the block; problems go to the section's findings.</summary>
    /// <param name="mcp">The block.</param>
    /// <param name="folder">Relative paths start from here.</param>
    public static McpSettings Read(Section mcp, string folder)
    {
        var none = new GatewayOptions();
        var aliases = mcp.Names("aliases");
        var settings = new McpSettings
        {
            Enabled = mcp.Flag("enabled", true),
            Gateway = new GatewayOptions
            {
                Names = mcp.Choice("names", none.Names, ("plain", GatewayNaming.Plain), ("prefixed", GatewayNaming.Prefixed)),
                Separator = mcp.Text("separator") ?? none.Separator,
                Prefer = mcp.Texts("prefer"),
                Aliases = aliases.Keys.ToDictionary(alias => alias, alias => aliases.Text(alias) ?? "", StringComparer.Ordinal),
                PageSize = mcp.Int("page-size", none.PageSize),
                ListWait = mcp.Duration("list-wait", none.ListWait),
                StateSecret = HostSettings.ReadSecret(mcp, "state-secret", folder, GatewayOptions.ShortestSecret)?.Resolve(),
            },
        };
        aliases.End();
        mcp.End();
        foreach (var (option, problem) in settings.Gateway.Problems())
            mcp.Problem(KeyOf(option), problem);
        return settings;
    }

    private static string KeyOf(string option) => option switch
    {
        nameof(GatewayOptions.Separator) => "separator",
        nameof(GatewayOptions.PageSize) => "page-size",
        nameof(GatewayOptions.ListWait) => "list-wait",
        _ => "aliases",
    };
}
