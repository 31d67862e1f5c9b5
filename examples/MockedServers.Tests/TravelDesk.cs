using McpActors;
using McpActors.Pool;

namespace MockedServers;

/// <summary>The result of a booking.</summary>
public enum Booking
{
    /// <summary>It is booked.</summary>
    Booked,

    /// <summary>Nothing was booked; a retry is safe.</summary>
    NotBooked,

    /// <summary>It may be booked; find out before a retry.</summary>
    Unsure,
}

/// <summary>The code under test: a part of a service that uses a pool.</summary>
public sealed class TravelDesk(IMcpPool pool)
{
    /// <summary>The price of a seat. Safe to repeat.</summary>
    public async Task<decimal> PriceAsync(string route)
    {
        var result = await pool.CallToolAsync("price", new { route });
        return result.StructuredContent!.Value.GetProperty("price").GetDecimal();
    }

    /// <summary>Books a seat. Not safe to repeat: two bookings cost twice.</summary>
    public async Task<Booking> BookAsync(string route)
    {
        try
        {
            await pool.CallToolAsync("book", new { route });
            return Booking.Booked;
        }
        catch (McpPoolException e) when (e.Kind is PoolErrorKind.OutcomeUnknown or PoolErrorKind.ServerError)
        {
            // No answer, or an error, which does not prove that nothing was booked: the server may have failed after the booking.
            return Booking.Unsure;
        }
        catch (McpPoolException)
        {
            // With every other kind of error, nothing can have run without our knowledge.
            return Booking.NotBooked;
        }
    }
}
