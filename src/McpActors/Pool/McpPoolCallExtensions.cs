using System.Text.Encodings.Web;
using System.Text.Json;

namespace McpActors.Pool;

/// <summary>
/// Calls whose arguments are any object: an anonymous one, a dictionary, a record. It is written with System.Text.Json's web defaults
/// (<c>camelCase</c>), as MCP does, and must become a JSON object.
/// </summary>
public static class McpPoolCallExtensions
{
    /// <summary>Runs an MCP method or tool; see <see cref="IMcpPool.ExecuteAsync"/>.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="method">An MCP method (one with a <c>/</c>, or <c>ping</c>), or the name of a tool.</param>
    /// <param name="parameters">
    /// The parameters of the method, or the arguments of the tool, such as <c>new { path = "/data/notes.txt" }</c>.
    /// </param>
    /// <param name="options">Where and how the call may run; null for the defaults of the route and the pool.</param>
    /// <param name="cancellationToken">Cancels the call on its server.</param>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    /// <exception cref="ArgumentException">The object cannot be written as JSON; the inner exception has the reason.</exception>
    public static Task<CallCompleted> ExecuteAsync(
        this IMcpPool pool, string method, object parameters, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return pool.ExecuteAsync(method, ToJson(parameters), options, cancellationToken);
    }

    /// <summary>Calls a tool by its name; see <see cref="IMcpPool.CallToolAsync"/>.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="name">The tool's name.</param>
    /// <param name="arguments">Its arguments, such as <c>new { city = "Rome" }</c>.</param>
    /// <param name="options">Where and how the call may run; null for the defaults of the route and the pool.</param>
    /// <param name="cancellationToken">Cancels the call on its server.</param>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    /// <exception cref="ArgumentException">The object cannot be written as JSON; the inner exception has the reason.</exception>
    public static Task<CallCompleted> CallToolAsync(
        this IMcpPool pool, string name, object arguments, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return pool.CallToolAsync(name, ToJson(arguments), options, cancellationToken);
    }

    /// <summary>Gets a prompt; see <see cref="IMcpPool.GetPromptAsync"/>.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="name">The prompt's name.</param>
    /// <param name="arguments">Its arguments, such as <c>new { topic = "Rome" }</c>.</param>
    /// <param name="options">Where and how the call may run; null for the defaults of the route and the pool.</param>
    /// <param name="cancellationToken">Cancels the call on its server.</param>
    /// <exception cref="McpPoolException">The call has no result; its <see cref="McpPoolException.Kind"/> says why.</exception>
    /// <exception cref="ArgumentException">The object cannot be written as JSON; the inner exception has the reason.</exception>
    public static Task<CallCompleted> GetPromptAsync(
        this IMcpPool pool, string name, object arguments, CallOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(pool);
        return pool.GetPromptAsync(name, ToJson(arguments), options, cancellationToken);
    }

    // Without escapes that JSON does not need, which would count for max-request-size.
    private static readonly JsonSerializerOptions Plain =
        new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static JsonElement ToJson(object arguments)
    {
        ArgumentNullException.ThrowIfNull(arguments);
        try
        {
            return JsonSerializer.SerializeToElement(arguments, arguments.GetType(), Plain);
        }
        catch (Exception e) when (e is JsonException or NotSupportedException or InvalidOperationException or ArgumentException)
        {
            throw new ArgumentException($"The arguments cannot be written as JSON: {e.Message}", nameof(arguments), e);
        }
    }
}
