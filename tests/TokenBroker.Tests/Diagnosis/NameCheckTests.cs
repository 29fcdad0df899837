using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using TokenBroker.Configuration;
using TokenBroker.Diagnosis.Checks;
using TokenBroker.Upstream;
using Xunit;

namespace TokenBroker.Tests.Diagnosis;

/// <summary>A name that is not there is another matter than a resolver that is not.</summary>
public class NameCheckTests
{
    [Theory]
    [InlineData(SocketError.HostNotFound, "dns-name-unknown")]
    [InlineData(SocketError.NoData, "dns-name-unknown")]
    [InlineData(SocketError.TryAgain, "dns-server-failing")]
    [InlineData(SocketError.NoRecovery, "dns-server-failing")]
    public void Errors_of_the_resolver(SocketError error, string cause) => Assert.Equal(cause, NameCheck.OfError(error).Code);

    [Theory]
    [InlineData("10.0.0.4", "private")]
    [InlineData("172.16.0.1", "private")]
    [InlineData("172.32.0.1", "public")]
    [InlineData("192.168.1.1", "private")]
    [InlineData("100.64.0.1", "private")]
    [InlineData("20.150.0.1", "public")]
    [InlineData("::ffff:10.0.0.4", "private")]
    [InlineData("127.0.0.1", "this host")]
    [InlineData("::1", "this host")]
    [InlineData("fd00::1", "private")]
    [InlineData("2603:1030::1", "public")]
    public void Addresses(string address, string kind) => Assert.Equal(kind, NameCheck.KindOf(IPAddress.Parse(address)));

    [Fact]
    public async Task Address_of_the_sidecar_itself_is_named_and_told_how_to_get_round()
    {
        var listeners = new OwnListeners();
        listeners.Set([new(IPAddress.Loopback, 11000)], []);
        var account = new AccountOptions { Name = "photos", Endpoint = new("https://127.0.0.1:11000") };

        var time = TimeProvider.System;
        var connector = new StorageConnector(new(Dns.GetHostAddressesAsync, time, NullLogger<NameLookup>.Instance), new(time), listeners);

        var own = await NameCheck.RunAsync(account, connector, listeners, CancellationToken.None);
        var around = await NameCheck.RunAsync(account with { ConnectTo = new("127.0.0.1", 443) }, connector, listeners, CancellationToken.None);

        Assert.Equal(("dns-is-sidecar", "Set Accounts:photos:ConnectTo to storage's real address."), (own.Cause.Code, own.WhatToDo));
        Assert.Equal("dns-resolved", around.Cause.Code);
    }

    [Theory]
    [InlineData("photos.blob.core.windows.net", "127.0.0.1", "dns-loopback")]
    [InlineData("photos.blob.core.windows.net", "10.0.0.4", "dns-resolved")]
    [InlineData("localhost", "127.0.0.1", "dns-resolved")]
    public void Accounts_own_name_that_leads_to_this_host_is_a_hosts_entry_and_an_emulators_address_is_not(string host, string address, string cause)
    {
        var account = new AccountOptions { Name = "photos", Endpoint = new($"https://{host}") };

        Assert.Equal(cause, NameCheck.OfAddresses(account, new(host, 443), [IPAddress.Parse(address)], new()).Code);
    }
}
