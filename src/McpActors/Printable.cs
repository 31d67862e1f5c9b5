namespace McpActors;

/// <summary>
/// Exceptions of a caller's code, such as a strategy or a listener of progress. One whose text cannot be read would end the actor that
/// reports it, and Akka's logger.
/// </summary>
internal static class Printable
{
    /// <summary>The exception, or one that names its type if its text cannot be read.</summary>
    public static Exception Of(Exception cause)
    {
        try
        {
            _ = (cause.Message, cause.ToString());
            return cause;
        }
        catch (Exception)
        {
            return new InvalidOperationException($"{cause.GetType()}, which cannot be printed");
        }
    }
}
