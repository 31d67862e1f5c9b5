namespace McpActors.Host.Tests.Commands;

/// <summary>An input that never ends.</summary>
internal sealed class EndlessReader : TextReader
{
    public override int Read() => 'x';

    public override int Read(char[] buffer, int index, int count)
    {
        buffer.AsSpan(index, count).Fill('x');
        return count;
    }
}
