using System.Text.Json.Serialization;

namespace TokenBroker.Diagnosis;

/// <summary>All findings, in the order of the steps from the host to storage.</summary>
internal sealed record CheckReport(IReadOnlyList<Finding> Findings)
{
    public Verdict Worst => Findings.Max(finding => finding.Cause.Verdict);

    public CheckDocument ToDocument() => new(
        Word(Worst),
        [.. Findings.Select(finding => new CheckRow(finding.Subject, Word(finding.Cause.Verdict), finding.Cause.Code, finding.Cause.Meaning,
            new Dictionary<string, string>(finding.Facts), finding.Cause.Verdict == Verdict.Ok ? null : finding.WhatToDo))]);

    public static string Word(Verdict verdict) => verdict.ToString().ToLowerInvariant();
}

/// <summary>The output of <c>tokenbroker check --json</c>.</summary>
/// <param name="Verdict">The worst of all: ok, warning or failure.</param>
/// <param name="Findings">One row for each thing that was tested.</param>
internal sealed record CheckDocument(string Verdict, IReadOnlyList<CheckRow> Findings);

/// <param name="Subject">this host, an identity or an account.</param>
/// <param name="Verdict">ok, warning or failure.</param>
/// <param name="Cause">The finding's code.</param>
/// <param name="Meaning">The finding in a sentence.</param>
/// <param name="Facts">What was seen.</param>
/// <param name="WhatToDo">What to do.</param>
internal sealed record CheckRow(
    string Subject, string Verdict, string Cause, string Meaning, IReadOnlyDictionary<string, string> Facts, string? WhatToDo);

[JsonSerializable(typeof(CheckDocument))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, WriteIndented = true)]
internal sealed partial class CheckJson : JsonSerializerContext;
