using System.Text.RegularExpressions;
using TokenBroker.Configuration;

namespace TokenBroker.Hosting.Commands;

/// <summary>
/// How a client is pointed at the sidecar: the lines of docs/clients.md. A test compares both, and other tests run the
/// clients with them.
/// </summary>
/// <param name="Name">The client, for <c>--client</c>.</param>
/// <param name="Heading">The heading of its lines in docs/clients.md.</param>
/// <param name="Text">The lines, with <c>ACCOUNT</c>, <c>KEY</c> and the usual address.</param>
internal sealed partial record ClientLines(string Name, string Heading, string Text)
{
    /// <summary>A dummy that gives no access; SDKs need a key.</summary>
    public const string DummyKey = "dGhpcyBrZXkgb3BlbnMgbm90aGluZw==";

    private const string Emulator = "emulator";
    private const string EmulatorAccount = "devstoreaccount1";
    private const int EmulatorPort = 10000;

    private const string Address = "http://127.0.0.1:11000";
    private const string ConnectionString = $"DefaultEndpointsProtocol=http;AccountName=ACCOUNT;AccountKey=KEY;BlobEndpoint={Address}/ACCOUNT;";
    private const string SasUrl = $"{Address}/ACCOUNT?sv=2021-06-08&ss=b&srt=sco&sp=rwdlac&se=2030-01-01T00:00:00Z&sig=AAAA";

    public static IReadOnlyList<ClientLines> All { get; } =
    [
        new("connection-string", "Any client with a connection string (Java)", $"""
            {ConnectionString}

            """),
        new("dotnet", ".NET (Azure.Storage.Blobs)", $"""
            using Azure.Storage.Blobs;

            var service = new BlobServiceClient("{ConnectionString}");

            """),
        new("js", "JavaScript (@azure/storage-blob)", $$"""
            import { BlobServiceClient } from "@azure/storage-blob";

            const service = BlobServiceClient.fromConnectionString("{{ConnectionString}}");

            """),
        new("python", "Python (azure-storage-blob)", $"""
            from azure.storage.blob import BlobServiceClient

            service = BlobServiceClient.from_connection_string("{ConnectionString}")

            """),
        new("ruby", "Ruby (azure-storage-blob)", $"""
            require 'tempfile' # the library forgets to
            require 'azure/storage/blob'

            service = Azure::Storage::Blob::BlobService.create(
              storage_account_name: 'ACCOUNT', storage_access_key: 'KEY', storage_blob_host: '{Address}/ACCOUNT')

            """),
        new("az", "az (Azure CLI)", $"""
            export AZURE_STORAGE_CONNECTION_STRING='{ConnectionString}'

            """),
        new("rclone", "rclone", $"""
            [REMOTE]
            type = azureblob
            sas_url = {SasUrl}

            """),
        new("restic", "restic", $"""
            export RCLONE_CONFIG_REMOTE_TYPE='azureblob'
            export RCLONE_CONFIG_REMOTE_SAS_URL='{SasUrl}'
            export RESTIC_REPOSITORY='rclone:REMOTE:container'

            """),
        new("libcloud", "libcloud", """
            from libcloud.storage.providers import get_driver
            from libcloud.storage.types import Provider

            driver = get_driver(Provider.AZURE_BLOBS)(key="ACCOUNT", secret="KEY", secure=False, host="127.0.0.1", port=11000)

            """),
        new("django", "Django", $"""
            AZURE_CONTAINER = "pictures"
            AZURE_CONNECTION_STRING = "{ConnectionString}"
            AZURE_ACCOUNT_NAME = "ACCOUNT"
            AZURE_ACCOUNT_KEY = "KEY"

            """),
        new("duplicity", "duplicity", $"""
            export AZURE_CONNECTION_STRING='{ConnectionString}'
            duplicity --no-encryption photos azure://container

            """),
        new("curl", "curl", $"""
            storage={Address}/ACCOUNT
            curl -f -H 'x-ms-version: 2021-12-02' -H 'x-ms-blob-type: BlockBlob' -T photo.jpg "$storage/container/photo.jpg"
            curl -f -H 'x-ms-version: 2021-12-02' -o copy.jpg "$storage/container/photo.jpg"

            """),
        new("object_store", "object_store (Polars, LanceDB, delta-rs)", $$"""
            {
              "azure_storage_account_name": "ACCOUNT",
              "azure_storage_account_key": "KEY",
              "azure_storage_endpoint": "{{Address}}/ACCOUNT",
              "allow_http": "true"
            }

            """),
        new("opendal", "OpenDAL", $$"""
            import { Operator } from "opendal";

            const operator = new Operator("azblob", {
              endpoint: "{{Address}}/ACCOUNT",
              account_name: "ACCOUNT",
              account_key: "KEY",
              container: "container",
            });

            """),
        new("gdal", "GDAL", $"""
            export AZURE_STORAGE_CONNECTION_STRING='{ConnectionString}'

            """),
        new("dotnet-old", ".NET (the old packages Microsoft.Azure.Storage.Blob and WindowsAzure.Storage)", $"""
            using Microsoft.Azure.Storage; // Microsoft.WindowsAzure.Storage
            using Microsoft.Azure.Storage.Blob; // Microsoft.WindowsAzure.Storage.Blob

            var client = CloudStorageAccount.Parse("{ConnectionString}").CreateCloudBlobClient();

            """),
        new("azure-storage", "azure-storage (the old package for JavaScript)", $"""
            import storage from "azure-storage";

            const service = storage.createBlobService("{ConnectionString}");

            """),
        new("pgbackrest", "pgBackRest", """
            [global]
            repo1-type=azure
            repo1-path=/
            repo1-azure-account=ACCOUNT
            repo1-azure-key=KEY
            repo1-azure-container=container
            repo1-azure-uri-style=path
            repo1-storage-host=localhost
            repo1-storage-port=11000
            repo1-storage-ca-file=authority.pem

            """),
        new("barman", "barman-cloud", $"""
            export AZURE_STORAGE_CONNECTION_STRING='{ConnectionString}'
            barman-cloud-backup --cloud-provider azure-blob-storage {Address}/ACCOUNT/container main

            """),
        new(Emulator, "Tools that only know the storage emulator", """
            UseDevelopmentStorage=true

            """),
    ];

