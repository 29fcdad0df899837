namespace TokenBroker.Configuration.Reading;

/// <summary>The result of reading the settings: valid options, or all faults that were found.</summary>
internal sealed record ConfigurationResult(BrokerOptions? Options, IReadOnlyList<ConfigurationFault> Faults);
