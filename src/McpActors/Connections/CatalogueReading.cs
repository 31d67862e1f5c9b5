namespace McpActors.Connections;

/// <summary>The reading of a catalogue that is wanted.</summary>
/// <param name="Known">The last catalogue of the server; null for none.</param>
/// <param name="Only">The methods of the lists that are read, the others stay as they are known; null: all.</param>
/// <param name="Limit">The room for the catalogue, in bytes.</param>
/// <param name="Timeout">The time for each list.</param>
/// <param name="TimeToTry">The time for a list that the server does not declare.</param>
/// <param name="Publish">Called with the tools, on any thread, when the other lists take long.</param>
internal sealed record WantedCatalogue(
    ServerCatalogue? Known,
    IReadOnlyList<string>? Only,
    long Limit,
    TimeSpan Timeout,
    TimeSpan TimeToTry,
    Action<ServerCatalogue?> Publish)
{
    /// <summary>Called when the server has answered with a page of a list; null: not.</summary>
    public Action? OnAnswer { get; init; }
}

/// <summary>What a reading of a catalogue brought.</summary>
/// <param name="Catalogue">The catalogue, with the last good list in place of each that failed; the same object as before if nothing has
/// changed, and null while no list could be read.</param>
/// <param name="Failures">The lists that could not be read.</param>
/// <param name="Remarks">Remarks about the lists; the same object as before if nothing has changed.</param>
internal sealed record CatalogueReading(
    ServerCatalogue? Catalogue, IReadOnlyList<ListFailure> Failures, IReadOnlyList<string> Remarks)
{
    /// <summary>It brought something new, perhaps published before its end.</summary>
    public bool HasChanged { get; init; }

    /// <summary>Nothing could be read.</summary>
    public static CatalogueReading Failed(ServerCatalogue? known, Exception cause) => new(
        known,
        [.. CatalogueList.All.Select(list => new ListFailure(list.Method, cause, WasServed: false))],
        [$"its lists could not be read: {FailureClassifier.Words(cause)}"]);
}

/// <summary>A list that could not be read.</summary>
/// <param name="Method">The method that reads it.</param>
/// <param name="Cause">Why not.</param>
/// <param name="WasServed">An earlier reading on the same connection could read it.</param>
internal sealed record ListFailure(string Method, Exception Cause, bool WasServed);
