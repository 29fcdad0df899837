namespace TokenBroker.Diagnosis;

/// <summary>One thing that was tested, and the result.</summary>
/// <param name="Subject">What it is about: the host, an identity or an account.</param>
/// <param name="Cause">What it is, in the words of the table.</param>
/// <param name="Facts">What was seen: addresses, statuses, claims. Never a token, a key or a SAS.</param>
internal sealed record Finding(string Subject, Cause Cause, IReadOnlyList<KeyValuePair<string, string>> Facts)
{
    public const string Host = "this host";

    /// <summary>What to do, with the table's placeholders (words in capitals) filled in.</summary>
    public string? WhatToDo => Cause.WhatToDo is null ? null
        : Names.Aggregate(Cause.WhatToDo, (text, name) => text.Replace(name.Key, name.Value, StringComparison.Ordinal));

    /// <summary>The values of the table's placeholders: OBJECT-ID, ACCOUNT.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Names { get; init; } = [];

    /// <summary>Facts without a value are omitted.</summary>
    public static Finding Of(string subject, Cause cause, params IEnumerable<(string Name, string? Value)> facts) =>
        new(subject, cause, [.. from fact in facts where fact.Value is { Length: > 0 } select KeyValuePair.Create(fact.Name, fact.Value)]);
}
