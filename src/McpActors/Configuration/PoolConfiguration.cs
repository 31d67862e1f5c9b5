using Akka.Configuration;

namespace McpActors.Configuration;

/// <summary>Reads <see cref="PoolSettings"/> from HOCON and <c>mcp.json</c> files. Every problem is reported together, with the path of its key.</summary>
public static class PoolConfiguration
{
    /// <summary>The library's defaults, every key with its unit and meaning: the embedded <c>reference.conf</c>.</summary>
    public static Config Reference { get; } = ConfigurationFactory.FromResource<PoolSettings>("McpActors.reference.conf");

    /// <summary>Reads the settings under <c>mcp-actors.pool</c>.</summary>
    /// <param name="config">The configuration; <see cref="Reference"/> need not be part of it.</param>
    /// <param name="baseDirectory">What relative paths of files start from; null: the current directory.</param>
    /// <exception cref="InvalidSettingsException">Something is wrong with it.</exception>
    public static PoolSettings Read(Config config, string? baseDirectory = null) => throw new NotImplementedException();

    /// <summary>Reads the settings from a HOCON file, with everything it includes and imports.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InvalidSettingsException">Something is wrong with it, or it cannot be read.</exception>
    public static PoolSettings ReadFile(string path) => throw new NotImplementedException();
}
