namespace TokenBroker.Diagnosis;

/// <summary>How bad a finding is; the worst of all is the diagnosis.</summary>
internal enum Verdict
{
    Ok,
    Warning,
    Failure,
}
