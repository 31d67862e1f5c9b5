using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>
/// Finds the id of a JSON-RPC message that is too large to keep, at any place in the message, from chunks that may end anywhere. Reads only
/// top-level members, and stores only the name or value that is being read.
/// </summary>
internal sealed class JsonRpcEnvelope
{
    private const int LongestToken = 256;

    private readonly byte[] _token = new byte[LongestToken];
    private int _length;
    private int _depth;
    private bool _inString;
    private bool _isEscaped;
    private bool _isValue;
    private string _name = "";

    /// <summary>The id, once it has been read; null without an id that JSON-RPC allows.</summary>
    public RequestId? Id { get; private set; }

    /// <summary>Whether the message has a method: with an id as well, its sender waits for an answer.</summary>
    public bool HasMethod { get; private set; }

    /// <summary>The request that the message answers; null when it is no answer. A number in quotes is the number.</summary>
    public RequestId? AnswerTo =>
        HasMethod ? null
        : Id is not { Id: string text } id ? Id
        : ExactId.NumberIn(id) is { } number ? IncomingMessage.NumberIn(number)
        : IncomingMessage.NumberIn(text) ?? Id;

    /// <summary>Whether an object was read to its end, and is an answer.</summary>
    public bool IsWholeAnswer { get; private set; }

    /// <summary>Reads the next part of the message.</summary>
    public void Read(ReadOnlySpan<byte> chunk)
    {
        while (!chunk.IsEmpty)
        {
            if (_inString && !_isEscaped && _depth > 1)
            {
                var end = chunk.IndexOfAny((byte)'"', (byte)'\\');
                if (end < 0)
                    return;
                chunk = chunk[end..];
            }
            Read(chunk[0]);
            chunk = chunk[1..];
        }
    }

    private void Read(byte b)
    {
        if (_inString)
        {
            if (!_isEscaped && b == '"')
            {
                _inString = false;
                EndOfString();
                return;
            }
            _isEscaped = !_isEscaped && b == '\\';
            Keep(b);
            return;
        }
        switch (b)
        {
            case (byte)'"':
                _inString = true;
                _length = 0;
                break;
            case (byte)'{' or (byte)'[':
                IsWholeAnswer = false;
                _depth++;
                break;
            case (byte)'}' or (byte)']':
                EndOfScalar();
                _depth--;
                IsWholeAnswer = _depth == 0 && b == '}' && !HasMethod;
                break;
            case (byte)':' when _depth == 1:
                _isValue = true;
                _length = 0;
                break;
            case (byte)',' when _depth == 1:
                EndOfScalar();
                _isValue = false;
                break;
            case > (byte)' ':
                Keep(b);
                break;
        }
    }

    private void Keep(byte b)
    {
        if (_depth == 1)
        {
            // A token longer than any id is counted but not kept, so it is ignored.
            if (_length < LongestToken)
                _token[_length] = b;
            _length = Math.Min(_length + 1, LongestToken + 1);
        }
    }

    private void EndOfString()
    {
        if (_depth != 1 || _length > LongestToken)
        {
            _length = 0;
            return;
        }
        var text = Unescape(_token.AsSpan(0, _length));
        _length = 0;
        if (!_isValue)
        {
            _name = text ?? "";
            HasMethod |= _name == "method";
        }
        else if (_name == "id" && text is not null)
        {
            Id = new RequestId(text);
        }
    }

    private void EndOfScalar()
    {
        if (_depth == 1 && _isValue && _name == "id" && _length <= LongestToken)
            Id = ExactId.Of(Encoding.ASCII.GetString(_token.AsSpan(0, _length))) ?? Id;
        _length = 0;
    }

    private static string? Unescape(ReadOnlySpan<byte> content)
    {
        try
        {
            return JsonSerializer.Deserialize<string>((byte[])[(byte)'"', .. content, (byte)'"']);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
