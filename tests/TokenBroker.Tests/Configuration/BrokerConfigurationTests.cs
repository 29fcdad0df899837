using Microsoft.Extensions.Logging;
using TokenBroker.Configuration;
using TokenBroker.Configuration.Reading;
using Xunit;

namespace TokenBroker.Tests.Configuration;

public class BrokerConfigurationTests
{
    private static ConfigurationResult Read(string? json = null, Dictionary<string, string>? environment = null, params Setting[] arguments)
    {
        string? file = null;
        try
        {
            if (json is not null)
            {
                file = Path.GetTempFileName();
                File.WriteAllText(file, json);
            }

            return BrokerConfiguration.Read(arguments, file, new ProcessEnvironment(environment ?? []));
        }
        finally
        {
            if (file is not null)
                File.Delete(file);
        }
    }

    private static Setting Account(string name, string? endpoint = null) =>
        endpoint is null ? new($"Accounts:{name}", "", "--account") : new($"Accounts:{name}:Endpoint", endpoint, "--account");

    private static BrokerOptions Good(ConfigurationResult result)
    {
        Assert.Empty(result.Faults);
        return result.Options!;
    }

    [Fact]
    public void An_account_alone_is_enough()
    {
        var options = Good(Read(arguments: Account("photos")));

        var account = Assert.Single(options.Accounts);
        Assert.Equal("https://photos.blob.core.windows.net/", account.Endpoint.AbsoluteUri);
        Assert.Equal("https://photos-secondary.blob.core.windows.net/", account.SecondaryEndpoint!.AbsoluteUri);
        Assert.Equal("http://localhost:11000", Assert.Single(options.Listen).ToString());
        Assert.Equal("http://localhost:11080", options.Admin.ToString());
        Assert.Equal(IdentitySelector.System, account.Identity);
    }

    [Fact]
    public void An_endpoint_may_have_a_path_and_its_secondary_follows_from_it()
    {
        var account = Assert.Single(Good(Read(arguments: Account("photos", "https://127.0.0.1:10000/photos/"))).Accounts);

        Assert.Equal("https://127.0.0.1:10000/photos", account.Endpoint.AbsoluteUri);
        Assert.Equal("https://127.0.0.1:10000/photos-secondary", account.SecondaryEndpoint!.AbsoluteUri);
    }

    [Fact]
    public void File_variables_and_arguments_say_the_same_things_and_the_last_wins()
    {
        const string json = """
            {
              // comments are allowed
              "Accounts": { "photos": { "Identity": "client-id:11111111-1111-1111-1111-111111111111" }, "backups": {} },
              "Listen": "http://127.0.0.1:1",
              "Admin": "http://127.0.0.1:2",
              "Hosts": [ "one", "two" ],
              "LogLevel": "debug",
              "Upstream": { "IdleTimeout": "00:00:04" },
            }
            """;
        var options = Good(Read(json,
            new() { ["TOKENBROKER__Listen"] = "http://127.0.0.1:3", ["TOKENBROKER__Admin"] = "http://127.0.0.1:4", ["TOKENBROKER__Hosts__0"] = "three" },
            new Setting("Listen", "http://127.0.0.1:5", "--listen")));

        Assert.Equal(["backups", "photos"], options.Accounts.Select(account => account.Name));
        Assert.Equal(IdentityKind.ClientId, options.Accounts[1].Identity.Kind);
        Assert.Equal(5, Assert.Single(options.Listen).Port);
        Assert.Equal(4, options.Admin.Port);
        Assert.Equal(["three"], options.Hosts);
        Assert.Equal(LogLevel.Debug, options.LogLevel);
        Assert.Equal(TimeSpan.FromSeconds(4), options.Upstream.IdleTimeout);
    }

