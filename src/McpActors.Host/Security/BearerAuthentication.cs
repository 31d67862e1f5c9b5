using System.Net.Http.Headers;
using System.Security.Claims;
using System.Text.Encodings.Web;
using McpActors.Host.Api.Contract;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace McpActors.Host.Security;

/// <summary>Accepts programs that send the access token as <c>Authorization: Bearer</c>.</summary>
internal sealed class BearerAuthentication(
    IOptionsMonitor<AuthenticationSchemeOptions> options, UrlEncoder encoder, AccessToken token)
    // Without a log: the base class writes lines for every request without the token.
    : AuthenticationHandler<AuthenticationSchemeOptions>(options, NullLoggerFactory.Instance, encoder)
{
    public const string SchemeName = "Bearer";

    // The SDK binds each MCP session to its user by the identifier.
    public static ClaimsPrincipal Operator(string scheme) => new(new ClaimsIdentity(
        [new Claim(ClaimTypes.Name, "operator"), new Claim(ClaimTypes.NameIdentifier, "operator")], scheme));

    protected override Task<AuthenticateResult> HandleAuthenticateAsync()
    {
        var isBearer = AuthenticationHeaderValue.TryParse(Request.Headers.Authorization, out var header)
            && header.Scheme.Equals(SchemeName, StringComparison.OrdinalIgnoreCase);
        if (!isBearer)
            return Task.FromResult(AuthenticateResult.NoResult());
        return Task.FromResult(token.Matches(header!.Parameter)
            ? AuthenticateResult.Success(new AuthenticationTicket(Operator(SchemeName), SchemeName))
            : AuthenticateResult.Fail("the access token is wrong"));
    }

    protected override Task HandleChallengeAsync(AuthenticationProperties properties)
    {
        Response.StatusCode = StatusCodes.Status401Unauthorized;
        Response.Headers.WWWAuthenticate = SchemeName;
        return Response.WriteAsJsonAsync(
            ErrorReply.Of("Unauthorized", "Access token required. Send `Authorization: Bearer <token>`."), ApiJson.Strict.ErrorReply);
    }
}
