using System.Net;
using System.Net.Sockets;
using System.Text;
using McpActors.Configuration;
using McpActors.Host.Api;
using McpActors.Host.Settings;
using McpActors.Pool;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace McpActors.Host.Tests.Api;

/// <summary>The HTTP API on a real Kestrel at a free port, over a <see cref="FakePool"/>.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    /// <summary>Ends a broken test; measures nothing.</summary>
    public static readonly TimeSpan Guard = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;

    private ApiServer(WebApplication app, FakePool pool)
    {
        (_app, Pool) = (app, pool);
        var address = app.Urls.Single();
        Client = new HttpClient { Timeout = Guard };
        if (!address.Contains("unix:", StringComparison.Ordinal))
            Client.BaseAddress = new Uri(address);
    }

    public FakePool Pool { get; }

    public HttpClient Client { get; }

    /// <summary>Starts it.</summary>
    /// <param name="settings">The pool's settings; null: the defaults.</param>
    /// <param name="host">The worker's own settings; null: the defaults.</param>
    /// <param name="time">The clock; null: that of the system.</param>
    /// <param name="reachedAt">The address at which requests seem to arrive; null: as it is.</param>
    /// <param name="routes">More routes.</param>
    /// <param name="urls">Where it listens; null: at a free port.</param>
    public static async Task<ApiServer> StartAsync(
        PoolSettings? settings = null, HostSettings? host = null, TimeProvider? time = null, IPAddress? reachedAt = null,
        Action<WebApplication>? routes = null, string? urls = null)
    {
        var pool = new FakePool();
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(urls ?? "http://127.0.0.1:0");
        builder.Services.AddSingleton(time ?? TimeProvider.System);
        builder.AddPoolApi(settings ?? new PoolSettings(), host);
        builder.Services.AddSingleton<IMcpPool>(pool);
        builder.Services.AddDataProtection().UseEphemeralDataProtectionProvider();
        var app = builder.Build();
        if (reachedAt is not null)
        {
            app.Use((context, next) =>
            {
                context.Connection.LocalIpAddress = reachedAt;
                return next(context);
            });
        }
        app.UsePoolApi();
        if (host?.AccessToken is not null)
            app.UseAntiforgery();
        routes?.Invoke(app);
        await app.StartAsync();
        return new ApiServer(app, pool);
    }

    public Task<HttpResponseMessage> ExecuteAsync(string body) => PostAsync("/api/execute", body);

    public async Task<HttpResponseMessage> PostAsync(string path, string body = "")
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await Client.PostAsync(path, content);
    }

    /// <summary>Sends bytes as they are and returns the first line of the answer; empty when there is none.</summary>
    public async Task<string> SendRawAsync(params IEnumerable<byte[]> parts)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, Client.BaseAddress!.Port);
        foreach (var part in parts)
            await socket.GetStream().WriteAsync(part);
        using var reader = new StreamReader(socket.GetStream(), Encoding.Latin1);
        return await reader.ReadLineAsync().WaitAsync(Guard) ?? "";
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
