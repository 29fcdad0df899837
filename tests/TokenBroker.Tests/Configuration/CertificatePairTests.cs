using TokenBroker.Configuration;
using TokenBroker.Configuration.Reading;
using TokenBroker.TestSupport;
using TokenBroker.TestSupport.Network;
using Xunit;

namespace TokenBroker.Tests.Configuration;

public sealed class CertificatePairTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();
    private readonly Certificates _certificates = Certificates.Create();
    private readonly CertificateFiles _files;

    public CertificatePairTests() => _files = _certificates.WriteTo(_directory.Path);

    public void Dispose()
    {
        _certificates.Dispose();
        _directory.Dispose();
    }

    private static ConfigurationResult Read(string listen, string? certificate, string? key)
    {
        List<Setting> settings = [new("Accounts:photos", "", "--account"), new("Listen", listen, "--listen")];
        if (certificate is not null)
            settings.Add(new("Tls:Certificate", certificate, "--tls-cert"));
        if (key is not null)
            settings.Add(new("Tls:Key", key, "--tls-key"));
        return BrokerConfiguration.Read(settings, null, new ProcessEnvironment([]));
    }

    [Fact]
    public void Two_files_or_one_that_holds_both_make_an_https_listener()
    {
        var both = _directory.File("both.pem");
        File.WriteAllText(both, _certificates.ServerPem + "\n" + _certificates.ServerKeyPem);

        Assert.Equal(new CertificatePair(_files.Server, _files.ServerKey), Read("https://127.0.0.1:0", _files.Server, _files.ServerKey).Options!.Certificate);
        Assert.Equal(new CertificatePair(both, both), Read("https://127.0.0.1:0", both, null).Options!.Certificate);
    }

    [Theory]
    [InlineData("https://127.0.0.1:0", null, null, "https needs a certificate")]
    [InlineData("http://127.0.0.1:0", "server.pem", "server.key", "write https there")]
    [InlineData("https://127.0.0.1:0", null, "server.key", "the certificate for this key is missing")]
    [InlineData("https://127.0.0.1:0", "server.pem", null, "do not belong together")]
    [InlineData("https://127.0.0.1:0", "server.key", "server.pem", "do not belong together")]
    [InlineData("https://127.0.0.1:0", "authority.pem", "server.key", "do not belong together")]
    [InlineData("https://127.0.0.1:0", "nothing.pem", "server.key", "cannot be read")]
    [InlineData("https://127.0.0.1:0", "server.pem", "nothing.key", "cannot be read")]
    public void What_cannot_greet_a_client_is_a_fault(string listen, string? certificate, string? key, string cure)
    {
        string? At(string? name) => name is null ? null : _directory.File(name);

        var fault = Assert.Single(Read(listen, At(certificate), At(key)).Faults, fault => fault.Cure.Contains(cure, StringComparison.Ordinal));
        Assert.StartsWith("--", fault.Setting, StringComparison.Ordinal);
    }

    [Fact]
    public void The_admin_listener_stays_http() =>
        Assert.Contains(BrokerConfiguration.Read(
            [new("Accounts:photos", "", "--account"), new("Admin", "https://127.0.0.1:0", "--admin")], null, new ProcessEnvironment([])).Faults,
            fault => fault.Cure.Contains("supports only http", StringComparison.Ordinal));
}
