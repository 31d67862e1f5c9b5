using System.Text.Json;
using McpActors.Configuration.Imports;
using Xunit;

namespace McpActors.Tests.Configuration.Imports;

/// <summary>The words by which clients switch a server off.</summary>
public sealed class SwitchedOffTests
{
    [Theory]
    [InlineData("""{ "disabled": true }""")]
    [InlineData("""{ "disabled": "true" }""")]
    [InlineData("""{ "disabled": "Yes" }""")]
    [InlineData("""{ "disabled": "on weekdays" }""")]
    [InlineData("""{ "disabled": 1 }""")]
    [InlineData("""{ "Disabled": true }""")]
    [InlineData("""{ "is_disabled": true }""")]
    [InlineData("""{ "off": true }""")]
    [InlineData("""{ "inactive": true }""")]
    [InlineData("""{ "paused": 1 }""")]
    [InlineData("""{ "skip": true }""")]
    [InlineData("""{ "enabled": false }""")]
    [InlineData("""{ "enabled": "false" }""")]
    [InlineData("""{ "enabled": "no" }""")]
    [InlineData("""{ "enabled": "OFF" }""")]
    [InlineData("""{ "enabled": 0 }""")]
    [InlineData("""{ "enabled": 0.0 }""")]
    [InlineData("""{ "isEnabled": false }""")]
    [InlineData("""{ "enable": false }""")]
    [InlineData("""{ "isActive": false }""")]
    [InlineData("""{ "is-active": "n" }""")]
    [InlineData("""{ "active": false }""")]
    [InlineData("""{ "autoStart": false }""")]
    [InlineData("""{ "startup": false }""")]
    [InlineData("""{ "status": "disabled" }""")]
    [InlineData("""{ "state": "Stopped" }""")]
    [InlineData("""{ "enabled": true, "disabled": true }""")]
    [InlineData("""{ "anythingllm": { "autoStart": false } }""")]
    [InlineData("""{ "cursor": { "disabled": true } }""")]
    [InlineData("false")]
    [InlineData("null")]
    public void Switched_off(string entry) => Assert.True(SwitchedOff.IsSwitchedOff(Json(entry)));

    [Theory]
    [InlineData("{ }")]
    [InlineData("""{ "disabled": false }""")]
    [InlineData("""{ "disabled": "false" }""")]
    [InlineData("""{ "disabled": "no" }""")]
    [InlineData("""{ "disabled": 0 }""")]
    [InlineData("""{ "disabled": "" }""")]
    [InlineData("""{ "disabled": null }""")]
    [InlineData("""{ "disabled": [] }""")]
    [InlineData("""{ "enabled": true }""")]
    [InlineData("""{ "enabled": "true" }""")]
    [InlineData("""{ "enabled": "auto" }""")]
    [InlineData("""{ "enabled": 1 }""")]
    [InlineData("""{ "enabled": "" }""")]
    [InlineData("""{ "enabled": null }""")]
    [InlineData("""{ "isActive": true }""")]
    [InlineData("""{ "status": "connected" }""")]
    [InlineData("""{ "env": { "disabled": "true" } }""")]
    [InlineData("""{ "anythingllm": { "autoStart": true } }""")]
    [InlineData("""{ "anythingllm": false }""")]
    [InlineData("""{ "oauth": { "enabled": false } }""")]
    [InlineData("""{ "disabledTools": ["x"] }""")]
    [InlineData("5")]
    public void Not_switched_off(string entry) => Assert.False(SwitchedOff.IsSwitchedOff(Json(entry)));

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