    [Fact]
    public void Every_fault_is_reported_at_once_with_where_it_stands()
    {
        var result = Read(
            """{ "Lissten": "x", "Accounts": { "photos": { "Endpont": "x" } }, "MaxConnections": 0, "Upstream": { "IdleTimeout": "soon" } }""",
            new() { ["TOKENBROKER__Tokens__AttemptTimeout"] = "-1s" },
            new Setting("Identity", "bob", "--identity"));

        Assert.Null(result.Options);
        var lines = result.Faults.Select(fault => fault.ToString()).ToList();
        Assert.Equal(6, lines.Count);
        Assert.Contains(lines, line => line.Contains(": Lissten: no such setting; did you mean Listen?", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("did you mean Accounts:photos:Endpoint?", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("MaxConnections '0'", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.Contains("Upstream:IdleTimeout 'soon'", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("TOKENBROKER__Tokens__AttemptTimeout '-1s'", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("--identity 'bob': write system", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{", "not valid JSON")]
    [InlineData("[]", "one JSON object")]
    [InlineData("""{ "Listen": "\ud800" }""", "not valid Unicode")]
    [InlineData("""{ "Hosts": "x" }""", "is a list")]
    [InlineData("""{ "LogLevel": "trace,debug" }""", "write trace")]
    [InlineData("""{ "Listen": "http://127.0.0.1:1", "Listen": "http://127.0.0.1:2" }""", "not valid JSON")]
    [InlineData("""{ "Accounts": "photos" }""", "no such setting")]
    [InlineData("""{ "Accounts": { "photos": "x" } }""", "write an object")]
    [InlineData("""{ "Admin": [ "http://127.0.0.1:1" ] }""", "no such setting")]
    public void A_file_that_cannot_be_meant_is_refused(string json, string words) =>
        Assert.Contains(Read(json, null, Account("other")).Faults, fault => fault.Cure.Contains(words, StringComparison.Ordinal));

    [Fact]
    public void A_name_of_digits_alone_is_an_account_like_any_other()
    {
        var options = Good(Read("""{ "Accounts": { "photos": {}, "archive": {} } }""", null, Account("123456")));
        Assert.Equal(["123456", "archive", "photos"], options.Accounts.Select(account => account.Name));
    }

    [Fact]
    public void Spellings_of_a_name_do_not_merge()
    {
        var result = Read("""{ "Accounts": { "ABC": { "Endpoint": "https://evil.example" } } }""", null, Account("abc", "https://good.example"));
        Assert.Contains(result.Faults, fault => fault.Value == "ABC");
        Assert.Contains(Read(null, new() { ["TOKENBROKER__LISTEN"] = "http://127.0.0.1:1", ["TOKENBROKER__Listen"] = "http://127.0.0.1:2" }, Account("abc")).Faults,
            fault => fault.Cure.Contains("the same setting", StringComparison.Ordinal));
        Assert.NotEmpty(Read("""{ "Listen": "http://127.0.0.1:1", "listen": "http://127.0.0.1:2" }""", null, Account("abc")).Faults);
        Assert.NotEmpty(Read("""{ "Accounts": { "abc": {}, "abc:Endpoint": "https://evil.example" } }""").Faults);
    }

    [Fact]
    public void A_fault_repeats_no_secret()
    {
        var lines = Read("""{ "AccountKey": "planted1" }""", new() { ["TOKENBROKER__Accounts__abc__AccountKey"] = "planted2==" },
            Account("abc", "https://abc.blob.core.windows.net/?sv=1&sig=planted3"),
            new Setting("Listen", "AccountName=x;AccountKey=planted4", "--listen"),
            new Setting("Admin", "http://user:planted5@127.0.0.1:1", "--admin")).Faults.Select(fault => fault.ToString()).ToList();
        Assert.True(lines.Count >= 5, string.Join('\n', lines));
        Assert.DoesNotContain("planted", string.Join('\n', lines), StringComparison.Ordinal);
    }

    [Fact]
    public void An_endpoint_may_be_one_of_the_accounts_names_on_this_host() =>
        Assert.NotNull(HostNames.ForData(Good(Read(arguments: Account("photos", "https://photos.blob.localhost:10000")))));

    [Fact]
    public void A_file_that_is_not_there_is_a_fault() =>
        Assert.Contains(BrokerConfiguration.Read([Account("photos")], "/no/such/file.json", ProcessEnvironment.Empty).Faults,
            fault => fault.Setting == "--config");

    [Theory]
    [InlineData("http://photos.blob.core.windows.net")]
    [InlineData("photos.blob.core.windows.net")]
    [InlineData("https://user@photos.blob.core.windows.net")]
    [InlineData("https://photos.blob.core.windows.net?sv=1")]
    [InlineData("https://photos.blob.core.windows.net#x")]
    [InlineData("https://photos.blob.core.windows.net/a%2Fb")]
    [InlineData("https://photos.blob.core.windows.net/a//b")]
    [InlineData("ftp://photos.blob.core.windows.net")]
    [InlineData("https://")]
    public void An_endpoint_that_could_mislead_a_token_is_refused(string endpoint) =>
        Assert.NotEmpty(Read(arguments: Account("photos", endpoint)).Faults);

    [Fact]
    public void An_http_endpoint_needs_an_unsafe_option() =>
        Good(Read(null, new() { ["TOKENBROKER__Upstream__UnsafeAllowHttp"] = "true" }, Account("photos", "http://127.0.0.1:1/photos")));

    [Theory]
    [InlineData("Photos")]
    [InlineData("ab")]
    [InlineData("evil.example")]
    [InlineData("a-b-c")]
    [InlineData("acct@evil")]
    [InlineData("abcdefghijklmnopqrstuvwxy")]
    public void A_name_that_no_account_has_is_refused(string name) =>
        Assert.NotEmpty(Read(arguments: Account(name)).Faults);

    [Theory]
    [InlineData("http://0.0.0.0:11000")]
    [InlineData("http://192.0.2.1:11000")]
    [InlineData("http://[::]:11000")]
    [InlineData("http://example:11000")]
    [InlineData("https://127.0.0.1:11000")]
    [InlineData("http://127.0.0.1")]
    [InlineData("http://127.0.0.1:11000/x")]
    [InlineData("http://127.0.0.1:99999")]
    [InlineData("127.0.0.1:11000")]
    [InlineData("")]
    public void A_listen_address_that_is_not_loopback_http_with_a_port_is_refused(string listen) =>
        Assert.NotEmpty(Read(null, null, Account("photos"), new Setting("Listen", listen, "--listen")).Faults);

    [Theory]
    [InlineData("http://[::1]:0", "[::1]:0")]
    [InlineData("http://localhost:0", "127.0.0.1:0 [::1]:0")]
    [InlineData("http://127.0.0.2:80/", "127.0.0.2:80")]
    public void Loopback_addresses_are_listened_on(string listen, string endpoint) =>
        Assert.Equal(endpoint, string.Join(' ', Assert.Single(Good(Read(null, null, Account("photos"), new Setting("Listen", listen, "--listen"))).Listen).EndPoints));

    [Fact]
    public void Several_listeners_are_a_list_in_every_source_and_a_later_source_replaces_it()
    {
        const string value = """{ "Listen": "http://127.0.0.1:1" }""";
        const string list = """{ "Listen": [ "http://127.0.0.1:1", "http://[::1]:2" ] }""";
        var variable = new Dictionary<string, string> { ["TOKENBROKER__Listen"] = "http://127.0.0.1:3" };
        var variables = new Dictionary<string, string> { ["TOKENBROKER__Listen__0"] = "http://127.0.0.1:4", ["TOKENBROKER__Listen__1"] = "http://127.0.0.1:5" };

        Assert.Equal("1", Ports(Read(value, null, Account("photos"))));
        Assert.Equal("1 2", Ports(Read(list, null, Account("photos"))));
        Assert.Equal("3", Ports(Read(list, variable, Account("photos"))));
        Assert.Equal("4 5", Ports(Read(value, variables, Account("photos"))));
        Assert.Equal("6 7", Ports(Read(list, variables, Account("photos"),
            new Setting("Listen:0", "http://127.0.0.1:6", "--listen"), new Setting("Listen:1", "http://127.0.0.1:7", "--listen"))));

        static string Ports(ConfigurationResult result) => string.Join(' ', Good(result).Listen.Select(listen => listen.Port));
    }

    [Theory]
    [InlineData("""{ "Listen": [] }""")]
    [InlineData("""{ "Listen": {} }""")]
    [InlineData("""{ "Listen": "" }""")]
    [InlineData("""{ "Listen": [ "" ] }""")]
    [InlineData("""{ "Listen": [ [ "http://127.0.0.1:1" ] ] }""")]
    [InlineData("""{ "Listen": { "Url": "http://127.0.0.1:1" } }""")]
    public void A_list_of_no_listeners_is_a_fault_and_not_the_default(string json) =>
        Assert.NotEmpty(Read(json, null, Account("photos")).Faults);

    [Theory]
    [InlineData("http://127.0.0.1:1", "http://127.0.0.1:1")]
    [InlineData("http://127.0.0.1:1", "http://localhost:1")]
    [InlineData("http://[::1]:1", "http://localhost:1")]
    [InlineData("http://localhost:1", "http://LOCALHOST:1/")]
    [InlineData("http://0.0.0.0:1", "http://127.0.0.1:1")]
    [InlineData("http://[::]:1", "http://127.0.0.1:1")]
    [InlineData("http://[::]:1", "http://0.0.0.0:1")]
    public void Listeners_that_need_the_same_socket_are_a_fault(string one, string other)
    {
        var unsafely = new Setting("Caller:UnsafeAllowNonLoopback", "true", "--unsafe-allow-non-loopback");

        Assert.Contains(Read(null, null, Account("photos"), new Setting("Listen:0", one, "--listen"), new Setting("Listen:1", other, "--listen"), unsafely).Faults,
            fault => fault.Setting == "--listen");
        if (!one.Contains('0', StringComparison.Ordinal))
            Assert.Contains(Read(null, null, Account("photos"), new Setting("Listen", one, "--listen"), new Setting("Admin", other, "--admin")).Faults,
                fault => fault.Setting == "--admin");
    }

    [Fact]
    public void Same_port_on_another_address_and_port_0_twice_are_listeners_of_their_own()
    {
        Assert.Equal(3, Good(Read(null, null, Account("photos"), new Setting("Listen:0", "http://127.0.0.1:1", "--listen"),
            new Setting("Listen:1", "http://[::1]:1", "--listen"), new Setting("Listen:2", "http://127.0.0.2:1", "--listen"))).Listen.Count);
        Assert.Equal(2, Good(Read(null, null, Account("photos"), new Setting("Listen:0", "http://localhost:0", "--listen"),
            new Setting("Listen:1", "http://localhost:0", "--listen"))).Listen.Count);
    }

    [Theory]
    [InlineData("http://127.0.0.1:11000", "http://127.0.0.1:11000")]
    [InlineData("http://localhost:11000", "http://127.0.0.1:11000")]
    [InlineData("http://0.0.0.0:11000", "http://127.0.0.1:11000")]
    [InlineData("http://[::1]:12000 http://127.0.0.2:11000", "http://127.0.0.2:11000")]
    [InlineData("http://[::1]:12000", "http://[::1]:12000")]
    public void Clients_are_told_an_address_that_every_SDK_accepts(string listen, string told)
    {
        var settings = listen.Split(' ').Select((value, index) => new Setting($"Listen:{index}", value, "--listen"));

        Assert.Equal(told, Good(Read(null, null, [Account("photos"), new Setting("Caller:UnsafeAllowNonLoopback", "true", "-"), .. settings])).ClientListener.ToString());
    }

    [Fact]
    public void Beyond_loopback_needs_an_unsafe_option_and_never_holds_for_admin()
    {
        var unsafely = new Setting("Caller:UnsafeAllowNonLoopback", "true", "--unsafe-allow-non-loopback");
        Good(Read(null, null, Account("photos"), new Setting("Listen", "http://0.0.0.0:1", "--listen"), unsafely));
        Assert.NotEmpty(Read(null, null, Account("photos"), new Setting("Admin", "http://0.0.0.0:1", "--admin"), unsafely).Faults);
    }

    [Fact]
    public void Contradictions_are_faults()
    {
        Assert.Contains(Read(null, null, Account("photos"), new Setting("Listen", "http://127.0.0.1:1", "--listen"),
            new Setting("Admin", "http://127.0.0.1:1", "--admin")).Faults, fault => fault.Setting == "--admin");
        Assert.Contains(Read(null, null, Account("photos"), new Setting("Identity", "azure-cli", "--identity"),
            new Setting("MetadataEndpoint", "http://127.0.0.1:1", "--metadata-endpoint")).Faults,
            fault => fault.Cure.Contains("contradicts", StringComparison.Ordinal));
        Assert.Contains(Read(null, null, Account("photos", "https://one.example"), Account("backups", "https://one.example")).Faults,
            fault => fault.Cure.Contains("backups and photos", StringComparison.Ordinal));
    }

    [Fact]
    public void Azures_own_variable_moves_the_metadata_endpoint_and_our_setting_wins_over_it()
    {
        var environment = new Dictionary<string, string> { ["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = "http://127.0.0.1:4" };
        Assert.Equal(4, Good(Read(null, environment, Account("photos"))).Tokens.MetadataEndpoint!.Port);
        Assert.Equal(5, Good(Read(null, environment, Account("photos"),
            new Setting("MetadataEndpoint", "http://127.0.0.1:5", "--metadata-endpoint"))).Tokens.MetadataEndpoint!.Port);
        environment["AZURE_POD_IDENTITY_AUTHORITY_HOST"] = "nonsense";
        Assert.Contains(Read(null, environment, Account("photos")).Faults, fault => fault.Setting == "AZURE_POD_IDENTITY_AUTHORITY_HOST");
    }

    [Theory]
    [InlineData("500ms", 0.5)]
    [InlineData("10s", 10)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    [InlineData("00:00:04", 4)]
    public void Durations_are_read(string text, double seconds)
    {
        Assert.True(SettingReader.TryParseDuration(text, out var value));
        Assert.Equal(seconds, value.TotalSeconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("s")]
    [InlineData("10")]
    [InlineData("-5s")]
    [InlineData("1e3s")]
    [InlineData("10 s")]
    [InlineData("99999999999999999h")]
    [InlineData("NaNs")]
    [InlineData("Infinitys")]
    public void What_is_no_duration_is_not_read(string text) => Assert.False(SettingReader.TryParseDuration(text, out _));

    [Theory]
    [InlineData("system")]
    [InlineData("azure-cli")]
    [InlineData("client-id:11111111-1111-1111-1111-111111111111")]
    [InlineData("object-id:11111111-1111-1111-1111-111111111111")]
    [InlineData("resource-id:/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i")]
    public void Identities_read_as_they_print(string text)
    {
        Assert.True(IdentitySelector.TryParse(text, out var selector));
        Assert.Equal(text, selector.ToString());
    }

    [Theory]
    [InlineData("client-id:")]
    [InlineData("client-id:x")]
    [InlineData("client-id:{11111111-1111-1111-1111-111111111111}")]
    [InlineData("resource-id:/x")]
    [InlineData("resource-id:/subscriptions/s/userAssignedIdentities/i&client_id=x")]
    [InlineData("System")]
    [InlineData("")]
    public void What_is_no_identity_is_not_read(string text) => Assert.False(IdentitySelector.TryParse(text, out _));
}
