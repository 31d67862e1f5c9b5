using System.Text;
using McpActors.Configuration.Hocon;

namespace McpActors.Host.Settings;

/// <summary>The text of the blocks that take effect at the start only, to report later what has changed in them. Immutable.</summary>
internal sealed class StartBlocks
{
    private static readonly string[] Own = ["host", "cluster"];

    private readonly SortedDictionary<string, string> _texts = new(StringComparer.Ordinal);

    /// <param name="root">The HOCON file.</param>
    /// <param name="layers">The block <c>mcp-actors</c> of each source.</param>
    public StartBlocks(ObjectNode root, IReadOnlyList<ObjectNode> layers)
    {
        foreach (var block in Own)
        {
            var texts = layers.Select(layer => TextOf(layer.Items.GetValueOrDefault(block)));
            _texts[KeyPath.Of(KeyPath.Top, block)] = string.Join('\n', texts);
        }
        _texts["akka"] = TextOf(root.Items.GetValueOrDefault("akka"));
    }

    /// <summary>The paths of the blocks that differ.</summary>
    public IReadOnlyList<string> Changed(StartBlocks now) => [.. _texts.Keys.Where(block => _texts[block] != now._texts[block])];

    private static string TextOf(ConfigNode? node)
    {
        var text = new StringBuilder();
        Write(node);
        return text.ToString();

        void Write(ConfigNode? value)
        {
            switch (value)
            {
                case TextNode { Text: var content }:
                    text.Append(content.Length).Append(':').Append(content);
                    break;
                case ArrayNode { Items: var items }:
                    text.Append('[');
                    items.ForEach(Write);
                    text.Append(']');
                    break;
                case ObjectNode { Items: var items }:
                    text.Append('{');
                    foreach (var (key, item) in items)
                    {
                        text.Append(key.Length).Append(':').Append(key).Append('=');
                        Write(item);
                    }
                    text.Append('}');
                    break;
                default:
                    text.Append(value?.GetType().Name);
                    break;
            }
        }
    }
}
