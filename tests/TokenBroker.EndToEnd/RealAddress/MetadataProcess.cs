using System.Net;
using TokenBroker.EndToEnd.Sidecars;
using TokenBroker.Local;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.RealAddress;

/// <summary>The emulator's program, at the address that the metadata endpoint has on every Azure host.</summary>
internal static class MetadataProcess
{
    public static readonly IPAddress Address = IPAddress.Parse("169.254.169.254");

    /// <summary>What its output says once it listens.</summary>
    public static string Listening => $"listening on http://{Address}";

    public static ProcessSpec Spec() => SidecarBinary.Spec() with
    {
        File = Path.ChangeExtension(RecordedPaths.ImdsEmulator, null)!,
        Arguments = ["--listen", $"http://{Address}:80", "--control", "http://127.0.0.1:0", "--exit-with-stdin"],
    };
}
