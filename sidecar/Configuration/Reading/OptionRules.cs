namespace TokenBroker.Configuration.Reading;

/// <summary>Which settings contradict each other. Checked after each setting is valid by itself.</summary>
internal static class OptionRules
{
    public static void Check(BrokerOptions options, List<ConfigurationFault> faults)
    {
        CheckListeners(options, faults);
        CheckEndpoints(options, faults);
        foreach (var account in options.Accounts)
        {
            if (account.Identity.Kind == IdentityKind.AzureCli && options.Tokens.MetadataEndpoint is { } endpoint)
                faults.Add(new("Identity", "azure-cli",
                    $"contradicts the metadata endpoint {endpoint.GetLeftPart(UriPartial.Authority)}; remove one of them"));
        }
    }

    private static void CheckListeners(BrokerOptions options, List<ConfigurationFault> faults)
    {
        foreach (var (index, listen) in options.Listen.Index())
            CheckData(options, listen, options.Listen.Take(index), faults);
        if (options.Certificate is { } unused && !options.Listen.Any(listen => listen.IsHttps))
            faults.Add(new("--tls-cert", unused.CertificateFile, $"is not used by {string.Join(", ", options.Listen)}: write https there, or remove the certificate"));
        if (options.Listen.Any(options.Admin.Overlaps))
            faults.Add(new("--admin", options.Admin.ToString(), "is also the address of --listen; give each its own port"));
        if (options.HealthListen is { } health)
            CheckHealth(options, health, faults);
        if (options.Admin.IsHttps)
            faults.Add(new("--admin", options.Admin.ToString(), "the admin listener supports only http; write it as http://127.0.0.1:PORT"));
        if (!options.Admin.IsLoopback)
            faults.Add(new("--admin", options.Admin.ToString(), "not a loopback address, which the admin listener needs; use 127.0.0.1"));
    }

    private static void CheckData(BrokerOptions options, ListenAddress listen, IEnumerable<ListenAddress> earlier, List<ConfigurationFault> faults)
    {
        if (earlier.FirstOrDefault(listen.Overlaps) is { } same)
            faults.Add(new("--listen", listen.ToString(), $"{same} already has this address and port; give each listener its own"));
        if (!listen.IsLoopback && !options.Caller.UnsafeAllowNonLoopback)
            faults.Add(new("--listen", listen.ToString(),
                "not a loopback address: callers who can connect have the identity's rights. "
                + "Listen on 127.0.0.1, or add --unsafe-allow-non-loopback"));
        if (listen.IsHttps && options.Certificate is null)
            faults.Add(new("--listen", listen.ToString(), "https needs a certificate: add its PEM file with --tls-cert, and the key's with --tls-key"));
    }

    private static void CheckHealth(BrokerOptions options, ListenAddress health, List<ConfigurationFault> faults)
    {
        if (health.Port != 0 && options.Listen.Append(options.Admin).Any(other => other.Port == health.Port))
            faults.Add(new("--health-listen", health.ToString(), "has the same port as --listen or --admin; give each its own"));
        if (health.IsHttps)
            faults.Add(new("--health-listen", health.ToString(), "the health listener supports only http; write it as http://0.0.0.0:PORT"));
    }

    /// <summary>Two accounts with one endpoint would be one account with two names, one of which is wrong.</summary>
    private static void CheckEndpoints(BrokerOptions options, List<ConfigurationFault> faults)
    {
        foreach (var same in options.Accounts.GroupBy(account => account.Endpoint).Where(group => group.Count() > 1))
            faults.Add(new("--account", same.Key.AbsoluteUri,
                $"is the endpoint of {string.Join(" and ", same.Select(account => account.Name))}; give each account its own endpoint"));
    }
}
