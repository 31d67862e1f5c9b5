using System.Collections;
using System.Text.Json.Serialization.Metadata;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Finds a null in a message that was read although the type of its place excludes it: a property that is missing or null, an entry of a
/// list. The deserializer lets most of these pass, and an actor that trusts its types would crash. Calls and commands have checks of their
/// own, which answer their sender.
/// </summary>
internal static class WireCheck
{
    /// <summary>The path of the first null that must not be there; null: there is none.</summary>
    /// <param name="message">The message.</param>
    /// <param name="type">The metadata of its type.</param>
    public static string? FindNull(object message, JsonTypeInfo type) => type.Kind switch
    {
        JsonTypeInfoKind.Object => InObject(message, type),
        JsonTypeInfoKind.Enumerable => InList((IEnumerable)message, type),
        JsonTypeInfoKind.Dictionary => message is IEnumerable entries ? InDictionary(entries, type) : null,
        _ => null,
    };

    private static string? InObject(object message, JsonTypeInfo type)
    {
        foreach (var property in type.Properties)
        {
            // A value type is never null, and none in the messages holds a reference.
            if (property.Get is null || property.PropertyType.IsValueType)
                continue;
            if (property.Get(message) is not { } value)
            {
                if (!property.IsGetNullable)
                    return property.Name;
                continue;
            }
            if (property.PropertyType != typeof(string) && FindNull(value, type.Options.GetTypeInfo(property.PropertyType)) is { } inner)
                return $"{property.Name}.{inner}";
        }
        return null;
    }

    private static string? InList(IEnumerable list, JsonTypeInfo type)
    {
        if (type.ElementType is not { IsValueType: false } element)
            return null;
        var index = 0;
        foreach (var entry in list)
        {
            if (entry is null)
                return $"[{index}]";
            if (element != typeof(string) && FindNull(entry, type.Options.GetTypeInfo(element)) is { } inner)
                return $"[{index}].{inner}";
            index++;
        }
        return null;
    }

    private static string? InDictionary(IEnumerable entries, JsonTypeInfo type)
    {
        if (type.ElementType is not { IsValueType: false } element)
            return null;
        foreach (var (name, value) in Entries(entries))
        {
            if (value is null)
                return $"[{name}]";
            if (element != typeof(string) && FindNull(value, type.Options.GetTypeInfo(element)) is { } inner)
                return $"[{name}].{inner}";
        }
        return null;
    }

    // A dictionary of the deserializer is a Dictionary; its entries are of this kind.
    private static IEnumerable<(object Name, object? Value)> Entries(IEnumerable entries)
    {
        if (entries is not IDictionary dictionary)
            yield break;
        foreach (DictionaryEntry entry in dictionary)
            yield return (entry.Key, entry.Value);
    }
}
