using McpActors.Host.Listening;

namespace McpActors.Host.Tests.Listening;

public class FileLimitTests
{
    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1024)]
    [InlineData("Max open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max processes             63448                63448                processes ", null)]
    [InlineData("", null)]
    public void The_soft_limit_is_read(string line, int? expected)
    {
        Assert.Equal(expected, FileLimit.Read($"Limit                     Soft Limit           Hard Limit           Units     \n{line}\n"));
    }

    [Theory]
    [InlineData(64, 16)]
    [InlineData(512, 128)]
    [InlineData(1024, 384)]
    [InlineData(65_536, 32_640)]
    public void Clients_get_half_of_the_files_that_the_worker_does_not_need(long files, long connections)
    {
        Assert.Equal(connections, FileLimit.Connections(files));
    }
}
