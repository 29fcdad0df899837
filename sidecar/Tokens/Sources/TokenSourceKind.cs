namespace TokenBroker.Tokens.Sources;

internal enum TokenSourceKind
{
    Imds,
    AppService,
    ServiceFabric,
    AzureArc,
    AzureMachineLearning,
    CloudShell,
    WorkloadIdentity,
    AzureCli,
}
