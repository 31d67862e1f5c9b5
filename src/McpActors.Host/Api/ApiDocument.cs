using System.Text.Json.Nodes;
using McpActors.Host.Api.Contract;
using McpActors.Host.Settings;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace McpActors.Host.Api;

/// <summary>The OpenAPI document at <c>/openapi/v1.json</c>.</summary>
internal static class ApiDocument
{
    public static void AddApiDocument(this IServiceCollection services) =>
        services.AddOpenApi("v1", document =>
        {
            document.CreateSchemaReferenceId = info =>
                EnumOf(info.Type) is { } type ? type.Name : OpenApiOptions.CreateDefaultSchemaReferenceId(info);
            document.AddSchemaTransformer((schema, context, _) =>
            {
                // A converter of one's own has no schema.
                if (EnumOf(context.JsonTypeInfo.Type) is { } type)
                    schema.Enum = [.. Enum.GetNames(type).Select(name => (JsonNode)name)];
                return Task.CompletedTask;
            });
            document.AddDocumentTransformer((openApi, context, _) =>
            {
                AddSecurity(openApi, context.ApplicationServices.GetRequiredService<HostSettings>());
                openApi.Info = new OpenApiInfo
                {
                    Title = "McpActors",
                    Version = "v1",
                    Description = "Calls to a pool of MCP servers, and its state. " +
                        "An error is {error: {kind, message, …}}: its kind is stable and for programs, its message for people.",
                };
                return Task.CompletedTask;
            });
        });

    private static Type? EnumOf(Type type) => (Nullable.GetUnderlyingType(type) ?? type) is { IsEnum: true } known ? known : null;

    /// <summary>Documents that endpoints answer this status with an <see cref="ErrorReply"/>.</summary>
    public static IProducesResponseTypeMetadata Error(int status) =>
        new ProducesResponseTypeMetadata(status, typeof(ErrorReply), ["application/json"]);

    private static void AddSecurity(OpenApiDocument openApi, HostSettings settings)
    {
        const string Bearer = "bearer";
        openApi.Components ??= new OpenApiComponents();
        openApi.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        openApi.Components.SecuritySchemes[Bearer] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = Bearer,
            Description = "The access token of the worker, if it has one.",
        };
        openApi.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Bearer, openApi)] = [] }];
        // An empty requirement beside it: without a token everybody on this machine may use the API.
        if (settings.AccessToken is null)
            openApi.Security.Add([]);
    }

    /// <summary>Documents that an endpoint answers these statuses with an <see cref="ErrorReply"/>.</summary>
    public static RouteHandlerBuilder ProducesErrors(this RouteHandlerBuilder endpoint, params IEnumerable<int> statuses)
    {
        foreach (var status in statuses)
            endpoint.Produces<ErrorReply>(status);

        return endpoint;
    }
}
