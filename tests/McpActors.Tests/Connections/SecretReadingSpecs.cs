using System.Collections;
using Akka.Actor;
using McpActors.Configuration;
using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

/// <summary>Secrets whose reading hangs, as a file on a lost file system does.</summary>
public sealed class SecretReadingSpecs : ServerConnectionSpec
{
    private readonly HangingSecrets _secrets = new();

    protected override void AfterAll()
    {
        _secrets.Release.Set();
        base.AfterAll();
    }

    [Fact]
    public async Task The_actor_answers_while_the_secrets_are_read_and_connects_afterwards()
    {
        Memory.Add("s").Tool("echo", () => 1);
        var connection = Start(WithSecrets);
        await UntilAsync(() => _secrets.Readings == 1);

        Circuit.Send(connection, GetLoad.Instance);
        await Circuit.FishForMessageAsync<ConnectionLoad>(_ => true, PoolHost.Patience);
        _secrets.Release.Set();

        await ConnectedAsync();
    }

    [Fact]
    public async Task A_server_whose_secrets_cannot_be_read_in_time_is_in_error_and_one_reading_goes_on()
    {
        Memory.Add("s").Tool("echo", () => 1);
        var connection = Start(WithSecrets, Pool with { ConnectTimeout = TimeSpan.FromMilliseconds(100) });

        for (var failures = 1; failures <= 2; failures++)
        {
            var failed = await ReportAsync(r => r.FailedConnects == failures);
            Assert.Contains("its secrets could not be read within 0.1 s", failed.LastError, StringComparison.Ordinal);
            await HandledAsync(connection);
            Pass(TimeSpan.FromSeconds(2));
        }
        Assert.Equal(1, _secrets.Readings);
    }

    [Fact]
    public async Task A_command_to_disconnect_does_not_wait_for_the_secrets()
    {
        var connection = Start(WithSecrets);
        await UntilAsync(() => _secrets.Readings == 1);

        connection.Tell(ConnectionCommand.Disconnect);

        await ReportAsync(r => r is { Status: ServerStatus.Disconnected, Closed: true });
    }

    private ServerSettings WithSecrets => new() { Name = "s", Uri = new Uri("memory://s"), Headers = _secrets };

    /// <summary>Headers that are read only once they are released.</summary>
    private sealed class HangingSecrets : IReadOnlyDictionary<string, Secret>
    {
        private int _readings;

        public ManualResetEventSlim Release { get; } = new();

        public int Readings => Volatile.Read(ref _readings);

        public int Count => 0;

        public IEnumerable<string> Keys => [];

        public IEnumerable<Secret> Values => [];

        public Secret this[string key] => throw new KeyNotFoundException();

        public bool ContainsKey(string key) => false;

        public bool TryGetValue(string key, out Secret value)
        {
            value = null!;
            return false;
        }

        public IEnumerator<KeyValuePair<string, Secret>> GetEnumerator()
        {
            Interlocked.Increment(ref _readings);
            Release.Wait();
            yield break;
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
