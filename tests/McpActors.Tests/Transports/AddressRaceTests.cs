using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Transports;

public sealed class AddressRaceTests
{
    private static readonly IPAddress First = IPAddress.Parse("2001:db8::1");
    private static readonly IPAddress Second = IPAddress.Parse("192.0.2.1");

    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentDictionary<IPAddress, TaskCompletionSource<Opened>> _connects = [];

    private Opened? _ifCancelled;

    [Theory]
    [InlineData("::1 ::2 1.1.1.1 2.2.2.2", "::1 1.1.1.1 ::2 2.2.2.2")]
    [InlineData("1.1.1.1 2.2.2.2 ::1", "1.1.1.1 ::1 2.2.2.2")]
    [InlineData("1.1.1.1", "1.1.1.1")]
    [InlineData("", "")]
    public void The_families_take_turns(string addresses, string expected)
    {
        IPAddress[] parsed = [.. addresses.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)];

        Assert.Equal(expected, string.Join(' ', AddressRace.Interleaved(parsed)));
    }

    [Fact]
    public async Task An_address_that_swallows_packets_does_not_hide_the_next()
    {
        var racing = RunAsync(First, Second);
        Assert.Equal([First], _connects.Keys);

        _time.Advance(TimeSpan.FromMilliseconds(250));
        await Eventually.TrueAsync(() => _connects.Count == 2, "the second address is tried");
        _connects[Second].SetResult(new Opened("second"));

        Assert.Equal("second", (await racing.WaitAsync(Eventually.Guard)).Name);
    }

    [Fact]
    public async Task A_connection_that_opens_too_late_is_closed()
    {
        var late = new Opened("second");
        // A connection may open at the moment at which it is given up.
        _ifCancelled = late;
        var racing = RunAsync(First, Second);
        _time.Advance(TimeSpan.FromMilliseconds(250));
        await Eventually.TrueAsync(() => _connects.Count == 2, "the second address is tried");
        _connects[First].SetResult(new Opened("first"));
        await racing.WaitAsync(Eventually.Guard);

        await Eventually.TrueAsync(() => late.IsDisposed, "the late one is closed");
    }

    [Fact]
    public async Task A_refusal_leads_to_the_next_address_at_once()
    {
        var racing = RunAsync(First, Second);
        _connects[First].SetException(new SocketException((int)SocketError.ConnectionRefused));
        await Eventually.TrueAsync(() => _connects.Count == 2, "the second address is tried");
        _connects[Second].SetResult(new Opened("second"));

        Assert.Equal("second", (await racing.WaitAsync(Eventually.Guard)).Name);
    }

    [Fact]
    public async Task The_error_names_every_address_that_was_tried()
    {
        var racing = RunAsync(First, Second);
        _connects[First].SetException(new SocketException((int)SocketError.ConnectionRefused));
        await Eventually.TrueAsync(() => _connects.Count == 2, "the second address is tried");
        _time.Advance(TimeSpan.FromSeconds(10));

        var error = await Assert.ThrowsAsync<HttpRequestException>(() => racing.WaitAsync(Eventually.Guard));

        Assert.Equal(HttpRequestError.ConnectionError, error.HttpRequestError);
        Assert.Contains("port 80 of 2001:db8::1 (Connection refused), 192.0.2.1 (no answer)", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no connection to port 1 of 127.0.0.1 (Connection refused)", " (localhost:1)", "")]
    [InlineData("no connection to port 1 of ::1 (Connection refused), 127.0.0.1 (no answer)", " (a.example:1)", "")]
    [InlineData("no connection to port 1 of ::1 (Connection refused)", " ([::1]:1)", "")]
    [InlineData("no connection to port 1 of ::1 (no answer)", " (p:1) (through the proxy http://p:1)", " (through the proxy http://p:1)")]
    [InlineData("Connection refused", " (localhost:1)", " (localhost:1)")]
    public void The_host_that_the_runtime_adds_is_left_out(string words, string added, string left) =>
        Assert.Equal(words + left, AddressRace.WithoutHost(words + added));

    [Fact]
    public async Task A_cancelled_race_is_cancelled()
    {
        using var cancellation = new CancellationTokenSource();
        var racing = RunAsync([First], cancellation.Token);

        await cancellation.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => racing.WaitAsync(Eventually.Guard));
    }

    private Task<Opened> RunAsync(params IPAddress[] addresses) => RunAsync(addresses, CancellationToken.None);

    private Task<Opened> RunAsync(IPAddress[] addresses, CancellationToken cancellation) =>
        new AddressRace((_, _) => Task.FromResult(addresses), TimeSpan.FromSeconds(10), _time)
            .RunAsync(addresses, 80, ConnectAsync, cancellation);

    private async Task<Opened> ConnectAsync(IPEndPoint end, CancellationToken cancellation)
    {
        var connect = _connects[end.Address] = new TaskCompletionSource<Opened>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellation.Register(() =>
        {
            if (_ifCancelled is { } opened)
                connect.TrySetResult(opened);
            else
                connect.TrySetCanceled(cancellation);
        });
        return await connect.Task;
    }

    private sealed class Opened(string name) : IDisposable
    {
        public string Name => name;

        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
