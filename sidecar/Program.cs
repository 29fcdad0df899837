using TokenBroker.Configuration;
using TokenBroker.Hosting;

// TokenBroker: an unmodified blob client reaches storage with a managed identity's token, and holds no key.
//
//   Configuration/   what can be set; every fault is found before anything starts
//   Tokens/          where tokens come from, and how they are kept fresh
//   Limits/          what one process takes at once, in connections, requests and bytes
//   Logging/         the log on standard output, which holds up nothing
//   Proxy/           the life of a request: begin at ProxyEndpoint
//   Admin/           health and metrics, on a listener of their own
//   Diagnosis/       what `tokenbroker check` looks at: begin at HostCheck
//   Hosting/         puts them together, starts and stops them

var environment = ProcessEnvironment.Read();
CleanStart.Ensure(args, environment);
return await CommandLine.RunAsync(args, environment, options => BrokerHost.RunAsync(options, environment));
