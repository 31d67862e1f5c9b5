namespace McpActors.Chaos.Faults;

/// <summary>The faults of servers.</summary>
internal enum FaultKind
{
    /// <summary>kill -9, and a new process after a while.</summary>
    Kill,

    /// <summary>Killed and started again several times.</summary>
    Flap,

    /// <summary>SIGSTOP, and SIGCONT after a while.</summary>
    Stop,

    /// <summary>Takes calls and does not answer; half of them are executed first, half afterwards.</summary>
    Hang,

    /// <summary>Its connections are reset several times (a process on stdio exits by itself).</summary>
    Reset,

    /// <summary>Executes at once and answers late.</summary>
    Slow,

    /// <summary>Answers with a JSON-RPC error and does not execute.</summary>
    Errors,

    /// <summary>Drained through the pool, and connected again.</summary>
    Drain,

    /// <summary>Disconnected through the pool with calls in flight, and connected again.</summary>
    Disconnect,

    /// <summary>Reconnected through the pool with calls in flight.</summary>
    Reconnect,

    /// <summary>Its circuit is isolated and reset through the pool.</summary>
    Isolate,

    /// <summary>Replaced through the pool by a server with other settings.</summary>
    Replace,

    /// <summary>The pool's own process is stopped (SIGSTOP), and goes on after a while.</summary>
    Pause,

    /// <summary>Every server is killed at once, at the end of the run.</summary>
    Outage,

    /// <summary>Replaced because the pool's configuration was edited; only with <c>--edits</c>, beside the schedule.</summary>
    Edit,
}

/// <summary>One entry of the schedule.</summary>
/// <param name="Kind">The fault.</param>
/// <param name="Server">The index of the server.</param>
/// <param name="At">The time since the start of the load.</param>
/// <param name="Lasts">The duration.</param>
/// <param name="Delay">The delay of answers of a slow server.</param>
internal sealed record Fault(FaultKind Kind, int Server, TimeSpan At, TimeSpan Lasts, TimeSpan Delay);
