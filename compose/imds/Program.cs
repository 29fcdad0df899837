using System.CommandLine;
using System.CommandLine.Invocation;
using TokenBroker.Imds;
using TokenBroker.Imds.CommandLine;

// Exit codes: 0 stopped as asked, 1 could not start, 2 malformed settings.
var command = new EmulatorCommand();
var parsed = command.Root.Parse(args);
if (parsed.Action is ParseErrorAction)
    return Refuse(parsed.Errors.Select(error => $"{error.Message.TrimEnd('.')}: --help lists all options"));
command.Root.SetAction((_, _) => RunAsync());
// The program handles signals itself: the parser's handling would end the process before the listeners are closed.
return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = null });

async Task<int> RunAsync()
{
    var (options, exitWithStdin, problems) = command.Read(parsed);
    if (problems.Count > 0)
        return Refuse(problems);
    try
    {
        await using var emulator = await ImdsEmulator.StartAsync(options);
        Console.WriteLine($"imds-emulator listening on {WithPort(emulator.BaseAddress)}");
        Console.WriteLine($"imds-emulator control on {WithPort(emulator.ControlAddress)}");
        await ProcessLifetime.WaitForEndAsync(exitWithStdin);
        return 0;
    }
    catch (Exception e) when (e is IOException or System.Net.Sockets.SocketException or UnauthorizedAccessException)
    {
        Console.Error.WriteLine($"--listen or --control: {e.Message}: free the port or choose another");
        return 1;
    }
}

// A Uri omits port 80, but readers of this line expect a port.
static string WithPort(Uri address) => $"http://{address.Host}:{address.Port}";

static int Refuse(IEnumerable<string> problems)
{
    foreach (var problem in problems)
        Console.Error.WriteLine(problem);
    return 2;
}
