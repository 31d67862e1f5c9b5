using System.Xml.Linq;
using McpActors.Host.Tests;

namespace McpActors.Delivery.Tests.Packages;

/// <summary>
/// A program of a user of the library: a new console project outside the source tree that takes the packed library from its folder and
/// everything else from the feeds of this machine. All output is in its folder too, so that the next run finds no package of this one.
/// </summary>
internal sealed class ConsoleProject : IDisposable
{
    private const string ConsoleSdk = "Microsoft.NET.Sdk";

    private readonly TempFolder _folder = new();

    private ConsoleProject()
    {
    }

    /// <summary>Creates the project and builds it.</summary>
    /// <exception cref="InvalidOperationException">It does not compile, or has a warning.</exception>
    public static Task<ConsoleProject> CreateAsync(PackedFixture packed, string program) =>
        CreateAsync(packed, ConsoleSdk, new() { ["Program.cs"] = program });

    /// <summary>Creates a project of these files, by name, and builds it.</summary>
    /// <exception cref="InvalidOperationException">It does not compile, or has a warning.</exception>
    public static async Task<ConsoleProject> CreateAsync(PackedFixture packed, string sdk, Dictionary<string, string> files)
    {
        var project = new ConsoleProject();
        try
        {
            foreach (var (name, content) in files)
                await File.WriteAllTextAsync(project._folder.At(name), content);
            await File.WriteAllTextAsync(project._folder.At("first.csproj"), Project(project._folder, sdk, packed.Version));
            // In addition to the machine's own feeds, because nothing is cleared here.
            await File.WriteAllTextAsync(
                project._folder.At("nuget.config"),
                $"""<configuration><packageSources><add key="packed" value="{packed.Source}" /></packageSources></configuration>""");
            await Dotnet.RunAsync(project._folder.Path, ["build", .. Dotnet.Quick]);
            return project;
        }
        catch
        {
            project.Dispose();
            throw;
        }
    }

    /// <summary>The folder of the project.</summary>
    public string Folder => _folder.Path;

    /// <summary>The program that was built.</summary>
    public string Program => _folder.At("bin", "first.dll");

    /// <summary>Runs the program to its end.</summary>
    /// <returns>Its stdout.</returns>
    public Task<string> RunAsync() => Dotnet.RunAsync(_folder.Path, Program);

    /// <summary>The names of all files that were built.</summary>
    public IEnumerable<string> Output =>
        Directory.EnumerateFiles(_folder.At("bin"), "*", SearchOption.AllDirectories).Select(path => Path.GetFileName(path));

    public void Dispose() => _folder.Dispose();

    private static string Project(TempFolder folder, string sdk, string version) =>
        $"""
        <Project Sdk="{sdk}">
          <PropertyGroup>
            <OutputType>Exe</OutputType>
            <TargetFramework>net10.0</TargetFramework>
            <ImplicitUsings>enable</ImplicitUsings>
            <Nullable>enable</Nullable>
            <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
            <OutputPath>bin</OutputPath>
            <AppendTargetFrameworkToOutputPath>false</AppendTargetFrameworkToOutputPath>
            <RestorePackagesPath>{folder.At("installed")}</RestorePackagesPath>
            <RestoreFallbackFolders>{InstalledPackages}</RestoreFallbackFolders>
          </PropertyGroup>
          <ItemGroup>
            <PackageReference Include="McpActors" Version="{version}" />
            {(sdk == ConsoleSdk ? $"""<PackageReference Include="Microsoft.Extensions.Hosting" Version="{HostingVersion}" />""" : "")}
          </ItemGroup>
        </Project>
        """;

    /// <summary>The version that the examples of this repository use.</summary>
    private static string HostingVersion =>
        XDocument.Load(Repository.At("Directory.Packages.props")).Descendants("PackageVersion")
            .Single(package => package.Attribute("Include")?.Value == "Microsoft.Extensions.Hosting").Attribute("Version")!.Value;

    /// <summary>Package folders of this machine, used instead of downloads; empty: none.</summary>
    private static string InstalledPackages
    {
        get
        {
            var folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            return Directory.Exists(folder) ? folder : "";
        }
    }
}
