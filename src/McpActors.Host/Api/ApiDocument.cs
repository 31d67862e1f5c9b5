using McpActors.Host.Api.Contract;
using Microsoft.OpenApi;

namespace McpActors.Host.Api;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>.</summary>
internal static class ApiDocument
{
    public static void AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi("v1", document => document.AddDocumentTransformer((openApi, _, _) =>
        {
            openApi.Info = new OpenApiInfo
            {
                Title = "McpActors",
                Version = "v1",
                Description = "Calls to a pool of MCP servers, and its state. " +
                    "An error is {error: {kind, message, …}}: its kind is stable and for programs, its message for people.",
            };
            return Task.CompletedTask;
        }));

    /// <summary>Documents that an endpoint answers these statuses with an <see cref="ErrorReply"/>.</summary>
    public static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder endpoint, params IEnumerable<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.Produces<ErrorReply>(status);

        return endpoint;
    }
}
