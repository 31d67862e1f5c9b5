using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Remote.Serialization;
using Akka.Serialization;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Akka's serializer of the messages that actors' cells answer themselves, in untrusted mode without those that an outsider could stop or hold an actor with: only
/// what death watch needs comes in. Akka's own untrusted mode stops nothing but <c>Terminate</c>. Thread-safe.
/// </summary>
internal sealed class GuardedSystemMessages(ExtendedActorSystem system) : Serializer(system)
{
    private readonly SystemMessageSerializer _akka = new(system);
    private readonly bool _untrusted = Guarding.IsUntrusted(system);

    public override int Identifier => _akka.Identifier;

    public override bool IncludeManifest => _akka.IncludeManifest;

    public override byte[] ToBinary(object obj) => _akka.ToBinary(obj);

    public override object FromBinary(byte[] bytes, Type type)
    {
        if (!_untrusted || type == typeof(Watch) || type == typeof(Unwatch) || type == typeof(DeathWatchNotification))
            return _akka.FromBinary(bytes, type);
        system.Log.Warning(Guarding.Refused(type.Name));
        // An exception would not end it: such messages are sent again until they are taken. In its place comes the end of somebody whom nobody watches.
        return new DeathWatchNotification(system.DeadLetters, existenceConfirmed: false, addressTerminated: false);
    }
}

/// <summary>Akka's serializer of its other messages, in untrusted mode without <see cref="Kill"/>, which that mode forgets. Thread-safe.</summary>
internal sealed class GuardedMiscMessages(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private readonly MiscMessageSerializer _akka = new(system);
    private readonly bool _untrusted = Guarding.IsUntrusted(system);

    public override int Identifier => _akka.Identifier;

    public override string Manifest(object o) => _akka.Manifest(o);

    public override byte[] ToBinary(object obj) => _akka.ToBinary(obj);

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var message = _akka.FromBinary(bytes, manifest);
        return _untrusted && message is Kill
            ? throw new SerializationException(Guarding.Refused(nameof(Kill)))
            : message;
    }
}

file static class Guarding
{
    public static bool IsUntrusted(ExtendedActorSystem system) => system.Settings.Config.GetBoolean("akka.remote.untrusted-mode", false);

    public static string Refused(string message) =>
        $"{message} of another process is refused (akka.remote.untrusted-mode = on): who is no part of this system does not decide over its actors";
}
