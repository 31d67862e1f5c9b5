using McpActors.Configuration;
using Xunit;

namespace McpActors.Tests.Configuration;

/// <summary>A folder of configuration files, deleted at the end of the test.</summary>
public sealed class ConfigurationFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("mcpactors-config-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public PoolSettings Read(string hocon) => PoolConfiguration.ReadFile(Write("pool.conf", hocon));

    public IReadOnlyList<SettingsProblem> Problems(string hocon) => Assert.Throws<InvalidSettingsException>(() => Read(hocon)).Problems;

    /// <summary>What a person should know about settings with which nothing is wrong.</summary>
    public IReadOnlyList<SettingsProblem> Notes(string hocon)
    {
        var findings = new Findings();
        PoolConfiguration.ReadWith(findings, Write("pool.conf", hocon), strategies: null);
        return findings.Notes;
    }

    public SettingsProblem Problem(string hocon) => Assert.Single(Problems(hocon));

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
