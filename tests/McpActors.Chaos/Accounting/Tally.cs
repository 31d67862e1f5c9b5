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

    /// <summary>* Unsafe calls that ran, although their error says that nothing can have run.</summary>
    public long Denied { get; set; }

    /// <summary>Failed with any other error, and had not run.</summary>
    public long OtherwiseFailed { get; set; }

    /// <summary>* Safe calls that failed although a server was available all the time.</summary>
    public long SafeFailed { get; set; }

    /// <summary>* No reply within the call's time and the grace.</summary>
    public long Unanswered { get; set; }

    /// <summary>The longest delay of a reply after the call's time limit, in milliseconds; 0 when none was late.</summary>
    public double WorstLateMs { get; set; }

    public long Violations => RanTwice + Invented + Denied + SafeFailed + Unanswered;
}
