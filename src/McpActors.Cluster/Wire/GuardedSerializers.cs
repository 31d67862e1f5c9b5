using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Remote.Serialization;
using Akka.Serialization;
using McpActors.Transports;

namespace McpActors.Clustering.Wire;

/// <summary>
/// Akka's serializer of system messages, which an actor's cell handles itself. In untrusted mode it accepts only those of death watch, and
/// none with which an outsider could stop, suspend or restart an actor; Akka's own untrusted mode refuses only <c>Terminate</c>.
/// Thread-safe.
/// </summary>
internal sealed class GuardedSystemMessages(ExtendedActorSystem system) : Serializer(system)
{
    private readonly SystemMessageSerializer _akka = new(system);
    private readonly bool _untrusted = Guarding.IsUntrusted(system);
    private readonly RareWarnings _warnings = new(TimeProvider.System);

    public override int Identifier => _akka.Identifier;

    public override bool IncludeManifest => _akka.IncludeManifest;

    public override byte[] ToBinary(object obj) => _akka.ToBinary(obj);

    public override object FromBinary(byte[] bytes, Type type)
    {
        if (!_untrusted || type == typeof(Watch) || type == typeof(Unwatch))
            return _akka.FromBinary(bytes, type);
        // Of the death of an actor of this system, its own cell reports; such a notice from outside is a lie. Akka reads the full address
        // of this system as a local one.
        if (type == typeof(DeathWatchNotification)
            && _akka.FromBinary(bytes, type) is DeathWatchNotification { Actor: var dead } notice && !dead.Path.Address.HasLocalScope)
        {
            return notice;
        }
        // Of one kind, because the sender chooses the type among all of .NET.
        if (_warnings.Due("refused") is { } omitted)
            system.Log.Warning("{0}; {1} more since the last such line", Guarding.Refused(type.Name), omitted);
        // An exception would not be the end of it: system messages are resent until they are accepted. Deliver a harmless one instead, the
        // termination of an actor that nobody watches.
        return new DeathWatchNotification(system.DeadLetters, existenceConfirmed: false, addressTerminated: false);
    }
}

/// <summary>
/// Akka's serializer of its other messages. Refuses <see cref="Kill"/> in untrusted mode, which Akka's own does not. Thread-safe.
/// </summary>
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
    public static bool IsUntrusted(ExtendedActorSystem system) =>
        system.Settings.Config.GetBoolean("akka.remote.untrusted-mode", false);

    public static string Refused(string message) =>
        $"Refused {message} (akka.remote.untrusted-mode = on): messages from other processes may not control this system's actors";
}
