using System.Globalization;
using System.Text;

namespace McpActors.Host.Dashboard.Parts.Charts;

/// <summary>Draws values as an SVG path.</summary>
internal static class SvgPath
{
    /// <summary>A line from the left to the right edge.</summary>
    /// <param name="values">The values; NaN leaves a gap.</param>
    /// <param name="width">The right edge.</param>
    /// <param name="height">The height of the highest value.</param>
    /// <param name="top">The space above it.</param>
    /// <param name="max">The value at the top; null: the largest of the values.</param>
    public static string Line(IReadOnlyList<double> values, double width, double height, double top = 0, double? max = null)
    {
        var highest = max ?? values.Where(double.IsFinite).DefaultIfEmpty(0).Max();
        var scale = highest > 0 ? height / highest : 0;
        var step = values.Count > 1 ? width / (values.Count - 1) : 0;
        var path = new StringBuilder(values.Count * 10);
        var isDrawing = false;
        for (var i = 0; i < values.Count; i++)
        {
            if (!double.IsFinite(values[i]))
            {
                isDrawing = false;
                continue;
            }

            path.Append(isDrawing ? 'L' : 'M')
                .Append((i * step).ToString("0.#", CultureInfo.InvariantCulture)).Append(',')
                .Append((top + height - (values[i] * scale)).ToString("0.#", CultureInfo.InvariantCulture));
            isDrawing = true;
        }

        return path.ToString();
    }
}
