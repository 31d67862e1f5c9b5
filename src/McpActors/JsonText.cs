using System.Globalization;
using System.Text;
using System.Text.Json;

namespace McpActors;

/// <summary>Reads JSON strings that may hold half a surrogate pair, which System.Text.Json refuses to read.</summary>
internal static class JsonText
{
    /// <summary>The text; half of a surrogate pair without its other half is U+FFFD.</summary>
    public static string Read(JsonElement text)
    {
        try
        {
            return text.GetString() ?? "";
        }
        catch (InvalidOperationException) when (text.ValueKind == JsonValueKind.String)
        {
            // UTF-8 cannot hold half a pair either: encoding replaces it.
            return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(Unescape(text.GetRawText())));
        }
    }

    private static string Unescape(string quoted)
    {
        var plain = new StringBuilder(quoted.Length);
        for (var i = 1; i < quoted.Length - 1; i++)
        {
            if (quoted[i] != '\\')
            {
                plain.Append(quoted[i]);
                continue;
            }
            i++;
            plain.Append(quoted[i] switch
            {
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'b' => '\b',
                'f' => '\f',
                'u' => (char)ushort.Parse(quoted.AsSpan(i + 1, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture),
                var other => other,
            });
            if (quoted[i] == 'u')
                i += 4;
        }
        return plain.ToString();
    }
}
