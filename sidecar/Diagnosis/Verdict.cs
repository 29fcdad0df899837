namespace TokenBroker.Diagnosis;

/// <summary>How bad a finding is. The worst finding decides the result.</summary>
internal enum Verdict
{
    Ok,
    Warning,
    Failure,
}
