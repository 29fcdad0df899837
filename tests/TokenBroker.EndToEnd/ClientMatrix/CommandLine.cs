using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;

namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>A client's commands, run in a directory of their own.</summary>
/// <param name="program">The command, without its arguments.</param>
/// <param name="common">What stands behind the arguments of each command.</param>
internal sealed class CommandLine(string program, IReadOnlyList<string> common, IReadOnlyDictionary<string, string?> environment, TemporaryDirectory directory)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    public TemporaryDirectory Directory => directory;

    /// <summary>What the command prints. One that fails throws <see cref="CommandFailure"/>.</summary>
    public async Task<string> RunAsync(params string[] arguments) => (await RunAsync(program, [.. arguments, .. common])).StandardOutput;

    /// <summary>The same with what it prints as errors, such as its log.</summary>
    public async Task<string> LogAsync(params string[] arguments) => (await RunAsync(program, [.. arguments, .. common])).Output;

    /// <summary>The same for lines of a shell.</summary>
    public async Task<string> RunScriptAsync(string lines) => (await RunAsync("bash", ["-e", "-o", "pipefail", "-c", lines])).StandardOutput;

    /// <summary>What comes of something that may well fail, as part of a result.</summary>
    public async Task<JsonNode?> AttemptAsync(params string[] arguments)
    {
        try
        {
            await RunAsync(arguments);
            return "ok";
        }
        catch (CommandFailure failure)
        {
            return failure.ToJson();
        }
    }

    /// <summary>A file of that name with that content.</summary>
    public string Write(string name, string content)
    {
        var file = directory.File(name);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }

    private async Task<ProcessResult> RunAsync(string file, string[] arguments)
    {
        var run = await ProcessRun.CompleteAsync(new ProcessSpec(file, arguments) { Environment = environment, WorkingDirectory = directory.Path, Limit = Limit });
        return run.ExitCode == 0 ? run : throw new CommandFailure(run.ExitCode, run.Output);
    }
}

/// <summary>A command that ended with another code than 0.</summary>
internal sealed partial class CommandFailure(int exitCode, string output) : Exception($"exit code {exitCode}: {output}")
{
    /// <summary>Code, status and reason as far as the output has them; without a code all of the output, but for dates and ids.</summary>
    public JsonNode ToJson()
    {
        var code = Code().Match(output);
        var result = new JsonObject { ["ok"] = false, ["exit"] = exitCode };
        if (code.Success)
            result["code"] = code.Groups[1].Value;
        if (Status().Match(output) is { Success: true } status)
            result["status"] = int.Parse(status.Groups[1].Value, CultureInfo.InvariantCulture);
        if (Reason().Match(output) is { Success: true } reason)
            result["reason"] = reason.Groups[1].Value;
        if (!code.Success)
            result["message"] = Changing().Replace(output.Trim(), "");
        return result;
    }

    [GeneratedRegex(@"(?:ErrorCode:|ServiceCode=|<Code>)(\w+)")]
    private static partial Regex Code();

    [GeneratedRegex(@"^HTTP/1\.1 ([2-5]\d\d)", RegexOptions.Multiline)]
    private static partial Regex Status();

    [GeneratedRegex("^x-tokenbroker-reason: ([a-z-]+)", RegexOptions.Multiline)]
    private static partial Regex Reason();

    [GeneratedRegex(@"\d{4}[/-]\d\d[/-]\d\d[ T]\d\d:\d\d:\d\d\S*|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Changing();
}

/// <summary>A driver of a command: its operations are C# that runs the command, and the result is what it prints and writes.</summary>
internal abstract class CommandLineDriver : Driver
{
    public sealed override async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(Leg leg, string lines, string container)
    {
        using var directory = new TemporaryDirectory();
        return await RunAsync(Operations(leg, lines, container, directory));
    }

    /// <summary>What comes of each operation, in their order.</summary>
    public static async Task<IReadOnlyDictionary<string, JsonObject>> RunAsync(IReadOnlyDictionary<string, Func<Task<object?>>> operations)
    {
        var results = new Dictionary<string, JsonObject>();
        foreach (var (operation, run) in operations)
            results.Add(operation, await ResultOfAsync(run));
        return results;
    }

    /// <summary>The operations in the order in which they are run.</summary>
    protected abstract IReadOnlyDictionary<string, Func<Task<object?>>> Operations(Leg leg, string lines, string container, TemporaryDirectory directory);

    private static async Task<JsonObject> ResultOfAsync(Func<Task<object?>> run)
    {
        try
        {
            var result = JsonSerializer.SerializeToNode(await run() ?? new { })!.AsObject();
            result["ok"] = true;
            return result;
        }
        catch (CommandFailure failure)
        {
            return failure.ToJson().AsObject();
        }
    }
}
