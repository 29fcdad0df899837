using TokenBroker.Local;
using TokenBroker.Local.Processes;
using Xunit;

namespace TokenBroker.EndToEnd.Environments;

/// <summary>What of the caller's environment reaches the children, and what does not.</summary>
public class EnvironmentVariablesTests
{
    [Theory]
    [InlineData("IDENTITY_ENDPOINT")]
    [InlineData("MSI_SECRET")]
    [InlineData("IMDS_ENDPOINT")]
    [InlineData("AZURE_CLIENT_ID")]
    [InlineData("TOKENBROKER__Listen")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    [InlineData("ASPNETCORE_URLS")]
    [InlineData("DOTNET_URLS")]
    [InlineData("https_proxy")]
    [InlineData("NO_PROXY")]
    [InlineData("NODE_EXTRA_CA_CERTS")]
    public void Variable_that_leads_elsewhere_is_removed(string name) => Assert.True(EnvironmentVariables.IsRemoved(name));

    [Theory]
    [InlineData("PATH")]
    [InlineData("HOME")]
    [InlineData("TMPDIR")]
    [InlineData("DOTNET_ROOT")]
    [InlineData("SSL_CERT_FILE")]
    [InlineData("SystemRoot")]
    public void Variable_that_programs_need_stays(string name) => Assert.False(EnvironmentVariables.IsRemoved(name));

    [Fact]
    public void Arc_agent_is_one_sentence()
    {
        var agent = Path.GetTempFileName();
        try
        {
            var exception = Assert.Throws<LocalEnvironmentException>(() => AzureArc.ThrowIfInstalled(agent));
            Assert.Contains($"The Azure Arc agent is installed here ({agent})", exception.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(agent);
        }
    }
}
