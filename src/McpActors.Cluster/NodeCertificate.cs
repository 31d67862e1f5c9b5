using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport.DotNetty;
using McpActors.Configuration;

namespace McpActors.Clustering;

/// <summary>
/// Reads the file of a node's certificate before Akka does, which reports a wrong password or a missing file as an error of itself.
/// </summary>
internal static class NodeCertificate
{
    private const string Key = "akka.remote.dot-netty.tcp.ssl.certificate";

    /// <summary>The code of the error for a wrong password, on every system.</summary>
    private const int InvalidPassword = unchecked((int)0x80070056);

    // The key goes to no store of the machine, except on macOS, which has no other way.
    private static X509KeyStorageFlags Storage =>
        OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet;

    /// <exception cref="InvalidSettingsException">The file of the certificate cannot be used.</exception>
    public static void Check(ActorSystem system)
    {
        if (!system.Settings.Setup.Get<DotNettySslSetup>().HasValue && ProblemOf(system.Settings.Config) is { } problem)
            throw new InvalidSettingsException([problem]);
    }

    /// <summary>The problem of the file; null: there is none, or the node uses no file.</summary>
    /// <param name="config">The configuration of Akka, with or without its defaults.</param>
    public static SettingsProblem? ProblemOf(Config config)
    {
        if (!OpenPort.HasTls(config) || config.GetBoolean($"{Key}.use-thumbprint-over-file", false))
            return null;
        if (config.GetString($"{Key}.path", "") is not { Length: > 0 } path)
            return new($"{Key}.path", "is required beside enable-ssl: write the path of this node's certificate, a .pfx file");
        path = path.Contains('\0', StringComparison.Ordinal) ? path : Path.GetFullPath(path);
        return ProblemOf(path, config.GetString($"{Key}.password", "")) is { } problem ? new(Key, problem) : null;
    }

    private static string? ProblemOf(string path, string? password)
    {
        if (!File.Exists(path))
            return $"there is no such file: {path}";
        try
        {
            using var certificate = X509CertificateLoader.LoadPkcs12FromFile(path, password, Storage);
            return certificate.HasPrivateKey ? null : $"{path} has no private key, which the node needs to listen";
        }
        catch (CryptographicException e)
        {
            return e.HResult == InvalidPassword
                ? $"{path} cannot be read with this password"
                : $"{path} is not a .pfx file (PKCS#12) that can be read: {e.Message.TrimEnd('.')}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"{path} cannot be read: {e.Message.TrimEnd('.')}";
        }
    }
}
