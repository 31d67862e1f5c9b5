using System.Text.Json;
using Microsoft.Extensions.AI;

namespace McpActors.Pool;

/// <summary>The pool's tools for a chat client: <c>new ChatOptions { Tools = [.. await pool.GetToolsAsync()] }</c>.</summary>
public static class McpPoolToolsExtensions
{
    /// <summary>
    /// Every tool of the pool as a function that calls it through the pool, with routes and failover. The list is that of the catalogue
    /// now; fetch it again after <see cref="CatalogueChanged"/>. The functions are safe to use from any number of threads.
    /// </summary>
    /// <param name="pool">The pool.</param>
    /// <param name="options">Options for each call made through the functions.</param>
    /// <param name="cancellationToken">Cancels the listing.</param>
    public static async Task<IReadOnlyList<AIFunction>> GetToolsAsync(
        this IMcpPool pool, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        var list = await pool.ListToolsAsync(cancellationToken).ConfigureAwait(false);
        return [.. list.Tools.Select(tool => new PoolFunction(pool, tool, options))];
    }

    private sealed class PoolFunction(IMcpPool pool, CatalogueEntry tool, CallOptions? options) : AIFunction
    {
        public override string Name => tool.Name;

        public override string Description =>
            tool.Definition.TryGetProperty("description"u8, out var text) && text.ValueKind == JsonValueKind.String
                ? JsonText.Read(text)
                : "";

        public override JsonElement JsonSchema => SchemaIn("inputSchema") ?? base.JsonSchema;

        public override JsonElement? ReturnJsonSchema => SchemaIn("outputSchema");

        private JsonElement? SchemaIn(string name) =>
            tool.Definition.TryGetProperty(name, out var schema) && schema.ValueKind == JsonValueKind.Object ? schema : null;

        /// <returns>
        /// The tool's result as MCP writes it (<c>CallToolResult</c>), also a tool's own error, so that the model sees it.
        /// </returns>
        protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
        {
            var json = JsonSerializer.SerializeToElement<IDictionary<string, object?>>(arguments, JsonSerializerOptions);
            var executed = await pool.CallToolAsync(tool.Name, json, options, cancellationToken).ConfigureAwait(false);
            return executed.Result;
        }
    }
}
