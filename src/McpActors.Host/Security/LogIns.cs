using System.Collections.Concurrent;
using System.Security.Claims;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;

namespace McpActors.Host.Security;

/// <summary>
/// The log-ins of people. A cookie names one of them and is worth nothing without it: a log-in ends with its log-out, when the access token
/// is no longer the one it was made with, and after 12 hours. Thread-safe.
/// </summary>
internal sealed class LogIns(AccessToken token, TimeProvider time) : ITicketStore
{
    /// <summary>How long a log-in lasts, however much it is used.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromHours(12);

    private const string KeyClaim = "log-in";

    private readonly ConcurrentDictionary<string, LogIn> _logIns = new(StringComparer.Ordinal);

    /// <summary>The log-in of a user; null for a program, which has none.</summary>
    public static string? KeyOf(ClaimsPrincipal user) => user.FindFirstValue(KeyClaim);

    /// <summary>Whether the log-in holds. One that does not is ended, unless the token cannot be read now.</summary>
    public bool Holds(string key)
    {
        if (!_logIns.TryGetValue(key, out var logIn))
            return false;
        if (token.Fingerprint() is not { } current)
            return false;
        if (time.GetElapsedTime(logIn.Since) < Lifetime && CryptographicOperations.FixedTimeEquals(current, logIn.Fingerprint))
            return true;
        _logIns.TryRemove(key, out _);
        return false;
    }

    public Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        foreach (var past in _logIns.Keys)
            Holds(past);
        var key = Convert.ToHexString(RandomNumberGenerator.GetBytes(32));
        _logIns[key] = Create(key, ticket);
        return Task.FromResult(key);
    }

    // Somebody who is logged in logs in again.
    public Task RenewAsync(string key, AuthenticationTicket ticket)
    {
        _logIns[key] = Create(key, ticket);
        return Task.CompletedTask;
    }

    public Task<AuthenticationTicket?> RetrieveAsync(string key) =>
        Task.FromResult(Holds(key) && _logIns.TryGetValue(key, out var logIn) ? logIn.Ticket : null);

    public Task RemoveAsync(string key)
    {
        _logIns.TryRemove(key, out _);
        return Task.CompletedTask;
    }

    private LogIn Create(string key, AuthenticationTicket ticket)
    {
        ticket.Principal.AddIdentity(new ClaimsIdentity([new Claim(KeyClaim, key)]));
        // No token matches a log-in that was made while none could be read.
        return new LogIn(ticket, token.Fingerprint() ?? [], time.GetTimestamp());
    }

    private sealed record LogIn(AuthenticationTicket Ticket, byte[] Fingerprint, long Since);
}
