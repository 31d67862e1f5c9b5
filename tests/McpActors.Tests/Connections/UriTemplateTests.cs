using McpActors.Connections;
using Xunit;

namespace McpActors.Tests.Connections;

public sealed class UriTemplateTests
{
    [Theory]
    [InlineData("file:///{name}", "file:///notes.txt", true)]
    [InlineData("file:///{name}", "file:///a/notes.txt", false)]
    [InlineData("file:///{name}", "http:///notes.txt", false)]
    [InlineData("file:///{+path}", "file:///a/notes.txt", true)]
    [InlineData("db://{table}/rows/{id}", "db://users/rows/7", true)]
    [InlineData("db://{table}/rows/{id}", "db://users/columns/7", false)]
    [InlineData("db://{table}/rows/{id}", "db://users/rows/7/more", false)]
    [InlineData("db://users{/path}", "db://users/rows/7", true)]
    [InlineData("db://users{/path}", "db://usersrows", false)]
    [InlineData("db://users{?page,size}", "db://users", true)]
    [InlineData("db://users{?page,size}", "db://users?page=2&size=10", true)]
    [InlineData("db://users{?page,size}", "db://users/7", false)]
    [InlineData("db://users?sorted=1{&page}", "db://users?sorted=1&page=2", true)]
    [InlineData("doc://text{#part}", "doc://text#two", true)]
    [InlineData("doc://text{#part}", "doc://text2", false)]
    [InlineData("a.b://x", "a.b://x", true)]
    [InlineData("a.b://x", "aXb://x", false)]
    [InlineData("odd://{unclosed", "odd://{unclosed", true)]
    [InlineData("odd://}{}", "odd://}", true)]
    public void Matches_the_uris_it_can_stand_for(string template, string uri, bool matches) =>
        Assert.Equal(matches, new UriTemplate(template).Matches(uri));
}
