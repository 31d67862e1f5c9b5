using McpActors.Clustering.Wire;
using Xunit;

namespace McpActors.Tests.Clustering.Wire;

/// <summary>Messages without a serializer of their own.</summary>
public sealed class FallbackSerializerTests : WireSpec
{
    [Fact]
    public void A_system_without_remoting_keeps_the_serializer_of_Akka()
    {
        var serializer = Assert.IsType<FallbackSerializer>(System.Serialization.FindSerializerForType(typeof(Named)));

        Assert.Equal(new Named("x"), serializer.FromBinary(serializer.ToBinary(new Named("x")), typeof(Named)));
    }

    public sealed record Named(string Text);
}
