using System.Text.RegularExpressions;
using McpActors.Host.Tests;
using McpActors.Host.Tests.Processes;

namespace McpActors.Delivery.Tests.Packages;

/// <summary>The example <c>AppSettings</c>, built from the packed library as a user would.</summary>
[Collection(PackageCollection.Name)]
public partial class AppSettingsExampleTests(PackedFixture packed)
{
    [Fact]
    public async Task Serves_the_pool_of_its_appsettings_with_the_packed_library()
    {
        using var project = await ConsoleProject.CreateAsync(
            packed, "Microsoft.NET.Sdk.Web",
            new() { ["Program.cs"] = Read("Program.cs"), ["appsettings.json"] = Read("appsettings.json") });

        await using var service = HostProcess.Start(
            [Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", project.Program],
            [],
            ["--urls", "http://127.0.0.1:0", "--contentRoot", project.Folder]);
        await Eventually.TrueAsync(() => Task.FromResult(Address().IsMatch(service.Output)));
        var address = Address().Match(service.Output).Groups[1].Value;

        var answer = "";
        await Eventually.TrueAsync(async () =>
        {
            using var response = await service.Client.GetAsync($"{address}/time/UTC");
            answer = await response.Content.ReadAsStringAsync();
            return response.IsSuccessStatusCode;
        });
        Assert.Matches("\"server\":\"clock-[12]\"", answer);
    }

    private static string Read(string file) => File.ReadAllText(Repository.At("examples", "AppSettings", file));

    [GeneratedRegex("Now listening on: (http://127[.]0[.]0[.]1:[0-9]+)")]
    private static partial Regex Address();
}
