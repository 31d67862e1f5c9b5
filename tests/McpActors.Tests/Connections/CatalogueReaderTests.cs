using McpActors.Configuration;
using McpActors.Connections;
using McpActors.Tests.Transports;
using McpActors.Transports;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class CatalogueReaderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly MemoryServers _memory = new();

    [Fact]
    public async Task Tools_that_were_published_before_the_end_of_a_reading_are_its_news()
    {
        var prompts = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _memory.Add("s").Tool("one", () => 1).Prompt("greet", _ => "hello").Method("prompts/list", async (_, _) =>
        {
            await prompts.Task;
            return new { prompts = new[] { new { name = "greet" } } };
        });
        var pool = new PoolSettings();
        var server = new ServerSettings { Name = "s", Uri = new Uri("memory://s") };
        var connection = await new Connector(pool, new TransportFactory(_memory, pool, null), null, _time).OpenAsync(
            new Opening(server, new CurrentRedactor(), null, _ => { }, HasFailed: false), CancellationToken.None);
        ServerCatalogue? published = null;

        var reading = connection.Catalogue.ReadAsync(Wanted(null, tools => Volatile.Write(ref published, tools)));
        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return Volatile.Read(ref published) is not null;
            },
            "the tools are published");
        prompts.SetResult();
        var first = await reading;
        var second = await connection.Catalogue.ReadAsync(Wanted(first.Catalogue, _ => { }));

        Assert.Equal((true, false), (first.HasChanged, second.HasChanged));
        await connection.CloseAsync(PoolHost.Patience);
    }

    private static WantedCatalogue Wanted(ServerCatalogue? known, Action<ServerCatalogue?> publish) =>
        new(known, Only: null, Limit: 1_000_000, Timeout: TimeSpan.FromHours(1), TimeToTry: TimeSpan.FromHours(1), publish);
}
