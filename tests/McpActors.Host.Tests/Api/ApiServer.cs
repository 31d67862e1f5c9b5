using System.Text;
using McpActors.Configuration;
using McpActors.Host.Api;
using McpActors.Host.Settings;
using McpActors.Pool;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace McpActors.Host.Tests.Api;

/// <summary>The HTTP API on a real Kestrel at a free port, over a <see cref="FakePool"/>.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;

    private ApiServer(WebApplication app, FakePool pool)
    {
        (_app, Pool) = (app, pool);
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()), Timeout = Guard };
    }

    public FakePool Pool { get; }

    public HttpClient Client { get; }

    public static async Task<ApiServer> StartAsync(PoolSettings? settings = null, HostSettings? host = null)
    {
        var pool = new FakePool();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddPoolApi(settings ?? new PoolSettings(), host);
        builder.Services.AddSingleton<IMcpPool>(pool);
        var app = builder.Build();
        app.UsePoolApi();
        await app.StartAsync();
        return new ApiServer(app, pool);
    }

    public Task<HttpResponseMessage> ExecuteAsync(string body) => PostAsync("/api/execute", body);

    public async Task<HttpResponseMessage> PostAsync(string path, string body = "")
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Client.PostAsync(path, content);
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
