namespace TokenBroker.Diagnosis;

/// <summary>One thing that was looked at, and what came of it.</summary>
/// <param name="Subject">Whom it is about: the host, an identity or an account.</param>
/// <param name="Cause">What it is, in the words of the table.</param>
/// <param name="Facts">What was seen: addresses, statuses, claims. Never a token, a key or a SAS.</param>
internal sealed record Finding(string Subject, Cause Cause, IReadOnlyList<KeyValuePair<string, string>> Facts)
{
    public const string Host = "this host";

    /// <summary>What to do, with what is known here in the place of the table's words in capitals.</summary>
    public string? WhatToDo => Cause.WhatToDo is null ? null
        : Names.Aggregate(Cause.WhatToDo, (text, name) => text.Replace(name.Key, name.Value, StringComparison.Ordinal));

    /// <summary>The table's words in capitals: OBJECT-ID, ACCOUNT.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Names { get; init; } = [];

    /// <summary>Facts without a value are left out: what was not seen is not said.</summary>
    public static Finding Of(string subject, Cause cause, params IEnumerable<(string Name, string? Value)> facts) =>
        new(subject, cause, [.. from fact in facts where fact.Value is { Length: > 0 } select KeyValuePair.Create(fact.Name, fact.Value)]);
}
