namespace TokenBroker.Proxy;

/// <summary>What a request wants to do, in the words of policies and metrics.</summary>
internal enum Operation
{
    Unknown,
    Read,
    List,
    Create,
    Write,
    Delete,
    Tag,
    Delegate,
    Admin,
}
