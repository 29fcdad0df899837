using System.CommandLine;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting.Commands;

/// <summary>A subcommand was called with settings that have no faults.</summary>
internal sealed record Invocation(ParseResult Parsed, BrokerOptions Options, ProcessEnvironment Environment)
{
    /// <summary>The value of one of the subcommand's own options; null if it was not given.</summary>
    public string? TextOf(Option option) => SettingOptions.TextsOf(Parsed, option).FirstOrDefault();

    public bool Has(Option option) => Parsed.GetResult(option) is { Implicit: false };
}
