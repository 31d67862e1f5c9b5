namespace McpActors.Chaos.Accounting;

/// <summary>The numbers of one kind of fault, or of the whole run. The ones marked with * must be 0.</summary>
internal sealed class Tally
{
    public long Calls { get; set; }

    /// <summary>Answered with success.</summary>
    public long Answered { get; set; }

    /// <summary>Of these, with more than one attempt.</summary>
    public long Saved { get; set; }

    /// <summary>* Unsafe calls that ran more than once.</summary>
    public long RanTwice { get; set; }

    /// <summary>* Answered with success, but in no ledger.</summary>
    public long Invented { get; set; }

    /// <summary>Failed as OutcomeUnknown, and had not run.</summary>
    public long UnknownNotRun { get; set; }

    /// <summary>Failed as OutcomeUnknown, and had run.</summary>
    public long UnknownRun { get; set; }

    /// <summary>* Unsafe calls that ran, and whose caller was told by another error that nothing can have run.</summary>
    public long Untold { get; set; }

    /// <summary>Failed with any other error, nothing having run.</summary>
    public long OtherwiseFailed { get; set; }

    /// <summary>* Safe calls that failed although a server stood all the while.</summary>
    public long SafeFailed { get; set; }

    /// <summary>* No reply within the call's time and the grace.</summary>
    public long Unanswered { get; set; }

    /// <summary>The longest a reply came after the call's time, in milliseconds; 0 when none did.</summary>
    public double WorstLateMs { get; set; }

    public long Violations => RanTwice + Invented + Untold + SafeFailed + Unanswered;
}