    /// <summary>The lines with the account, the address and the key filled in.</summary>
    /// <param name="account">The account's name.</param>
    /// <param name="listen">Where the sidecar listens.</param>
    /// <param name="hasCallerKey">True leaves <c>KEY</c>, because a real key is not printed.</param>
    public string Fill(string account, ListenAddress listen, bool hasCallerKey)
    {
        var reachable = listen.ToReachable();
        var text = AccountWord().Replace(Text, account)
            .Replace(Address, reachable.ToString(), StringComparison.Ordinal)
            .Replace("repo1-storage-host=localhost\nrepo1-storage-port=11000",
                $"repo1-storage-host={(reachable.IsLoopback ? "localhost" : reachable.Address)}\nrepo1-storage-port={listen.Port}", StringComparison.Ordinal)
            .Replace("DefaultEndpointsProtocol=http;", $"DefaultEndpointsProtocol={listen.Scheme};", StringComparison.Ordinal)
            .Replace("secure=False, host=\"127.0.0.1\", port=11000",
                $"secure={(listen.IsHttps ? "True" : "False")}, host=\"{reachable.Address}\", port={listen.Port}", StringComparison.Ordinal);
        return hasCallerKey ? text : KeyWord().Replace(text, DummyKey);
    }

    /// <summary>
    /// How the sidecar must be started for this client, if this differs from the given settings; otherwise null.
    /// </summary>
    /// <param name="account">The account that the lines are for.</param>
    /// <param name="listen">Where the sidecar listens.</param>
    public string? Demand(AccountOptions account, ListenAddress listen) => Name switch
    {
        "pgbackrest" when !listen.IsHttps => "pgBackRest uses only https. Let the sidecar listen on https://, with --tls-cert and --tls-key.",
        Emulator when account.Name != EmulatorAccount || listen.Port != EmulatorPort || listen.IsHttps =>
            $"These tools connect to http://127.0.0.1:{EmulatorPort}/{EmulatorAccount}. Start the sidecar with --listen http://127.0.0.1:{EmulatorPort} --account {EmulatorAccount}={account.Endpoint.AbsoluteUri.TrimEnd('/')}",
        _ => null,
    };

    // Only whole words: AZURE_ACCOUNT_NAME is not changed.
    [GeneratedRegex(@"\bACCOUNT\b")]
    private static partial Regex AccountWord();

    [GeneratedRegex(@"\bKEY\b")]
    private static partial Regex KeyWord();
}
