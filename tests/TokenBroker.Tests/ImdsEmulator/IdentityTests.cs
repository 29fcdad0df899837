using TokenBroker.Imds;
using TokenBroker.Imds.Identities;
using Xunit;

namespace TokenBroker.Tests.Emulator;

public sealed class IdentityTests
{
    private static readonly EmulatedIdentity Machine = EmulatedIdentity.System();
    private static readonly EmulatedIdentity Backup = EmulatedIdentity.User("backup");
    private static readonly EmulatedIdentity Media = EmulatedIdentity.User("media", clientId: Guid.NewGuid());

    [Fact]
    public async Task Without_a_selector_the_system_assigned_identity_speaks() =>
        Assert.Equal(Machine.ClientId.ToString(), (await AskAsync([Backup, Machine, Media], "")).Text("client_id"));

    [Fact]
    public async Task Without_a_selector_the_only_user_assigned_identity_speaks() =>
        Assert.Equal(Backup.ClientId.ToString(), (await AskAsync([Backup], "")).Text("client_id"));

    [Fact]
    public async Task Two_user_assigned_identities_and_no_system_assigned_one_make_a_selector_necessary()
    {
        var reply = await AskAsync([Backup, Media], "");

        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
        Assert.Equal("Multiple user assigned identities exist, please specify the clientId / resourceId of the identity in the token request", reply.Description);
    }

    [Fact]
    public async Task A_machine_without_identities_finds_none()
    {
        var reply = await AskAsync([], "");

        Assert.Equal((400, """{"error":"invalid_request","error_description":"Identity not found"}"""), (reply.Status, reply.Body));
    }

    public static TheoryData<string> Selectors =>
    [
        $"&client_id={Media.ClientId}", $"&client_id={Media.ClientId.ToString().ToUpperInvariant()}", $"&object_id={Media.ObjectId}",
        $"&msi_res_id={Media.ResourceId}", $"&msi_res_id={Uri.EscapeDataString(Media.ResourceId)}", $"&msi-res-id={Media.ResourceId.ToUpperInvariant()}",
    ];

    [Theory]
    [MemberData(nameof(Selectors))]
    public async Task Each_kind_of_selector_chooses_its_identity(string selector)
    {
        var reply = await AskAsync([Machine, Backup, Media], selector);

        Assert.Equal(Media.ClientId.ToString(), reply.Text("client_id"));
    }

    [Theory]
    [InlineData("&client_id=00000000-0000-0000-0000-000000000001")]
    [InlineData("&client_id=backup")]
    [InlineData("&client_id=")]
    [InlineData("&object_id=00000000-0000-0000-0000-000000000001")]
    [InlineData("&msi_res_id=/subscriptions/none")]
    public async Task An_identity_that_is_not_assigned_is_not_found(string selector)
    {
        var reply = await AskAsync([Machine, Backup], selector);

        Assert.Equal((400, "invalid_request", "Identity not found"), (reply.Status, reply.Error, reply.Description));
    }

    [Fact]
    public async Task A_client_id_is_not_taken_for_an_object_id() =>
        Assert.Equal(400, (await AskAsync([Machine, Backup], $"&object_id={Backup.ClientId}")).Status);

    [Fact]
    public async Task Two_selectors_are_refused_even_when_they_agree()
    {
        var reply = await AskAsync([Machine, Backup], $"&client_id={Backup.ClientId}&object_id={Backup.ObjectId}");

        Assert.Equal((400, "invalid_request"), (reply.Status, reply.Error));
    }

    [Theory]
    [InlineData("principal_id")]
    [InlineData("mi_res_id")]
    public async Task The_names_that_App_Service_uses_mean_nothing_here(string parameter) =>
        Assert.Equal(Machine.ClientId.ToString(), (await AskAsync([Machine, Backup], $"&{parameter}={Backup.ObjectId}")).Text("client_id"));

    [Fact]
    public void The_ids_of_a_name_are_the_same_in_every_run()
    {
        Assert.Equal(EmulatedIdentity.User("backup"), Backup);
        Assert.NotEqual(Media.ObjectId, Backup.ObjectId);
        Assert.NotEqual(Backup.ClientId, Backup.ObjectId);
    }

    [Fact]
    public async Task Identities_that_cannot_be_told_apart_are_refused_at_the_start()
    {
        var options = new ImdsEmulatorOptions { Identities = [Machine, EmulatedIdentity.System("other"), Backup, Backup] };

        var refused = await Assert.ThrowsAsync<ArgumentException>(() => ImdsEmulator.StartAsync(options));

        Assert.Contains("'system' is given twice", refused.Message);
        Assert.Contains("'backup' is given twice", refused.Message);
    }

    private static async Task<Reply> AskAsync(EmulatedIdentity[] identities, string selector)
    {
        await using var emulator = await ImdsEmulator.StartAsync(new() { Identities = identities });
        using var client = new EmulatorClient(emulator);
        return await client.TokenAsync(selector);
    }
}
