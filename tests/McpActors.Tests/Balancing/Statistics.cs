using Xunit;

namespace McpActors.Tests.Balancing;

internal static class Statistics
{
    /// <summary>
    /// Chi-square against the expected shares. The fixed seed makes the result reproducible; a bias of a few percent exceeds the bound.
    /// </summary>
    public static void AssertShares(double[] expected, int[] counts)
    {
        double total = counts.Sum();
        var chiSquare = expected.Zip(counts).Sum(pair =>
        {
            var wanted = total * pair.First / expected.Sum();
            return (pair.Second - wanted) * (pair.Second - wanted) / wanted;
        });
        // The 99.9 % quantile for k degrees of freedom, by Wilson and Hilferty.
        double k = expected.Length - 1;
        var bound = k * Math.Pow(1 - (2 / (9 * k)) + (3.09 * Math.Sqrt(2 / (9 * k))), 3);
        Assert.InRange(chiSquare, 0, bound);
    }
}
