using System.Text;

namespace TokenBroker.Diagnosis;

/// <summary>The report for people: an aligned row for each finding, what was seen below it, and what to do.</summary>
internal static class CheckTable
{
    private const string Reset = "\e[0m";

    /// <param name="report">The findings.</param>
    /// <param name="colours">True on a terminal.</param>
    public static string Write(CheckReport report, bool colours)
    {
        var subject = report.Findings.Max(finding => finding.Subject.Length);
        var code = report.Findings.Max(finding => finding.Cause.Code.Length);
        var indent = new string(' ', "warning".Length + subject + code + 6);
        var text = new StringBuilder();
        foreach (var finding in report.Findings)
        {
            var (cause, verdict) = (finding.Cause, CheckReport.Word(finding.Cause.Verdict).PadRight("warning".Length));
            text.Append(colours ? $"{Colour(cause.Verdict)}{verdict}{Reset}" : verdict)
                .Append("  ").Append(finding.Subject.PadRight(subject)).Append("  ").Append(cause.Code.PadRight(code)).Append("  ")
                .Append(cause.Meaning).Append('\n');
            foreach (var (name, value) in finding.Facts)
                text.Append(indent).Append(name).Append(": ").Append(value).Append('\n');
            if (cause.Verdict != Verdict.Ok && finding.WhatToDo is { } cure)
                text.Append(indent).Append("→ ").Append(cure).Append('\n');
        }

        return text.Append('\n').Append(Summary(report)).Append('\n').ToString();
    }

    private static string Summary(CheckReport report)
    {
        var bad = report.Findings.Where(finding => finding.Cause.Verdict != Verdict.Ok)
            .OrderByDescending(finding => finding.Cause.Verdict).Select(finding => $"{finding.Cause.Code} ({finding.Subject})").ToList();
        return bad.Count == 0 ? "Everything is ok." : $"Found: {string.Join(", ", bad)}.";
    }

    private static string Colour(Verdict verdict) => verdict switch
    {
        Verdict.Ok => "\e[32m",
        Verdict.Warning => "\e[33m",
        _ => "\e[31m",
    };
}
