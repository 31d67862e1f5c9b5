using System.Globalization;
using System.Text;
using System.Text.Json;
using McpActors.Chaos.Driving;
using McpActors.Configuration;

namespace McpActors.Chaos.Cluster;

/// <summary>The configuration file of the nodes of one run.</summary>
/// <param name="Host">The address at which the nodes reach each other.</param>
/// <param name="ListensOn">The address on which they listen.</param>
/// <param name="Ports">Their cluster ports.</param>
/// <param name="StableAfter"><c>stable-after</c> in seconds.</param>
/// <param name="Leisure">The factor of all time limits.</param>
internal sealed record ClusterFile(string Host, string ListensOn, int[] Ports, int StableAfter, int Leisure)
{
    /// <summary>The group of the servers that every node connects to.</summary>
    public const string EveryGroup = "every";

    /// <summary>The group of the servers that the cluster has one connection to.</summary>
    public const string AloneGroup = "alone";

    public string Text(IEnumerable<LedgerProcess> every, IEnumerable<LedgerProcess> alone)
    {
        var seeds = string.Join(", ", Ports.Select(port => $"\"{Host}:{port}\""));
        var text = new StringBuilder();
        text.AppendLine("mcp-actors {");
        text.Append(CultureInfo.InvariantCulture, $"cluster {{ hostname = \"{ListensOn}\", public-hostname = \"{Host}\", ");
        text.AppendLine(CultureInfo.InvariantCulture, $"seed-nodes = [{seeds}], stable-after = {StableAfter}s }}");
        text.AppendLine(CultureInfo.InvariantCulture, $"host {{ requests-per-second = off, shutdown-delay = {Leisure}s }}");
        text.AppendLine(CultureInfo.InvariantCulture, $"pool {{ drain-timeout = {10 * Leisure}s, servers {{");
        foreach (var server in every.Select(server => server.Settings))
            text.AppendLine($"{server.Name} {{ uri = \"{server.Uri}\", group = {EveryGroup}{Protocol(server)} }}");
        foreach (var server in alone.Select(server => server.Settings))
        {
            text.Append(
                $"{server.Name} {{ command = {Quoted(server.Command!)}, args = [{string.Join(", ", server.Args.Select(Quoted))}], ");
            text.AppendLine($"inherit-environment = on, group = {AloneGroup} }}");
        }
        return text.AppendLine("} } }").ToString();
    }

    private static string Quoted(string value) => JsonSerializer.Serialize(value);

    private static string Protocol(ServerSettings server) =>
        server.ProtocolVersion is { } version ? $", protocol-version = {version}" : "";
}
