using System.Globalization;
using System.Text;

namespace McpActors.Benchmarks.Simulate;

/// <summary>One curve.</summary>
internal sealed record Curve(string Name, string Color, bool Dashed, IReadOnlyList<(double X, double Y)> Points);

/// <summary>One field of a chart: curves over a linear x from 0 to 1 and a logarithmic y.</summary>
internal sealed record Panel(string Title, double LeastY, double MostY, double[] TicksY, IReadOnlyList<Curve> Curves);

/// <summary>Panels beside each other with one legend below, as SVG.</summary>
internal static class LineChart
{
    private const double Width = 420;
    private const double Height = 340;
    private const double Left = 52;
    private const double Top = 36;
    private const double Gap = 70;
    private const double LegendRow = 20;
    private const int LegendColumns = 4;

    public static string Draw(string labelX, IReadOnlyList<Panel> panels)
    {
        var width = Left + (panels.Count * (Width + Gap));
        var legendTop = Top + Height + 56;
        var legend = panels[0].Curves;
        var height = legendTop + (Math.Ceiling((double)legend.Count / LegendColumns) * LegendRow) + 10;
        var svg = new StringBuilder();
        Line(
            svg,
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:0} {height:0}\" font-family=\"sans-serif\" font-size=\"12\">");
        Line(svg, $"<rect width=\"100%\" height=\"100%\" fill=\"white\"/>");
        for (var i = 0; i < panels.Count; i++)
            DrawPanel(svg, panels[i], Left + (i * (Width + Gap)), labelX);
        for (var i = 0; i < legend.Count; i++)
        {
            var x = Left + (i % LegendColumns * ((width - Left) / LegendColumns));
            var y = legendTop + (i / LegendColumns * LegendRow);
            Line(svg, $"<path d=\"M{x:0} {y:0}h26\" {Stroke(legend[i])}/><text x=\"{x + 32:0}\" y=\"{y + 4:0}\">{legend[i].Name}</text>");
        }
        Line(svg, $"</svg>");
        return svg.ToString();
    }

    private static void DrawPanel(StringBuilder svg, Panel panel, double left, string labelX)
    {
        double X(double x) => left + (x * Width);
        double Y(double y) => Top + (Height * Math.Log(panel.MostY / y) / Math.Log(panel.MostY / panel.LeastY));
        Line(svg, $"<text x=\"{left:0}\" y=\"{Top - 14:0}\" font-weight=\"bold\">{panel.Title}</text>");
        foreach (var y in panel.TicksY)
        {
            Line(svg, $"<path d=\"M{left:0} {Y(y):0.0}h{Width:0}\" stroke=\"#ddd\"/>");
            Line(svg, $"<text x=\"{left - 8:0}\" y=\"{Y(y) + 4:0.0}\" text-anchor=\"end\">{y}</text>");
        }
        for (var i = 0; i <= 10; i += 2)
        {
            var x = i / 10.0;
            Line(svg, $"<path d=\"M{X(x):0.0} {Top:0}v{Height:0}\" stroke=\"#ddd\"/>");
            Line(svg, $"<text x=\"{X(x):0.0}\" y=\"{Top + Height + 18:0}\" text-anchor=\"middle\">{x:0.0}</text>");
        }
        Line(svg, $"<text x=\"{X(0.5):0.0}\" y=\"{Top + Height + 36:0}\" text-anchor=\"middle\">{labelX}</text>");
        foreach (var curve in panel.Curves)
        {
            var points = string.Join(' ', curve.Points
                .Where(point => point.Y <= panel.MostY)
                .Select(point => string.Create(CultureInfo.InvariantCulture, $"{X(point.X):0.0},{Y(point.Y):0.0}")));
            Line(svg, $"<polyline points=\"{points}\" fill=\"none\" {Stroke(curve)}/>");
        }
    }

    private static string Stroke(Curve curve) =>
        $"stroke=\"{curve.Color}\" stroke-width=\"{(curve.Dashed ? "1.2" : "2")}\"{(curve.Dashed ? " stroke-dasharray=\"5 4\"" : "")}";

    private static void Line(StringBuilder text, FormattableString line) =>
        text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
