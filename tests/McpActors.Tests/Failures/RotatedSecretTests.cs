using System.Collections.Concurrent;
using System.Net;
using McpActors.Configuration;
using McpActors.Tests.Transports;
using McpActors.Transports;
using McpActors.Transports.Http;
using ModelContextProtocol.Client;
using Xunit;

namespace McpActors.Tests.Failures;

/// <summary>An HTTP server whose token or header is replaced while the connection is open.</summary>
public sealed class RotatedSecretTests : IAsyncLifetime
{
    private readonly TemporaryDirectory _folder = new();
    private ScriptedHttpServer _server = null!;
    private volatile string _accepted = "first-secret";
    private int _refused;

    private string SecretFile => Path.Combine(_folder.Path, "secret");

    public async Task InitializeAsync()
    {
        await File.WriteAllTextAsync(SecretFile, _accepted);
        _server = await ScriptedHttpServer.StartAsync();
        _server.Before = async (context, message) =>
        {
            if (context.Request.Headers.Authorization == $"Bearer {_accepted}" || context.Request.Headers["X-Key"] == _accepted)
                return false;
            Interlocked.Increment(ref _refused);
            await Scripts.Body("text/plain", $"expired {context.Request.Headers.Authorization}", 401)(context, message);
            return true;
        };
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_first_call_after_a_rotation_succeeds(bool isToken)
    {
        var secret = Secret.FromFile(SecretFile);
        await using var pool = await BadAndGood.StartAsync(isToken
            ? _server.Settings with { Token = secret }
            : _server.Settings with { Headers = new Dictionary<string, Secret> { ["X-Key"] = secret } });
        await RotateAsync("second-secret");

        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);
        Assert.Equal("bad:Succeeded => bad", (await pool.CallAsync()).Story);

        var bad = await pool.BadAsync();
        Assert.Equal((0, CircuitState.Closed, 0), (bad.Failures, bad.Circuit, bad.Restarts));
        Assert.Equal((1, 1, 2), (_refused, _server.Initialized, _server.Calls));
    }

    [Fact]
    public async Task A_secret_that_has_not_changed_is_refused_once()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings with { Token = Secret.FromFile(SecretFile) });
        _accepted = "second-secret";

        Assert.Equal("bad:Refused good:Succeeded => good", (await pool.CallAsync()).Story);
        Assert.Equal(1, _refused);
    }

    [Fact]
    public async Task New_secrets_are_removed_before_they_are_sent()
    {
        var redactor = new CurrentRedactor();
        var redacted = new ConcurrentQueue<string>();
        var refuse = _server.Before!;
        _server.Before = (context, message) =>
        {
            if (context.Request.Headers.Authorization == "Bearer second-secret")
                redacted.Enqueue(redactor.Redact("second-secret"));
            return refuse(context, message);
        };
        var transport = new TransportFactory(new MemoryServers(), new PoolSettings(), logs: null)
            .Create(_server.Settings with { Token = Secret.FromFile(SecretFile) }, redactor);
        await using var client = await McpClient.CreateAsync(transport);
        await RotateAsync("second-secret");

        await client.PingAsync();

        Assert.Equal("***", redacted.First());
    }

    [Fact]
    public async Task Requests_that_are_refused_together_share_one_reading()
    {
        const int Requests = 20;
        var (readings, arrived) = (0, 0);
        using var all = new ManualResetEventSlim();
        using var http = new HttpMessageInvoker(new FreshSecrets(
            new Dictionary<string, string>(),
            () =>
            {
                Interlocked.Increment(ref readings);
                all.Wait();
                return new Dictionary<string, string>();
            },
            PoolHost.Patience,
            TimeProvider.System,
            () => { },
            new Refusing(() => Interlocked.Increment(ref arrived))));

        var sent = Enumerable.Range(0, Requests)
            .Select(_ => http.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://test"), CancellationToken.None))
            .ToList();
        await Eventually.TrueAsync(() => Volatile.Read(ref arrived) == Requests && Volatile.Read(ref readings) > 0, "all were refused");
        all.Set();
        await Task.WhenAll(sent);

        Assert.Equal(1, readings);
    }

    private sealed class Refusing(Action onRequest) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            onRequest();
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.Unauthorized));
        }
    }

    [Fact]
    public async Task A_secret_that_cannot_be_read_is_the_refusal_as_it_came()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings with { Token = Secret.FromFile(SecretFile) });
        _accepted = "second-secret";
        File.Delete(SecretFile);

        Assert.Equal("bad:Refused good:Succeeded => good", (await pool.CallAsync()).Story);
    }

    [Fact]
    public async Task The_new_secret_is_in_no_error()
    {
        await using var pool = await BadAndGood.StartAsync(_server.Settings with { Token = Secret.FromFile(SecretFile) });
        await RotateAsync("second-secret");
        await pool.CallAsync();
        _accepted = "third-secret";

        var refused = (await pool.CallAsync()).Attempts[0].Error;
        Assert.Contains("expired Bearer ***", refused, StringComparison.Ordinal);
    }

    private async Task RotateAsync(string secret)
    {
        await File.WriteAllTextAsync(SecretFile, secret);
        _accepted = secret;
    }
}
