using System.Net;
using System.Text;
using McpActors.Configuration;

namespace McpActors.Host.Tests.Api;

public class BadRequestTests
{
    [Theory]
    [InlineData("", "The body is empty")]
    [InlineData("null", "The body is null")]
    [InlineData("[]", "not a JSON object (line 1, byte 2)")]
    [InlineData("{method:1}", "not valid JSON (line 1, byte 2)")]
    [InlineData("{\n\"method\":\"a\",\n x}", "not valid JSON (line 3, byte 2)")]
    [InlineData("""{"method":"a"} x""", "not valid JSON (line 1, byte 16)")]
    [InlineData("""{"method":"a" """, "not valid JSON")]
    [InlineData("{}", "'method' is missing")]
    [InlineData("""{"method":1}""", "'method' must be a string (line 1, byte 12)")]
    [InlineData("""{"method":null}""", "'method' must be a string")]
    [InlineData("""{"method":"a","foo":1}""", "Unknown field 'foo' (line 1, byte 21). Known fields: method, params, options")]
    [InlineData("""{"Method":"a"}""", "Unknown field 'Method'")]
    [InlineData(
        """{"method":"a","options":{"tiemoutMs":1}}""",
        "Unknown field 'options.tiemoutMs' (line 1, byte 38). Known fields: server, group")]
    [InlineData("""{"method":"a","method":"b"}""", "twice in or at 'method'")]
    [InlineData("""{"method":"a","params":{"x":1,"x":2}}""", "twice in or at 'params'")]
    [InlineData("""{"method":"a","options":[]}""", "'options' must be a JSON object")]
    [InlineData("""{"method":"a","options":{"mode":"both"}}""", "'options.mode' must be one of Balanced, Failover")]
    [InlineData("""{"method":"a","options":{"mode":1}}""", "'options.mode' must be one of Balanced, Failover")]
    [InlineData("""{"method":"a","options":{"mode":"Balanced, Failover"}}""", "'options.mode' must be one of Balanced, Failover")]
    [InlineData("""{"method":"a","options":{"mode":"1"}}""", "'options.mode' must be one of Balanced, Failover")]
    [InlineData("""{"method":"a","options":{"mode":" Failover"}}""", "'options.mode' must be one of Balanced, Failover")]
    [InlineData("""{"method":"a","options":{"timeoutMs":1e3}}""", "'options.timeoutMs' must be a whole number in digits, such as 1000")]
    [InlineData("""{"method":"a","options":{"hedgeQuantile":"x"}}""", "'options.hedgeQuantile' must be a number")]
    [InlineData("""{"method":"a","options":{"timeoutMs":"5"}}""", "'options.timeoutMs' must be a whole number")]
    [InlineData("""{"method":"a","options":{"timeoutMs":1.5}}""", "'options.timeoutMs' must be a whole number")]
    [InlineData("""{"method":"a","options":{"timeoutMs":0}}""", "'options.timeoutMs' must be from 1 to 2073600000")]
    [InlineData("""{"method":"a","options":{"timeoutMs":9000000000000000000}}""", "'options.timeoutMs' must be from 1 to 2073600000")]
    [InlineData("""{"method":"a","options":{"idempotent":"yes"}}""", "'options.idempotent' must be true or false")]
    public async Task Reports_a_bad_body_with_the_place_of_the_problem(string body, string expected)
    {
        await using var api = await ApiServer.StartAsync();

        var response = await api.ExecuteAsync(body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains(expected, await response.ErrorAsync("InvalidRequest"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Refuses_a_body_that_is_too_large(bool lengthIsKnown)
    {
        await using var api = await ApiServer.StartAsync(new PoolSettings { MaxRequestSize = 1000 });
        using var content = new StringContent($$$"""{"method":"a","params":{"x":"{{{new string('x', 200_000)}}}"}}""");
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/execute") { Content = content };
        request.Headers.TransferEncodingChunked = !lengthIsKnown;

        var response = await api.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, response.StatusCode);
        Assert.Contains("max-request-size", await response.ErrorAsync("InvalidRequest"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Accepts_parameters_of_the_largest_size_the_pool_takes()
    {
        await using var api = await ApiServer.StartAsync(new PoolSettings { MaxRequestSize = 1_000_000 });
        api.Pool.OnCall = (call, _) => Task.FromResult<CallReply>(new CallCompleted(((Execute)call).Params!.Value, "s", [], TimeSpan.Zero));

        var response = await api.ExecuteAsync($$$"""{"method":"a","params":{"x":"{{{new string('x', 999_992)}}}"}}""");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task An_unknown_path_is_a_404_in_JSON()
    {
        await using var api = await ApiServer.StartAsync();

        var response = await api.Client.GetAsync("/api/nothing");

        Assert.Equal(HttpStatusCode.NotFound, response.StatusCode);
        Assert.Contains("/api/nothing", await response.ErrorAsync("InvalidRequest"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/nothing")]
    [InlineData("/<script>")]
    [InlineData("/api/nothing")]
    public async Task An_unknown_path_is_a_page_for_a_person(string path)
    {
        await using var api = await ApiServer.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Accept.ParseAdd("text/html");

        var response = await api.Client.SendAsync(request);
        var page = await response.Content.ReadAsStringAsync();

        Assert.Equal((HttpStatusCode.NotFound, "text/html"), (response.StatusCode, response.Content.Headers.ContentType!.MediaType));
        Assert.Contains("Page not found", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_method_is_a_405_in_JSON_that_names_the_right_one()
    {
        await using var api = await ApiServer.StartAsync();

        var response = await api.Client.GetAsync("/api/execute");

        Assert.Equal(HttpStatusCode.MethodNotAllowed, response.StatusCode);
        Assert.Contains("use POST", await response.ErrorAsync("InvalidRequest"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("FFFFFFFFFFFFFFFF")]
    [InlineData("FFFFFFFF")]
    [InlineData("-1")]
    [InlineData("xyz")]
    public async Task A_chunk_size_that_is_no_size_is_refused(string size)
    {
        await using var api = await ApiServer.StartAsync();

        var status = await api.SendRawAsync(Encoding.ASCII.GetBytes(
            $"POST /api/execute HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n{size}\r\n{{}}\r\n0\r\n\r\n"));

        Assert.StartsWith("HTTP/1.1 400", status, StringComparison.Ordinal);
    }
}
