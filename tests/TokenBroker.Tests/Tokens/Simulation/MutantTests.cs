using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.Tests.Tokens.Simulation;

/// <summary>
/// The simulation must be able to fail. The product has no switch for that: each mutant is the product's own source with
/// one place altered, compiled in a directory of its own together with the simulation's source, and run as a process. So
/// nothing is copied by hand that could grow apart from the product, and a place that is no longer there fails the test.
/// </summary>
[Collection(nameof(LongTests))]
public class MutantTests
{
    private const string Twenty = "20";

    private static readonly string[] LeftOut = ["AzureIdentity*.cs", "TokenCache.cs", "TokenSourceSelection.cs"];

    private const string Program = $$"""
        for (var seed = 0; seed < {{Twenty}}; seed++)
        {
            if (TokenBroker.Tests.Tokens.Simulation.SimulatedWorld.Run(seed).Violation is not { } violation)
                continue;
            System.Console.WriteLine($"caught at seed {seed}: {violation}");
            return 1;
        }

        System.Console.WriteLine("survived");
        return 0;
        """;

    [Theory]
    [Long]
    [InlineData("drops a token on failure", "EntryState.cs", "        Failure = failure;\n", "        Failure = failure;\n        _token = null;\n")]
    [InlineData("serves expired ones", "EntryState.cs", "token.IsUsable(time) ? token : null", "token.Lifetime > TimeSpan.Zero ? token : null")]
    [InlineData("loops on unchanged", "RefreshSchedule.cs", "AfterUnchanged(TimeSpan remaining) => Max(MinFloor, remaining / 2)", "AfterUnchanged(TimeSpan remaining) => remaining > TimeSpan.Zero ? MinFloor : remaining")]
    [InlineData("lets requests wait", "RefreshSchedule.cs", "MaxWaitOfRequests * (0.5 + 0.5 * draw)", "MaxWaitOfRequests * (2 + 0.5 * draw)")]
    public async Task A_mutant_is_caught_within_twenty_seeds(string mutant, string file, string place, string altered)
    {
        using var directory = new TemporaryDirectory();
        Write(directory);
        var source = await File.ReadAllTextAsync(directory.File(file), TestContext.Current.CancellationToken);
        Assert.True(source.Split(place).Length == 2, $"The mutant that {mutant} is to alter '{place}', which is not exactly once in {file}.");
        await File.WriteAllTextAsync(directory.File(file), source.Replace(place, altered, StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var result = await RunAsync(directory);

        TestContext.Current.TestOutputHelper?.WriteLine($"The mutant that {mutant}: {result.Output}");
        Assert.Matches(@"caught at seed \d+: ", result.StandardOutput);
    }

    [Fact]
    [Long]
    public async Task The_product_itself_compiled_the_same_way_survives()
    {
        using var directory = new TemporaryDirectory();
        Write(directory);
        Assert.EndsWith("survived", (await RunAsync(directory)).StandardOutput.Trim(), StringComparison.Ordinal);
    }

    private static void Write(TemporaryDirectory directory)
    {
        var tokens = global::TokenBroker.TestSupport.Repository.PathOf("sidecar/Tokens");
        var leftOut = LeftOut.SelectMany(pattern => Directory.GetFiles(tokens, pattern, SearchOption.AllDirectories)).ToHashSet();
        var tests = global::TokenBroker.TestSupport.Repository.PathOf("tests/TokenBroker.Tests/Tokens");
        IEnumerable<string> files =
        [
            .. Directory.GetFiles(tokens, "*.cs", SearchOption.AllDirectories).Where(file => !leftOut.Contains(file)),
            global::TokenBroker.TestSupport.Repository.PathOf("sidecar/Configuration/IdentitySelector.cs"),
            Path.Combine(tests, "TestClock.cs"),
            .. Directory.GetFiles(Path.Combine(tests, "Simulation"), "*.cs").Where(file => !file.EndsWith("Tests.cs", StringComparison.Ordinal)),
        ];
        foreach (var file in files)
            File.Copy(file, directory.File(Path.GetFileName(file)));
        File.WriteAllText(directory.File("Program.cs"), Program);
        File.WriteAllText(directory.File("mutant.csproj"), """
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <LangVersion>14.0</LangVersion>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <UseAppHost>false</UseAppHost>
              </PropertyGroup>
              <ItemGroup>
                <FrameworkReference Include="Microsoft.AspNetCore.App" />
                <Using Include="Microsoft.Extensions.Logging" />
              </ItemGroup>
            </Project>
            """);
    }

    private static async Task<ProcessResult> RunAsync(TemporaryDirectory directory)
    {
        var build = await CompleteAsync(directory, "build", "--configuration", "Release", "--output", directory.File("out"));
        Assert.True(build.ExitCode == 0, build.Output);
        return await CompleteAsync(directory, directory.File("out/mutant.dll"));
    }

    private static Task<ProcessResult> CompleteAsync(TemporaryDirectory directory, params string[] arguments) =>
        ProcessRun.CompleteAsync(new ProcessSpec("dotnet", arguments) { WorkingDirectory = directory.Path, Limit = TimeSpan.FromMinutes(5) });
}
