using System.Reflection;
using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.Configuration.Reading;
using TokenBroker.Diagnosis;
using TokenBroker.Hosting;
using TokenBroker.Proxy;
using TokenBroker.Proxy.Policy;
using TokenBroker.TestSupport.Docs;
using TokenBroker.Tokens.Answers;
using Xunit;

namespace TokenBroker.Tests.Docs;

/// <summary>The documents' tables have a row for each thing in the code, with its words, and no other row.</summary>
public class TableTests
{
    /// <summary>The settings that the README shows.</summary>
    private static readonly string[] Short =
    [
        SettingTable.AccountEndpoint, "Accounts:NAME:Identity", "Identity", "Listen", "Admin", "Hosts",
        "MetadataEndpoint", "Upstream:CertificateAuthority", "DrainMax", "LogLevel",
    ];

    private static readonly string[] SettingColumns = ["setting", "option", "default", "meaning"];

    [Fact]
    public void Configuration_has_a_row_for_every_setting() =>
        new Table("docs/configuration.md", "settings", SettingColumns).Check(SettingTable.Rows.Select(Setting));

    [Fact]
    public void README_has_ten_of_the_settings() =>
        new Table("README.md", "settings-short", SettingColumns).Check(Short.Select(key => Setting(SettingTable.Rows.Single(row => row.Key == key))));

    [Fact]
    public void Operations_has_a_row_for_every_refusal() =>
        new Table("docs/operations.md", "refusals", ["reason", "status", "code", "level in the log", "what is wrong, what to do"]).Check(
            from refusal in Refusal.All
            select new[] { $"`{refusal.Reason}`", $"{refusal.Status}", $"`{refusal.Code}`", Word(refusal.Level), refusal.Sentence });

    [Fact]
    public void Operations_has_a_row_for_every_reason_why_there_is_no_token() =>
        new Table("docs/operations.md", "token-reasons", ["reason", "what is wrong, what to do"]).Check(
            from reason in Enum.GetValues<TokenFailureReason>()
            select new[] { $"`{TokenFailure.CodeOf(reason)}`", TokenFailure.SentenceOf(reason) });

    [Fact]
    public void Operations_has_a_row_for_every_finding_of_a_check()
    {
        var causes = typeof(Cause).GetFields(BindingFlags.Static | BindingFlags.Public).Select(field => field.GetValue(null)).OfType<Cause>();

        Assert.Distinct(Cause.All.Select(cause => cause.Code));
        Assert.All(causes, cause => Assert.Contains(cause, Cause.All));
        Assert.All(Cause.All, cause => Assert.Equal(cause.Verdict == Verdict.Ok, cause.WhatToDo is null));
        new Table("docs/operations.md", "findings", ["finding", "verdict", "it means", "what to do"]).Check(
            from cause in Cause.All
            select new[] { $"`{cause.Code}`", CheckReport.Word(cause.Verdict), cause.Meaning, cause.WhatToDo ?? "nothing" });
    }

    [Fact]
    public void Operations_has_a_row_for_every_log_message()
    {
        var messages = typeof(BrokerHost).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Select(method => method.GetCustomAttribute<LoggerMessageAttribute>())
            .OfType<LoggerMessageAttribute>().OrderBy(message => message.EventId).ToList();

        Assert.Distinct(messages.Select(message => message.EventId));
        // Level None: the caller says which.
        new Table("docs/operations.md", "log-messages", ["event", "level", "message"], "means, what to do").Check(
            from message in messages
            select new[] { $"{message.EventId}", message.Level == LogLevel.None ? "the refusal's" : Word(message.Level), $"`{message.Message}`" });
    }

    [Fact]
    public async Task Operations_has_a_row_for_every_metric()
    {
        var metrics = await ObservedMetrics.CollectAsync();

        new Table("docs/operations.md", "metrics", ["instrument", "in `/metrics`", "kind", "labels", "meaning"]).Check(
            from metric in metrics
            select new[] { $"`{metric.Name}`", $"`{metric.PrometheusName}`", metric.Kind, string.Join(", ", metric.Labels.Select(label => $"`{label}`")), metric.Meaning });
    }

    [Fact]
    public void Security_has_a_row_for_every_operation_with_every_request_that_wants_it() =>
        new Table("docs/security.md", "operations", ["operation", "requests"]).Check(
            from operation in BlobOperationWords.All
            select new[]
            {
                $"`{operation.Word()}`",
                string.Join("; ", OperationTable.Rows.Where(row => row.Operations.HasFlag(operation))
                    .Select(row => row.Name + (row.MayCreate ? " (with `If-None-Match: *` alone: `create`)" : "")
                        + (row.Scope == RequestScope.Blob || row.Name.Contains("Container", StringComparison.Ordinal) ? "" : $", {row.Scope.ToString().ToLowerInvariant()}"))
                    .Concat(OperationTable.Additions.Where(addition => addition.Operations == operation)
                        .Select(addition => "anything with " + Title(addition)))),
            });

    [Fact]
    public void Security_has_what_else_the_table_of_operations_says() =>
        new Table("docs/security.md", "operation-rules", ["request", "in a batch", "source of a copy", "sent again after a lost connection"]).Check(
            from row in OperationTable.Rows
            where row.InBatch || row.Source != CopySourceRead.Background || row.Repeats
            select new[] { row.Name, row.InBatch ? "yes" : "", Source(row.Source), row.Repeats ? "yes" : "" });

    private static string Source(CopySourceRead source) => source switch
    {
        CopySourceRead.Awaited => "read while the request waits",
        CopySourceRead.ByHeader => "read while the request waits, with `x-ms-requires-sync: true` or `x-ms-blob-type`; otherwise in the background",
        _ => "",
    };

    private static string Title(OperationAddition addition) =>
        addition.Word is not null ? $"`{addition.Name}={addition.Word}`" : addition.Except is not null ? $"`{addition.Name}` other than `{addition.Except}`" : $"`{addition.Name}`";

    private static string[] Setting(SettingRow row) =>
    [
        $"`{row.Key}`",
        row.Option is null ? "" : $"`{row.Option}{(row.Argument is null ? "" : " " + row.Argument)}`",
        row.Default.Contains(' ', StringComparison.Ordinal) || row.Default == "none" ? row.Default : $"`{row.Default}`",
        row.Meaning,
    ];

    private static string Word(LogLevel level) => level.ToString().ToLowerInvariant();
}
