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

    /// <summary>In the order of the table.</summary>
    public static readonly IReadOnlyList<Client> All = [DotNet, JavaScript, Python, Ruby, Az, Rclone, Libcloud, Django, Duplicity, Curl];

    public override string ToString() => Column;
}
