using System.Text.Json;
using McpActors;
using McpActors.Pool;

namespace MockedServers;

/// <summary>What became of a booking.</summary>
public enum Booking
{
    /// <summary>It is booked.</summary>
    Booked,

    /// <summary>Nothing was booked: it may be tried again.</summary>
    NotBooked,

    /// <summary>It may be booked: somebody has to look before it is tried again.</summary>
    Unsure,
}

/// <summary>The code under test: a part of somebody's service that uses a pool.</summary>
public sealed class TravelDesk(IMcpPool pool)
{
    /// <summary>The price of a seat. Reading it twice does no harm.</summary>
    public async Task<decimal> PriceAsync(string route)
    {
        var executed = await pool.CallToolAsync("price", JsonSerializer.SerializeToElement(new { route }));
        return executed.Result.GetProperty("structuredContent").GetProperty("price").GetDecimal();
    }

    /// <summary>Books a seat. Booking it twice would cost twice.</summary>
    public async Task<Booking> BookAsync(string route)
    {
        try
        {
            await pool.CallToolAsync("book", JsonSerializer.SerializeToElement(new { route }));
            return Booking.Booked;
        }
        catch (McpPoolException e) when (e.Kind == PoolErrorKind.OutcomeUnknown)
        {
            return Booking.Unsure;
        }
        catch (McpPoolException)
        {
            // Every other error says that nothing can have run unknown to us.
            return Booking.NotBooked;
        }
    }
}
