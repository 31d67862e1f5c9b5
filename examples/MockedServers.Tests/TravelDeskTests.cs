using McpActors.Transports;
using Xunit;

namespace MockedServers;

/// <summary>How a service behaves when its MCP servers fail: each test has a failure and the service's reaction.</summary>
public class TravelDeskTests
{
    private static readonly MemoryToolOptions ReadOnly = new() { ReadOnly = true };

    private readonly MemoryServers _servers = new();
    private readonly MemoryServer _primary;
    private readonly MemoryServer _secondary;

    public TravelDeskTests()
    {
        _primary = _servers.Add("primary").Tool("price", () => new { price = 99 }, ReadOnly).Tool("book", () => "booked");
        _secondary = _servers.Add("secondary").Tool("price", () => new { price = 120 }, ReadOnly).Tool("book", () => "booked");
    }

    [Fact]
    public async Task The_price_comes_from_the_primary_server()
    {
        await using var test = await TestPool.StartAsync(_servers, "primary", "secondary");

        Assert.Equal(99, await new TravelDesk(test.Pool).PriceAsync("Oslo-Bergen"));
    }

    [Fact]
    public async Task A_server_that_fails_is_replaced_by_the_next()
    {
        _primary.Tool("price", () => throw new InvalidOperationException("no tariff loaded"));
        await using var test = await TestPool.StartAsync(_servers, "primary", "secondary");

        Assert.Equal(120, await new TravelDesk(test.Pool).PriceAsync("Oslo-Bergen"));
        Assert.Equal(1, _primary.Received("price"));
    }

    [Fact]
    public async Task A_server_that_is_too_slow_is_replaced_by_the_next()
    {
        _primary.Tool("price", () => MemoryAnswer.After(TimeSpan.FromMinutes(10), new { price = 99 }));
        await using var test = await TestPool.StartAsync(_servers, TimeSpan.FromSeconds(2), "primary", "secondary");

        Assert.Equal(120, await new TravelDesk(test.Pool).PriceAsync("Oslo-Bergen"));
    }

    [Fact]
    public async Task A_booking_that_ended_with_an_error_is_not_made_on_the_next_server()
    {
        _primary.Tool("book", () => MemoryAnswer.Error(-32000, "the receipt could not be printed"));
        await using var test = await TestPool.StartAsync(_servers, "primary", "secondary");

        Assert.Equal(Booking.Unsure, await new TravelDesk(test.Pool).BookAsync("Oslo-Bergen"));
        Assert.Equal(0, _secondary.Received("book"));
    }

    [Fact]
    public async Task A_booking_that_reached_no_server_is_made_on_the_next_one()
    {
        await using var test = await TestPool.StartAsync(_servers, "primary", "secondary");
        _primary.Refuse();
        _primary.Disconnect();

        Assert.Equal(Booking.Booked, await new TravelDesk(test.Pool).BookAsync("Oslo-Bergen"));
        Assert.Equal((0L, 1L), (_primary.Received("book"), _secondary.Received("book")));
    }

    [Fact]
    public async Task A_booking_whose_answer_is_lost_is_not_made_twice()
    {
        _primary.Tool("book", () =>
        {
            _primary.Disconnect();
            return MemoryAnswer.Never;
        });
        await using var test = await TestPool.StartAsync(_servers, "primary", "secondary");

        Assert.Equal(Booking.Unsure, await new TravelDesk(test.Pool).BookAsync("Oslo-Bergen"));
        Assert.Equal(0, _secondary.Received("book"));
    }

    [Fact]
    public async Task Nothing_is_booked_when_no_server_is_there()
    {
        await using var test = await TestPool.StartAsync(_servers, "primary", "secondary");
        foreach (var server in new[] { _primary, _secondary })
        {
            server.Refuse();
            server.Disconnect();
        }

        Assert.Equal(Booking.NotBooked, await new TravelDesk(test.Pool).BookAsync("Oslo-Bergen"));
    }
}
