using System.Runtime.CompilerServices;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd;

/// <summary>Whatever the caller's environment holds, the clients in this process go where a test sends them.</summary>
internal static class OwnEnvironment
{
#pragma warning disable CA2255 // A test assembly is nobody's library, and this must come before any client.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Clean() => CleanEnvironment.CleanThisProcess();
}
