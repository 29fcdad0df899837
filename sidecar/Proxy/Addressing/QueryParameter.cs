namespace TokenBroker.Proxy.Addressing;

/// <summary>One parameter of a raw query: a slice of its text, so reading a query copies nothing.</summary>
internal readonly struct QueryParameter(string query, int start, int nameEnd, int end)
{
    public ReadOnlySpan<char> Name => query.AsSpan(start, nameEnd - start);

    /// <summary>Name, equals sign and value as the client wrote them.</summary>
    public ReadOnlySpan<char> Text => query.AsSpan(start, end - start);

    /// <summary>The value as the client wrote it; empty if there is none.</summary>
    public ReadOnlySpan<char> RawValue => nameEnd < end ? query.AsSpan(nameEnd + 1, end - nameEnd - 1) : default;

    /// <summary>True if the parameter is part of a shared access signature.</summary>
    public bool IsSas => SasParameters.Include(Name);

    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}
