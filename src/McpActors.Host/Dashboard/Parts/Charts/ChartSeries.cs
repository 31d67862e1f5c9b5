namespace McpActors.Host.Dashboard.Parts.Charts;

/// <summary>A line of a chart.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="Tone">Its colour: <c>primary</c>, <c>info</c>, <c>bad</c> or <c>warning</c>.</param>
/// <param name="Values">Its values, the oldest first; NaN where there is none.</param>
public sealed record ChartSeries(string Name, string Tone, IReadOnlyList<double> Values)
{
    /// <summary>The value of the last step that has one.</summary>
    public double Last => Values.LastOrDefault(double.IsFinite);

    /// <summary>The largest value.</summary>
    public double Largest => Values.Where(double.IsFinite).DefaultIfEmpty(0).Max();
}
