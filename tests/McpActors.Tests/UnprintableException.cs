namespace McpActors.Tests;

/// <summary>An exception of a caller whose text cannot be read.</summary>
internal sealed class UnprintableException : Exception
{
    public override string Message => throw new NotSupportedException("no message");

    public override string ToString() => throw new NotSupportedException("no text");
}
