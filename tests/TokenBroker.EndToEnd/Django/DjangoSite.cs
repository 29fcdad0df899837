using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Processes;
using TokenBroker.TestSupport.Requirements;
using Xunit;

namespace TokenBroker.EndToEnd.Django;

/// <summary>The Django project as a running site, with a database of its own.</summary>
internal sealed class DjangoSite : IAsyncDisposable
{
    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);

    private readonly TemporaryDirectory _data;
    private readonly ProcessRun _server;

    private DjangoSite(TemporaryDirectory data, ProcessRun server, Uri address) => (_data, _server, Address) = (data, server, address);

    public Uri Address { get; }

    /// <summary>What the site has printed.</summary>
    public string Output => _server.Output;

    /// <summary>Migrates and serves. The connection string is all that the site learns about its storage.</summary>
    public static async Task<DjangoSite> StartAsync(string connectionString, string container)
    {
        var data = new TemporaryDirectory();
        var migrated = await ProcessRun.CompleteAsync(Manage(data, connectionString, container, "migrate") with { Limit = StartLimit });
        if (migrated.ExitCode != 0)
            throw new InvalidOperationException($"manage.py migrate failed:\n{migrated.Output}");

        var server = ProcessRun.Start(Manage(data, connectionString, container, "serve", "--exit-with-stdin"));
        var line = await server.LineAsync("Listening on (http://.*)", StartLimit);
        return new DjangoSite(data, server, new Uri(line.Groups[1].Value));
    }

    public async ValueTask DisposeAsync()
    {
        // Shown if the test fails.
        var state = _server.ExitCode is { } exitCode ? $"ended by itself with {exitCode}" : "was running";
        await _server.DisposeAsync();
        TestContext.Current.TestOutputHelper?.WriteLine($"The Django site {state}; it printed:\n{Output}");
        _data.Dispose();
    }

    private static ProcessSpec Manage(TemporaryDirectory data, string connectionString, string container, params string[] arguments) =>
        new(PythonInterpreter.File, ["manage.py", .. arguments])
        {
            WorkingDirectory = Repository.PathOf("tests/TokenBroker.EndToEnd/Django/project"),
            Environment = new Dictionary<string, string?>
            {
                ["AZURE_CONNECTION_STRING"] = connectionString,
                ["AZURE_CONTAINER"] = container,
                ["GALLERY_DATA_DIRECTORY"] = data.Path,
                ["PYTHONDONTWRITEBYTECODE"] = "1", // leaves the working copy as it was
                ["PYTHONUNBUFFERED"] = "1",
                ["PYTHONFAULTHANDLER"] = "1", // a crash in native code leaves a trace
            },
        };
}
