namespace TokenBroker.Tests.Architecture;

/// <summary>A type refers to another one, or a file's using directive to a namespace: then its type is empty.</summary>
internal readonly record struct Import(string Namespace, string Type, string OtherNamespace, string OtherType)
{
    public override string ToString() => $"{Namespace}.{Type} uses {OtherNamespace}.{OtherType}".TrimEnd('.');
}
