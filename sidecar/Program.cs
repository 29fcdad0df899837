using TokenBroker.Configuration;
using TokenBroker.Hosting;
using TokenBroker.Hosting.Commands;
using TokenBroker.Limits;
using TokenBroker.Logging;

// TokenBroker: an unmodified blob client accesses storage with a managed identity's token and needs no key.
//
//   Configuration/   what can be set; every fault is found before anything starts
//   Tokens/          where tokens come from, and how they are kept fresh
//   Upstream/        what leads to storage: addresses, connections, trust
//   Limits/          how many connections, requests and bytes one process accepts at once
//   Logging/         the log on standard output; nothing waits for it
//   Proxy/           the life of a request: begin at ProxyEndpoint
//   Admin/           health and metrics, on a separate listener
//   Diagnosis/       what `tokenbroker check` tests: begin at HostCheck
//   Hosting/         puts them together, starts and stops them

if (!DescriptorLimit.TryRaise())
{
    // Nothing else may be opened now, not even the files of the program itself.
    StandardStream.TryWrite(StandardStream.Error, "tokenbroker: The limit of open files is too low. Raise it to at least 256 with LimitNOFILE= or ulimit -n.\n"u8);
    return ExitCode.Failure;
}

var environment = ProcessEnvironment.Read();
CleanStart.Ensure(args, environment);
return await CommandLine.RunAsync(args, environment, options => BrokerHost.RunAsync(options, environment));
