using System.Diagnostics;

namespace McpActors.Host.Tests.Processes;

/// <summary>
/// Machines of an isolated network: a network namespace each, joined by a switch in one more. It cannot be reached from outside,
/// and a cable can be unplugged. Needs Linux, root and iproute2.
/// </summary>
internal sealed class VirtualNetwork : IAsyncDisposable
{
    private readonly string _name = $"mcp{Guid.NewGuid().ToString("N")[..6]}";
    private readonly int _machines;

    private VirtualNetwork(int machines) => _machines = machines;

    private string Switch => $"{_name}-sw";

    /// <summary>Sets it up; null, with the reason, where that is not possible.</summary>
    public static async Task<(VirtualNetwork? Network, string Problem)> CreateAsync(int machines)
    {
        var network = new VirtualNetwork(machines);
        try
        {
            await network.SetUpAsync();
            return (network, "");
        }
        catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            await network.DisposeAsync();
            return (null, e.Message);
        }
    }

    public static string Address(int machine) => $"10.213.0.{machine + 1}";

    /// <summary>How a program is started on a machine.</summary>
    public string[] On(int machine, params string[] program) => ["ip", "netns", "exec", NameOf(machine), .. program];

    /// <summary>Cuts the machine off from all others.</summary>
    public Task PullCableAsync(int machine) => RunAsync("ip", "-n", Switch, "link", "set", $"p{machine}", "down");

    /// <summary>Runs a program and returns its output; throws when it fails.</summary>
    public static async Task<string> RunAsync(params string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? await output : throw new InvalidOperationException($"{string.Join(' ', command)}: {await error}");
    }

    public async ValueTask DisposeAsync()
    {
        // The cables go with their ends.
        foreach (var name in Enumerable.Range(0, _machines).Select(NameOf).Append(Switch))
        {
            try
            {
                await RunAsync("ip", "netns", "del", name);
            }
            catch (Exception e) when (e is InvalidOperationException or System.ComponentModel.Win32Exception)
            {
                // It was never created.
            }
        }
    }

    private string NameOf(int machine) => $"{_name}-{machine}";

    private async Task SetUpAsync()
    {
        await RunAsync("ip", "netns", "add", Switch);
        await RunAsync("ip", "-n", Switch, "link", "add", "br0", "type", "bridge");
        await RunAsync("ip", "-n", Switch, "link", "set", "br0", "up");
        for (var machine = 0; machine < _machines; machine++)
        {
            await RunAsync("ip", "netns", "add", NameOf(machine));
            await RunAsync("ip", "-n", NameOf(machine), "link", "set", "lo", "up");
            await RunAsync(
                "ip", "-n", NameOf(machine), "link", "add", "eth0", "type", "veth", "peer", "name", $"p{machine}", "netns", Switch);
            await RunAsync("ip", "-n", NameOf(machine), "addr", "add", $"{Address(machine)}/24", "dev", "eth0");
            await RunAsync("ip", "-n", NameOf(machine), "link", "set", "eth0", "up");
            await RunAsync("ip", "-n", Switch, "link", "set", $"p{machine}", "master", "br0");
            await RunAsync("ip", "-n", Switch, "link", "set", $"p{machine}", "up");
        }
    }
}
