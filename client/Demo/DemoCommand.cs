using System.CommandLine;
using System.CommandLine.Parsing;

namespace TokenBroker.Client.Demo;

/// <summary>The command line of `demo`: its options, their limits and the sentences about what is wrong with them.</summary>
internal static class DemoCommand
{
    private const long LargestSize = 256L << 20;
    private static readonly long[] DefaultSizes = [1L << 10, 64L << 10, 1L << 20, 16L << 20];

    public static Command Create()
    {
        var size = new Option<long[]>("--size")
        {
            Description = "Blob size, such as 512, 64KiB or 1MiB; repeat it for several. Default: 1KiB 64KiB 1MiB 16MiB.",
            HelpName = "SIZE",
            CustomParser = ParseSizes,
            DefaultValueFactory = _ => DefaultSizes,
            AllowMultipleArgumentsPerToken = true,
        };
        var samples = Number("--samples", "N", "Number of samples for each operation, size and way. Default: 30, fewer for large blobs.", 1, 1000);
        var port = Number("--port", "PORT", "The sidecar's port. Default: a free one.", 1, 65535);
        var json = new Option<string?>("--json") { Description = "Also write the result to this file.", HelpName = "FILE" };
        var keep = new Option<bool>("--keep") { Description = "Leave everything running after the comparison, until Ctrl-C." };

        var command = new Command("demo", "Starts everything on this machine and compares direct with proxied access.") { size, samples, json, keep, port };
        command.SetAction((parsed, _) => DemoRun.RunAsync(new DemoSettings(
            parsed.GetValue(size)!, parsed.GetValue(samples), parsed.GetValue(json), parsed.GetValue(keep), parsed.GetValue(port) ?? 0)));
        return command;
    }

    private static Option<int?> Number(string name, string helpName, string description, int smallest, int largest)
    {
        var option = new Option<int?>(name) { Description = description, HelpName = helpName };
        option.CustomParser = result =>
        {
            if (int.TryParse(result.Tokens[0].Value, out var number) && number >= smallest && number <= largest)
                return number;

            result.AddError($"{name} '{result.Tokens[0].Value}' is not a whole number from {smallest} to {largest}.");
            return null;
        };
        return option;
    }

    private static long[] ParseSizes(ArgumentResult result)
    {
        var sizes = new List<long>();
        foreach (var token in result.Tokens)
        {
            if (!ByteSize.TryParse(token.Value, out var size) || size is < 1 or > LargestSize)
                result.AddError($"--size '{token.Value}' is not a size from 1 byte to {ByteSize.Format(LargestSize)}; write it as 512, 64KiB or 1MiB.");
            else if (!sizes.Contains(size))
                sizes.Add(size);
        }

        return [.. sizes];
    }
}
