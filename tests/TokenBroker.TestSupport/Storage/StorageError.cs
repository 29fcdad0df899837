using System.Globalization;
using System.Security;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace TokenBroker.TestSupport.Storage;

/// <summary>An error as storage writes it: code in a header and, but for HEAD, an XML body after a byte order mark.</summary>
internal sealed record StorageError(int Status, string Code, string Message, string? Detail = null)
{
    private const string SeeHeader = "Server failed to authenticate the request. Please refer to the information in the www-authenticate header.";
    private const string CheckHeader = "Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.";

    /// <summary>Tells the client where tokens come from; on every 401.</summary>
    public bool Challenges => Status == StatusCodes.Status401Unauthorized;

    public static StorageError NoAuthenticationInformation { get; } = new(401, "NoAuthenticationInformation", SeeHeader);

    public static StorageError MalformedAuthorization { get; } = new(400, "InvalidAuthenticationInfo",
        "Authentication information is not given in the correct format. Check the value of Authorization header.");

    public static StorageError InvalidHeader { get; } = new(400, "InvalidHeaderValue", "The value for one of the HTTP headers is not in the correct format.");

    public static StorageError MissingHeader { get; } = new(400, "MissingRequiredHeader", "An HTTP header that's mandatory for this request is not specified.");

    public static StorageError WrongBlobType { get; } = new(409, "InvalidBlobType", "The blob type is invalid for this operation.");

    public static StorageError InvalidPageRange { get; } = new(416, "InvalidPageRange", "The page range specified is invalid.");

    public static StorageError InvalidToken(string detail) => new(401, "InvalidAuthenticationInfo", SeeHeader, detail);

    public static StorageError AuthenticationFailed(string detail) => new(403, "AuthenticationFailed", CheckHeader, detail);

    public static StorageError NotFound(string code) => new(404, code, code switch
    {
        "ContainerNotFound" => "The specified container does not exist.",
        "BlobNotFound" => "The specified blob does not exist.",
        _ => "The specified resource does not exist.",
    });

    /// <summary>The source of a copy cannot be read, for the reason of this status.</summary>
    public static StorageError CopySource(int status) => new(status, "CannotVerifyCopySource", status switch
    {
        401 => SeeHeader,
        403 => CheckHeader,
        _ => "The specified resource does not exist.",
    });

    public static StorageError Conflict(string code, string message) => new(409, code, message);

    public static StorageError Invalid(string code, string message) => new(400, code, message);

    public async Task WriteAsync(HttpContext context)
    {
        var response = context.Response;
        response.StatusCode = Status;
        response.Headers["x-ms-error-code"] = Code;
        if (Challenges)
            response.Headers.WWWAuthenticate = "Bearer authorization_uri=https://login.microsoftonline.com/11111111-2222-3333-4444-555555555555/oauth2/authorize resource_id=https://storage.azure.com";
        if (HttpMethods.IsHead(context.Request.Method) || Status == StatusCodes.Status304NotModified)
            return;

        var body = Body(response.Headers["x-ms-request-id"].ToString());
        response.ContentType = "application/xml";
        response.ContentLength = body.Length;
        await response.Body.WriteAsync(body);
    }

    private byte[] Body(string requestId)
    {
        var time = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
        var detail = Detail is null ? "" : $"<AuthenticationErrorDetail>{SecurityElement.Escape(Detail)}</AuthenticationErrorDetail>";
        var xml = $"<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{Code}</Code><Message>{SecurityElement.Escape(Message)}\nRequestId:{requestId}\nTime:{time}</Message>{detail}</Error>";
        // Clients that do not expect the mark have failed on it: hence the stub sends it always.
        return [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(xml)];
    }
}
