using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.RealAddress;

/// <summary>A program that sees one file of this machine replaced, in mounts of its own: nothing of this machine is changed.</summary>
internal static class OwnFile
{
    // `sh` and `exec` keep one process: it ends as the program itself would.
    public static ProcessSpec Seeing(this ProcessSpec spec, string file, string inPlaceOf) => spec with
    {
        File = "unshare",
        Arguments =
        [
            "--mount", "--propagation", "private", "sh", "-ec", "mount --bind \"$0\" \"$1\"; shift; exec \"$@\"",
            file, inPlaceOf, spec.File, .. spec.Arguments,
        ],
    };
}
