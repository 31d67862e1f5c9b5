namespace McpActors.Configuration.Imports;

/// <summary>The characters to which the placeholders of all imported files together may multiply. Not thread-safe.</summary>
internal sealed class ExpansionBudget
{
    /// <summary>The most characters of one configuration.</summary>
    public const int Most = 16 * 1024 * 1024;

    private int _left = Most;

    /// <summary>Takes a number of characters; false when not as many are left.</summary>
    public bool TryTake(int characters)
    {
        if (characters > _left)
            return false;
        _left -= characters;
        return true;
    }
}
