using System.Net;
using Microsoft.AspNetCore.Antiforgery;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Mvc;

namespace McpActors.Host.Security;

/// <summary><c>/login</c>: exchanges the access token for a cookie. <see cref="LogIns"/> holds the log-in until it ends.</summary>
internal static class LoginPage
{
    public const string Path = "/login";

    public static void MapLogin(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Path, Show).AllowAnonymous().ExcludeFromDescription();
        routes.MapPost(Path, LogInAsync).AllowAnonymous().ExcludeFromDescription().RequireRateLimiting(RateLimits.LogIn);
        routes.MapPost("/logout", LogOutAsync).ExcludeFromDescription();
    }

    /// <summary>Answers a log-in that is not even tried: the page with the reason.</summary>
    public static Task RefuseAsync(HttpContext context, IAntiforgery antiforgery, string problem)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(Page(context, antiforgery, null, problem), context.RequestAborted);
    }

    private static IResult Show(HttpContext context, IAntiforgery antiforgery, string? returnUrl) =>
        Results.Content(Page(context, antiforgery, returnUrl, null), "text/html");

    private static async Task<IResult> LogInAsync(
        HttpContext context, IAntiforgery antiforgery, AccessToken access, [FromForm] string? token, [FromForm] string? returnUrl)
    {
        if (!access.Matches(token))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Results.Content(Page(context, antiforgery, returnUrl, "Wrong access token."), "text/html", null, 401);
        }
        const string scheme = CookieAuthenticationDefaults.AuthenticationScheme;
        await context.SignInAsync(scheme, BearerAuthentication.Operator(scheme));
        return Results.LocalRedirect(IsLocal(returnUrl) ? returnUrl! : Root(context));
    }

    private static async Task<IResult> LogOutAsync(HttpContext context, IAntiforgery antiforgery)
    {
        await antiforgery.ValidateRequestAsync(context);
        await context.SignOutAsync(CookieAuthenticationDefaults.AuthenticationScheme);
        return Results.LocalRedirect(context.Request.PathBase + Path);
    }

    // Browsers drop control characters from a URL, which would turn "/\t/x" into another host; a header holds ASCII only.
    private static bool IsLocal(string? url) => url is ['/'] or ['/', not ('/' or '\\'), ..] && url.All(c => c is > ' ' and <= '~');

    private static string Root(HttpContext context) => $"{context.Request.PathBase}/";

    private static string Page(HttpContext context, IAntiforgery antiforgery, string? returnUrl, string? problem) =>
        Page(antiforgery.GetAndStoreTokens(context), Root(context), IsLocal(returnUrl) ? returnUrl! : Root(context), problem);

    // Loads nothing but its icon, since everything else needs the token.
    private static string Page(AntiforgeryTokenSet tokens, string root, string returnUrl, string? problem) => $$"""
        <!doctype html>
        <html lang="en">
        <head>
          <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>McpActors: log in</title>
          <link rel="icon" type="image/svg+xml" href="{{root}}favicon.svg">
          <style>
            :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
            body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
            form { display: grid; gap: 12px; width: min(340px, 88vw); }
            input, button { font: inherit; padding: 10px 12px; border-radius: 8px; border: 1px solid GrayText; }
            button { cursor: pointer; }
            p[role=alert] { margin: 0; color: light-dark(#b3261e, #f2b8b5); }
          </style>
        </head>
        <body>
          <main>
            <h1>McpActors</h1>
            <form method="post" action="{{root.TrimEnd('/')}}{{Path}}">
              <label for="token">Access token</label>
              <input id="token" name="token" type="password" autocomplete="current-password" required autofocus>
              <input type="hidden" name="returnUrl" value="{{WebUtility.HtmlEncode(returnUrl)}}">
              <input type="hidden" name="{{tokens.FormFieldName}}" value="{{tokens.RequestToken}}">
              {{(problem is null ? "" : $"<p role=\"alert\">{WebUtility.HtmlEncode(problem)}</p>")}}
              <button type="submit">Log in</button>
            </form>
          </main>
        </body>
        </html>
        """;
}
