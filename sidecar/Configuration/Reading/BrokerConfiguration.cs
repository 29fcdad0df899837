namespace TokenBroker.Configuration.Reading;

/// <summary>
/// Turns settings into <see cref="BrokerOptions"/> by one walk over the whole tree, so that every fault is reported at
/// once: unknown and misplaced keys, values that cannot be read, and settings that contradict each other.
/// </summary>
internal static class BrokerConfiguration
{
    /// <param name="commandLine">Settings that win over all others.</param>
    /// <param name="file">The file of <c>--config</c>; null if there is none.</param>
    /// <param name="environment">The variables.</param>
    /// <param name="earlier">Faults that were found before.</param>
    /// <param name="needsAccount">False for commands that need no account, such as asking the admin listener.</param>
    /// <param name="toRun">False for commands that only print: the settings need not be sufficient to run, for example https without a certificate.</param>
    public static ConfigurationResult Read(
        IEnumerable<Setting> commandLine, string? file, ProcessEnvironment environment,
        IEnumerable<ConfigurationFault>? earlier = null, bool needsAccount = true, bool toRun = true)
    {
        var faults = new List<ConfigurationFault>(earlier ?? []);
        var settings = SettingSources.Merge(
            faults,
            file is null ? [] : SettingSources.FromFile(file, faults),
            SettingSources.FromEnvironment(environment),
            commandLine);
        var reader = new SettingReader(settings, faults);
        var options = Walk(reader, environment, faults);
        foreach (var setting in reader.Untaken())
            faults.Add(new(setting.Origin, null, UnknownSetting.Cure(setting.Key))); // its value may be a key or a SAS
        if (options.Accounts.Count == 0 && needsAccount && !faults.Any(AccountSettings.IsOfName))
            faults.Add(new("--account", null, "add at least one storage account, as in --account NAME"));
        if (faults.Count == 0 && toRun)
            OptionRules.Check(options, faults);
        return new(faults.Count == 0 ? options : null, faults);
    }

    private static BrokerOptions Walk(SettingReader reader, ProcessEnvironment environment, List<ConfigurationFault> faults)
    {
        var defaults = new BrokerOptions { Accounts = [] };
        var upstream = ReadUpstream(reader);
        var identity = ReadIdentity(reader, "Identity", IdentitySelector.System);
        return defaults with
        {
            Accounts = AccountSettings.Read(reader, identity, upstream.UnsafeAllowHttp),
            Listen = ReadListeners(reader, defaults.Listen),
            Admin = ReadListen(reader, "Admin", defaults.Admin),
            HealthListen = reader.Read<ListenAddress?>("HealthListen", null, (string text, out ListenAddress? value, out string problem) => ListenAddress.TryParse(text, out value, out problem)),
            Certificate = CertificateSettings.Read(reader),
            Hosts = ReadHosts(reader),
            Caller = new()
            {
                Keys = ReadCallerKeys(reader, faults),
                UnsafeAllowMissingVersion = reader.ReadSwitch("Caller:UnsafeAllowMissingVersion"),
                UnsafeAllowNonLoopback = reader.ReadSwitch("Caller:UnsafeAllowNonLoopback"),
            },
            Tokens = ReadTokens(reader, environment, defaults.Tokens),
            Upstream = upstream,
            MaxConnections = reader.ReadCount("MaxConnections", defaults.MaxConnections, 1, 1_000_000),
            MaxRequests = reader.ReadCount("MaxRequests", defaults.MaxRequests, 1, 1_000_000),
            MaxBufferedBytes = reader.ReadCount("MaxBufferedBytes", 0, 1024 * 1024, int.MaxValue) is var buffered and > 0 ? buffered : null,
            DrainMin = reader.ReadDuration("DrainMin", defaults.DrainMin, TimeSpan.Zero, TimeSpan.FromHours(1)),
            DrainMax = reader.ReadDuration("DrainMax", defaults.DrainMax, TimeSpan.Zero, TimeSpan.FromHours(24)),
            LogLevel = reader.Read("LogLevel", defaults.LogLevel, ParseLogLevel),
            JsonLog = reader.Read("LogFormat", defaults.JsonLog, ParseLogFormat),
            Audit = reader.ReadSwitch("Audit", reader.Has("Audit:WhenFull")),
            AuditWhenFull = reader.Read("Audit:WhenFull", defaults.AuditWhenFull, ParseAuditWhenFull),
            ExitWithStdin = reader.ReadSwitch("ExitWithStdin"),
        };
    }

    private static CallerKeys? ReadCallerKeys(SettingReader reader, List<ConfigurationFault> faults)
    {
        if (reader.Take("Caller:KeyFile") is not { } setting)
            return null;
        if (!CallerKeys.TryRead(setting.Value, out var keys, out var problem))
            faults.Add(new(setting.Origin, null, problem)); // its value may be the key
        return keys;
    }

