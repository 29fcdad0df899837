using System.Text.Json;
using System.Text.RegularExpressions;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using Xunit;

namespace TokenBroker.EndToEnd.Check;

/// <summary><c>tokenbroker check</c>, run for people and for programs: both must say the same, and neither a token.</summary>
internal sealed class CheckRun
{
    private readonly IReadOnlyList<CheckRow> _rows;

    private CheckRun(int exitCode, string table, string verdict, IReadOnlyList<CheckRow> rows) =>
        (ExitCode, Table, Verdict, _rows) = (exitCode, table, verdict, rows);

    public int ExitCode { get; }

    public string Table { get; }

    public string Verdict { get; }

    /// <summary>The causes of what is not well, as <c>cause (subject)</c>.</summary>
    public IEnumerable<string> Bad => _rows.Where(row => row.Verdict != "ok").Select(row => $"{row.Cause} ({row.Subject})");

    public IEnumerable<string> Causes => _rows.Select(row => row.Cause);

    /// <param name="arguments">Behind <c>check</c>.</param>
    /// <param name="environment">Further variables.</param>
    /// <param name="wrap">How the program is started, if not by itself.</param>
    /// <param name="secrets">What must be in no output, asked for once all is written.</param>
    public static async Task<CheckRun> RunAsync(
        IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string>? environment, Func<ProcessSpec, ProcessSpec>? wrap, Func<IEnumerable<string>> secrets)
    {
        var spec = SidecarBinary.Spec(["check", .. arguments]).With(environment ?? new Dictionary<string, string>());
        var table = await ProcessRun.CompleteAsync(wrap?.Invoke(spec) ?? spec);
        var json = SidecarBinary.Spec(["check", "--json", .. arguments]).With(environment ?? new Dictionary<string, string>());
        var document = await ProcessRun.CompleteAsync(wrap?.Invoke(json) ?? json);

        Assert.Equal(table.StandardOutput.TrimEnd('\n'), table.Output.TrimEnd('\n')); // nothing on standard error
        Assert.Equal(table.ExitCode, document.ExitCode);
        foreach (var secret in secrets())
            Assert.Empty(new OutputSearch().Add("token", secret).In(table.Output + document.Output, "output"));
        var report = JsonSerializer.Deserialize<CheckReport>(document.StandardOutput, JsonSerializerOptions.Web)!;
        var run = new CheckRun(table.ExitCode, table.StandardOutput, report.Verdict, report.Findings);
        var shown = Regex.Matches(run.Table, @"^(ok|warning|failure) +(.+?)  +([a-z]+-[a-z-]+)  +", RegexOptions.Multiline)
            .Select(row => (row.Groups[1].Value, row.Groups[2].Value, row.Groups[3].Value));
        Assert.Equal(report.Findings.Select(row => (row.Verdict, row.Subject, row.Cause)), shown);
        return run;
    }

    public CheckRow Row(string cause) => Assert.Single(_rows, row => row.Cause == cause);

    /// <summary>These causes and no others are not well; the exit code is that of the worst; table and JSON tell what was seen and what to do.</summary>
    public CheckRow AssertFound(int exitCode, params string[] causes)
    {
        Assert.True(Bad.Order().SequenceEqual(causes.Order()), Table);
        Assert.Equal((exitCode, exitCode == 3 ? "warning" : "failure"), (ExitCode, Verdict));
        foreach (var cause in causes)
        {
            var row = Row(cause.Split(' ')[0]);
            Assert.Contains(row.Meaning, Table, StringComparison.Ordinal);
            Assert.Contains($"→ {row.WhatToDo}", Table, StringComparison.Ordinal);
            // The two runs have their own request ids and moments.
            Assert.All(row.Facts, fact => Assert.Matches($"(?m)^ +{Regex.Escape(fact.Key)}: .", Table));
            Assert.Contains(cause, Table.Split('\n')[^2], StringComparison.Ordinal);
        }

        return Row(causes[0].Split(' ')[0]);
    }
}

internal sealed record CheckReport(string Verdict, IReadOnlyList<CheckRow> Findings);

internal sealed record CheckRow(string Subject, string Verdict, string Cause, string Meaning, Dictionary<string, string> Facts, string? WhatToDo);
