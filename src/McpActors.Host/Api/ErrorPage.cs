using System.Net;
using Microsoft.AspNetCore.WebUtilities;

namespace McpActors.Host.Api;

/// <summary>The answer to a person whose request has no other answer, such as a mistyped address.</summary>
internal static class ErrorPage
{
    public static Task WriteAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        var title = status == StatusCodes.Status404NotFound ? "Page not found" : $"{status} {ReasonPhrases.GetReasonPhrase(status)}";
        var root = $"{context.Request.PathBase}/";
        context.Response.ContentType = "text/html; charset=utf-8";
        return context.Response.WriteAsync(
            $$"""
            <!doctype html>
            <html lang="en">
            <head>
              <meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>McpActors: {{title}}</title>
              <link rel="icon" type="image/svg+xml" href="{{root}}favicon.svg">
              <style>
                :root { color-scheme: light dark; font-family: system-ui, sans-serif; }
                body { display: grid; place-items: center; min-height: 100vh; margin: 0; }
              </style>
            </head>
            <body>
              <main>
                <h1>{{title}}</h1>
                <p>{{WebUtility.HtmlEncode(context.Request.Path.Value)}}</p>
                <p><a href="{{root}}">Go to the servers</a></p>
              </main>
            </body>
            </html>
            """,
            context.RequestAborted);
    }
}