    private static UpstreamOptions ReadUpstream(SettingReader reader)
    {
        var defaults = new UpstreamOptions();
        var (least, most) = (TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(24));
        return new()
        {
            CertificateAuthorityFile = reader.Read<string?>("Upstream:CertificateAuthority", null, ParsePemFile),
            ConnectTimeout = reader.ReadDuration("Upstream:ConnectTimeout", defaults.ConnectTimeout, least, most),
            ConnectionLifetime = reader.ReadDuration("Upstream:ConnectionLifetime", defaults.ConnectionLifetime, least, most),
            IdleTimeout = reader.ReadDuration("Upstream:IdleTimeout", defaults.IdleTimeout, least, most),
            ActivityTimeout = reader.ReadDuration("Upstream:ActivityTimeout", defaults.ActivityTimeout, least, most),
            ChunkedUploadLimit = reader.ReadCount("Upstream:ChunkedUploadLimit", defaults.ChunkedUploadLimit, 0, 256 * 1024 * 1024),
            UnsafeAllowHttp = reader.ReadSwitch("Upstream:UnsafeAllowHttp"),
        };
    }

    private static TokenOptions ReadTokens(SettingReader reader, ProcessEnvironment environment, TokenOptions defaults)
    {
        // Azure's libraries honour this variable, so a user expects us to; our own setting takes precedence because it is
        // more explicit.
        const string PodHost = "AZURE_POD_IDENTITY_AUTHORITY_HOST";
        var endpoint = reader.Read<Uri?>("MetadataEndpoint", null, ParseMetadataEndpoint);
        if (endpoint is null && environment[PodHost] is { } host && !ParseMetadataEndpoint(host, out endpoint, out var problem))
            reader.Fault(new("", host, PodHost), problem);
        return defaults with
        {
            MetadataEndpoint = endpoint,
            AttemptTimeout = reader.ReadDuration(
                "Tokens:AttemptTimeout", defaults.AttemptTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(2)),
            FirstTokenWait = reader.ReadDuration(
                "Tokens:FirstTokenWait", defaults.FirstTokenWait, TimeSpan.Zero, TimeSpan.FromMinutes(10)),
        };
    }

    internal static IdentitySelector ReadIdentity(SettingReader reader, string key, IdentitySelector fallback) =>
        reader.Read(key, fallback, (string text, out IdentitySelector value, out string problem) =>
        {
            problem = $"write {IdentitySelector.Forms}";
            var parsed = IdentitySelector.TryParse(text, out var selector);
            value = selector ?? fallback;
            return parsed;
        });

    private static ListenAddress ReadListen(SettingReader reader, string key, ListenAddress fallback) =>
        reader.Read(key, fallback, (string text, out ListenAddress value, out string problem) =>
        {
            var parsed = ListenAddress.TryParse(text, out var address, out problem);
            value = address ?? fallback;
            return parsed;
        });

    private static IReadOnlyList<ListenAddress> ReadListeners(SettingReader reader, IReadOnlyList<ListenAddress> fallback)
    {
        var listeners = new List<ListenAddress>();
        foreach (var setting in reader.TakeList("Listen"))
        {
            if (ListenAddress.TryParse(setting.Value, out var address, out var problem))
                listeners.Add(address);
            else
                reader.Fault(setting, problem);
        }

        return listeners.Count > 0 ? listeners : fallback;
    }

    private static List<string> ReadHosts(SettingReader reader)
    {
        var hosts = new List<string>();
        foreach (var setting in reader.TakeList("Hosts"))
        {
            var colon = setting.Value.LastIndexOf(':');
            var name = colon < 0 ? setting.Value : setting.Value[..colon];
            var portIsGood = colon < 0 || (ushort.TryParse(setting.Value.AsSpan(colon + 1), out var port) && port > 0);
            if (portIsGood && Uri.CheckHostName(name) is UriHostNameType.Dns or UriHostNameType.IPv4)
                hosts.Add(setting.Value);
            else
                reader.Fault(setting, "write one host name as callers send it, NAME or NAME:PORT; wildcards are not supported");
        }

        return hosts;
    }

    private static bool ParseMetadataEndpoint(string text, out Uri? value, out string problem)
    {
        problem = "give only the base address, as in http://169.254.169.254";
        return Uri.TryCreate(text, UriKind.Absolute, out value)
            && value.Scheme == Uri.UriSchemeHttp
            && value is { PathAndQuery: "/", Fragment: "", UserInfo: "" };
    }

    private static bool ParsePemFile(string text, out string? value, out string problem)
    {
        value = text;
        return CertificateFile.TryRead(text, out _, out problem);
    }

    private static bool ParseLogFormat(string text, out bool value, out string problem)
    {
        problem = "write text or json";
        value = text.Equals("json", StringComparison.OrdinalIgnoreCase);
        return value || text.Equals("text", StringComparison.OrdinalIgnoreCase);
    }

    private static bool ParseAuditWhenFull(string text, out AuditWhenFull value, out string problem)
    {
        problem = "write drop or refuse";
        value = text.Equals("refuse", StringComparison.OrdinalIgnoreCase) ? AuditWhenFull.Refuse : AuditWhenFull.Drop;
        return value == AuditWhenFull.Refuse || text.Equals("drop", StringComparison.OrdinalIgnoreCase);
    }

    private static bool ParseLogLevel(string text, out LogLevel value, out string problem)
    {
        problem = "write trace, debug, information, warning or error";
        value = Enum.GetValues<LogLevel>().FirstOrDefault(
            level => level.ToString().Equals(text, StringComparison.OrdinalIgnoreCase), LogLevel.None);
        return value is >= LogLevel.Trace and <= LogLevel.Error;
    }
}
