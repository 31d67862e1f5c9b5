namespace McpActors.Benchmarks.Simulate;

internal static class BalancingDocument
{
    public static string Write(string? svg) => svg ?? "";
}
