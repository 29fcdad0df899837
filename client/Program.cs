using System.CommandLine;
using TokenBroker.Client;
using TokenBroker.Client.Demo;
using TokenBroker.Local;

var root = new RootCommand("Shows what an unmodified blob client can do through TokenBroker.") { DemoCommand.Create() };
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        Console.Error.WriteLine(error.Message);
    return ExitCodes.Usage;
}

try
{
    // The demo handles signals itself, because it must stop its child processes before it ends.
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (LocalEnvironmentException exception)
{
    Console.Error.WriteLine(exception.Message);
    return ExitCodes.Failure;
}
