namespace McpActors;

/// <summary>How long a server may have its clients wait (<c>Retry-After</c>): a server may ask for a day by mistake. Pure.</summary>
internal static class AskedWait
{
    /// <summary>The longest wait: a server that asks for more is tried again after this.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    /// <summary>The wait, as it is kept.</summary>
    public static TimeSpan Kept(TimeSpan asked) => asked < TimeSpan.Zero ? TimeSpan.Zero : asked < Longest ? asked : Longest;
}
