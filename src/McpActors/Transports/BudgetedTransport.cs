using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace McpActors.Transports;

/// <summary>Opens connections whose servers have an <see cref="InboundBudget"/>.</summary>
/// <param name="inner">Opens the connections; disposed of too.</param>
/// <param name="maxWaiting">The most that requests of a server that wait may take, in bytes.</param>
/// <param name="time">The clock of the budgets.</param>
internal sealed class BudgetedClientTransport(IClientTransport inner, long maxWaiting, TimeProvider time)
    : IClientTransport, IAsyncDisposable
{
    public string Name => inner.Name;

    public async Task<ITransport> ConnectAsync(CancellationToken cancellationToken = default) =>
        new BudgetedTransport(
            await inner.ConnectAsync(cancellationToken).ConfigureAwait(false), new InboundBudget(maxWaiting, time));

    public ValueTask DisposeAsync() => inner is IAsyncDisposable disposable ? disposable.DisposeAsync() : ValueTask.CompletedTask;
}

/// <summary>
/// A connection whose server has a budget: of its requests a few are handled at a time and a few wait. When it exceeds its budget, the
/// connection ends with words that say so. Thread-safe, with one reader of messages.
/// </summary>
internal sealed class BudgetedTransport : ITransport
{
    private readonly ITransport _inner;
    private readonly InboundBudget _budget;
    private readonly Reader _reader;

    public BudgetedTransport(ITransport inner, InboundBudget budget)
    {
        _inner = inner;
        _budget = budget;
        _reader = new Reader(inner, budget);
    }

    public string? SessionId => _inner.SessionId;

    public ChannelReader<JsonRpcMessage> MessageReader => _reader;

    public Task SendMessageAsync(JsonRpcMessage message, CancellationToken cancellationToken = default)
    {
        switch (message)
        {
            case JsonRpcRequest request:
                return AskAsync(request, cancellationToken);
            case JsonRpcResponse or JsonRpcError:
                return AnswerAsync((JsonRpcMessageWithId)message, cancellationToken);
            case JsonRpcNotification { Method: NotificationMethods.CancelledNotification } notification:
                if (InboundBudget.CancelledBy(notification) is { } cancelled)
                    _budget.Forget(cancelled);
                return TrySendAsync(notification, cancellationToken);
            default:
                return _inner.SendMessageAsync(message, cancellationToken);
        }
    }

    public ValueTask DisposeAsync() => _inner.DisposeAsync();

    // Without an answer an expectation would stay for the life of the connection.
    private async Task AskAsync(JsonRpcRequest request, CancellationToken cancellationToken)
    {
        _budget.Expect(request.Id);
        try
        {
            await _inner.SendMessageAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception)
        {
            _budget.Forget(request.Id);
            throw;
        }
    }

    private async Task AnswerAsync(JsonRpcMessageWithId answer, CancellationToken cancellationToken)
    {
        try
        {
            await TrySendAsync(answer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            if (_budget.Answered(answer.Id))
                _reader.Wake();
        }
    }

    // The SDK sends answers and cancellations in tasks that nobody observes. The reader reports the end of the connection.
    private async Task TrySendAsync(JsonRpcMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await _inner.SendMessageAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // Of a connection that has ended, the server needs neither.
        }
    }

    /// <summary>
    /// Reads from the connection's own channel, so that a message needs no further hop. Only while requests wait it also wakes up when one
    /// was answered.
    /// </summary>
    private sealed class Reader : ChannelReader<JsonRpcMessage>
    {
        private readonly ITransport _connection;
        private readonly ChannelReader<JsonRpcMessage> _inner;
        private readonly InboundBudget _budget;
        private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile TaskCompletionSource _woken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private volatile Task? _ended;
        private Task<bool>? _arriving;

        public Reader(ITransport connection, InboundBudget budget)
        {
            (_connection, _inner, _budget) = (connection, connection.MessageReader, budget);
            _ = CompleteWithConnectionAsync();
        }

        // The SDK reads it at the start, when it must be a task that a flood ends, and again after the last message, when the copy of the
        // connection's own may not have followed yet.
        public override Task Completion => _ended ?? (_inner.Completion.IsCompleted ? _inner.Completion : _completion.Task);

        public void Wake() => _woken.TrySetResult();

        // An exception would end the SDK's loop without a word, and leave the connection open and deaf.
        public override bool TryRead([MaybeNullWhen(false)] out JsonRpcMessage item)
        {
            try
            {
                return TryReadNext(out item);
            }
            catch (Exception e)
            {
                End($"A message of the server could not be handled: {e.Message.TrimEnd('.')}");
                item = null;
                return false;
            }
        }

        private bool TryReadNext([MaybeNullWhen(false)] out JsonRpcMessage item)
        {
            item = null;
            if (_ended is not null)
                return false;
            if (_budget.TryTakeWaiting(out item!))
                return true;
            while (_inner.TryRead(out item))
            {
                item = MessageCheck.Readable(item);
                switch (_budget.Admit(item))
                {
                    case Admission.Handle:
                        return true;
                    case Admission.End:
                        End(_budget.Reason);
                        item = null;
                        return false;
                }
            }
            return false;
        }

        public override ValueTask<bool> WaitToReadAsync(CancellationToken cancellationToken = default)
        {
            if (_ended is { Exception.InnerException: { } reason })
                return new ValueTask<bool>(Task.FromException<bool>(reason));
            return _arriving is null && !_budget.HasWaiting
                ? _inner.WaitToReadAsync(cancellationToken)
                : WaitForEitherAsync(cancellationToken);
        }

        private async ValueTask<bool> WaitForEitherAsync(CancellationToken cancellationToken)
        {
            var woken = _woken.Task;
            _arriving ??= _inner.WaitToReadAsync(CancellationToken.None).AsTask();
            var first = await Task.WhenAny(_arriving, woken).WaitAsync(cancellationToken).ConfigureAwait(false);
            if (first != _arriving)
            {
                _woken = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                return true;
            }
            var hasMessage = await _arriving.ConfigureAwait(false);
            _arriving = null;
            return hasMessage;
        }

        private void End(string? reason)
        {
            _completion.TrySetException(new ClientTransportClosedException(
                new ClientCompletionDetails { Exception = new IOException($"{reason}; the connection was closed.") }));
            _ended = _completion.Task;
            // Now, so that the flood ends. A second disposal by the owner of the connection changes nothing.
            _ = _connection.DisposeAsync().AsTask();
        }

        private async Task CompleteWithConnectionAsync()
        {
            try
            {
                await _inner.Completion.ConfigureAwait(false);
                _completion.TrySetResult();
            }
            catch (Exception e)
            {
                _completion.TrySetException(e);
                // The SDK may look at the connection's own instead.
                _ = _completion.Task.Exception;
            }
        }
    }
}
