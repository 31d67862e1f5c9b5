using System.Globalization;

namespace McpActors.Host.Dashboard.Parts.Charts;

/// <summary>The scale of a chart from zero to a round number.</summary>
/// <param name="Top">The value at the upper edge.</param>
/// <param name="Step">The distance between two lines.</param>
public readonly record struct ChartScale(double Top, double Step)
{
    /// <summary>A scale with two to four lines that holds the largest value.</summary>
    /// <param name="largest">The largest value; anything but a positive number counts as zero.</param>
    /// <param name="atLeast">The smallest upper edge, so that noise near zero does not fill the chart.</param>
    public static ChartScale For(double largest, double atLeast)
    {
        var top = double.IsFinite(largest) ? Math.Max(largest, atLeast) : atLeast;
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(top / 4)));
        foreach (var factor in (double[])[1, 2, 2.5, 5, 10])
        {
            var step = factor * magnitude;
            if (step * 4 >= top)
                return new(Math.Ceiling(top / step) * step, step);
        }

        return new(top, top);
    }

    /// <summary>The values with a line, zero first.</summary>
    public IEnumerable<double> Lines()
    {
        var (top, step) = (Top, Step);
        return Enumerable.Range(0, (int)Math.Round(top / step) + 1).Select(i => i * step);
    }

    /// <summary>A value of the scale as text.</summary>
    public static string Label(double value) => value.ToString(value >= 1000 ? "#,0" : "0.##", CultureInfo.InvariantCulture);
}
