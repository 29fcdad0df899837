namespace TokenBroker.EndToEnd.ClientMatrix;

/// <summary>A column of the matrix: one way in which applications reach blob storage.</summary>
/// <param name="Column">Its name in the table of docs/clients.md.</param>
/// <param name="Heading">The heading in docs/clients.md under which its lines stand.</param>
internal sealed record Client(string Column, string Heading)
{
    public static readonly Client DotNet = new(".NET", ".NET (Azure.Storage.Blobs)");
    public static readonly Client JavaScript = new("JavaScript", "JavaScript (@azure/storage-blob)");
    public static readonly Client Python = new("Python", "Python (azure-storage-blob)");
    public static readonly Client Az = new("az", "az (Azure CLI)");
    public static readonly Client Ruby = new("Ruby", "Ruby (azure-storage-blob)");
    public static readonly Client Libcloud = new("libcloud", "libcloud");
    public static readonly Client Django = new("Django", "Django");
    public static readonly Client Duplicity = new("duplicity", "duplicity");
    public static readonly Client Curl = new("curl", "curl");
    public static readonly Client Rclone = new("rclone", "rclone");

    public static readonly Client Java = new("Java's HTTP client", "Any client with a connection string (Java)");
    public static readonly Client ObjectStore = new("object_store", "object_store (Polars, LanceDB, delta-rs)");
    public static readonly Client OpenDal = new("OpenDAL", "OpenDAL");
    public static readonly Client Gdal = new("GDAL", "GDAL");
    public static readonly Client MicrosoftAzureStorage = new("Microsoft.Azure.Storage.Blob", OldDotNet);
    public static readonly Client WindowsAzureStorage = new("WindowsAzure.Storage", OldDotNet);
    public static readonly Client AzureStorage = new("azure-storage", "azure-storage (the old package for JavaScript)");

    public static readonly Client PgBackRest = new("pgBackRest", "pgBackRest") { RequiresHttps = true };
    public static readonly Client Barman = new("barman-cloud", "barman-cloud");

    /// <summary>The columns of the first table, in order.</summary>
    public static readonly IReadOnlyList<Client> Common = [DotNet, JavaScript, Python, Ruby, Az, Rclone, Libcloud, Django, Duplicity, Curl];

    /// <summary>The columns of the second table, in order.</summary>
    public static readonly IReadOnlyList<Client> Further = [Java, ObjectStore, OpenDal, Gdal, MicrosoftAzureStorage, WindowsAzureStorage, AzureStorage, PgBackRest, Barman];

    public static readonly IReadOnlyList<Client> All = [.. Common, .. Further];

    private const string OldDotNet = ".NET (the old packages Microsoft.Azure.Storage.Blob and WindowsAzure.Storage)";

    /// <summary>Whether it connects by https only, to the sidecar as well.</summary>
    public bool RequiresHttps { get; init; }

    /// <summary>Its name in the name of a container: letters and digits.</summary>
    public string Id => string.Concat(Column.ToLowerInvariant().Where(char.IsAsciiLetterOrDigit));

    public override string ToString() => Column;
}
