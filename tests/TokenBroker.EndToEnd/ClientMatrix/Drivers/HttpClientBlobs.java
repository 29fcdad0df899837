import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.*;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import static java.nio.charset.StandardCharsets.UTF_8;

/**
 * java.net.http.HttpClient, as it is by default, with the requests that Azure's library for Java sends: signed with the key
 * of the connection string in docs/clients.md. By plain http the client offers HTTP/2 with each request ("Upgrade: h2c").
 */
public class HttpClientBlobs {
    static final String[] NAMES = {"a space", "a+b", "100%", "50%2Fhalf", "a#b", "a?b=c", "grün/日本", "a//b", "trailing.", "a&b=c;d@e:f$g,h'(i)!j*k~l", "list/[x]"};
    static final String CONTAINER = System.getenv("MATRIX_CONTAINER");
    static final Map<String, String> SETTINGS = Arrays.stream(System.getenv("MATRIX_LINES").strip().split(";"))
        .map(pair -> pair.split("=", 2)).collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    static final String ACCOUNT = SETTINGS.get("AccountName");

    interface Operation {
        Map<String, Object> run() throws Exception;
    }

    static HttpClient client;

    public static void main(String[] arguments) throws Exception {
        client = client();
        print("create", () -> result("made", send("PUT", "", "restype=container", null, "x-ms-meta-purpose: matrix"),
            "head", send("HEAD", "", "restype=container", null), "again", send("PUT", "", "restype=container", null)));
        print("put-get", () -> result("put", put("put-get", content(100_000), "x-ms-meta-Colour: blue", "x-ms-blob-content-type: text/x-matrix", "x-ms-blob-cache-control: no-store"),
            "get", send("GET", "put-get", "", null), "same", Arrays.equals(read("put-get"), content(100_000))));
        print("range", () -> result("put", put("range", content(50_000)), "get", send("GET", "range", "", null, "x-ms-range: bytes=1000-5999")));
        print("staged", HttpClientBlobs::staged);
        print("list", HttpClientBlobs::list);
        print("delete", () -> result("put", put("delete", content(10)), "first", send("DELETE", "delete", "", null), "again", send("DELETE", "delete", "", null)));
        print("snapshot", () -> result("put", put("snapshot", content(10)), "taken", send("PUT", "snapshot", "comp=snapshot", null), "only", send("DELETE", "snapshot", "", null)));
        print("lease", () -> result("put", put("lease", content(10)), "taken", send("PUT", "lease", "comp=lease", null, "x-ms-lease-action: acquire", "x-ms-lease-duration: 15"),
            "without", put("lease", content(10)), "broken", send("PUT", "lease", "comp=lease", null, "x-ms-lease-action: break", "x-ms-lease-break-period: 0")));
        print("conditional", () -> result("put", put("conditional", content(10)), "exists", put("conditional", content(10), "If-None-Match: *"),
            "wrong", send("GET", "conditional", "", null, "If-Match: \"0x123\"")));
        print("append", () -> result("made", send("PUT", "append", "", null, "x-ms-blob-type: AppendBlob"), "one", send("PUT", "append", "comp=appendblock", bytes("one ")),
            "two", send("PUT", "append", "comp=appendblock", bytes("two")), "read", text(read("append"))));
        print("names", HttpClientBlobs::names);
        print("name-dot-dot", () -> failing(put("dots/kept/../gone", content(10))));
        print("copy", () -> result("source", put("copy/a source", content(3000)), "copied", send("PUT", "copy/target", "", null, "x-ms-copy-source: " + address("copy/a source", "")),
            "read", send("GET", "copy/target", "", null)));
        print("account-info", () -> result("head", send("HEAD", null, "restype=account&comp=properties", null)));
        print("batch", HttpClientBlobs::batch);
        print("chunked", HttpClientBlobs::chunked);
    }

    static Map<String, Object> staged() throws Exception {
        byte[] data = content(70 << 20);
        var answers = new ArrayList<Object>();
        var ids = new StringBuilder();
        for (int block = 0; block < 7; block++) {
            String id = Base64.getEncoder().encodeToString(new byte[] {'0', '0', (byte) ('A' + block)});
            ids.append("<Latest>").append(id).append("</Latest>");
            answers.add(send("PUT", "staged", "blockid=" + id + "&comp=block", Arrays.copyOfRange(data, block * (10 << 20), (block + 1) * (10 << 20))).get("status"));
        }
        answers.add(send("PUT", "staged", "comp=blocklist", bytes("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>" + ids + "</BlockList>")).get("status"));
        return result("answers", answers, "same", Arrays.equals(read("staged"), data), "deleted", send("DELETE", "staged", "", null));
    }

    static Map<String, Object> list() throws Exception {
        for (String name : List.of("list/a", "list/b", "list/deep/c")) put(name, content(4));
        String page = text(exchange("GET", "", "comp=list&maxresults=2&prefix=list%2F&restype=container", null).body());
        String folders = text(exchange("GET", "", "comp=list&delimiter=%2F&prefix=list%2F&restype=container", null).body());
        return result("page", matches(page, "<Name>(.*?)</Name>"), "more", page.contains("<NextMarker>list"), "folders", matches(folders, "<Name>(.*?)</Name>"));
    }

    static Map<String, Object> names() throws Exception {
        var same = new TreeMap<String, Object>();
        for (String name : NAMES) {
            put(name, bytes(name));
            same.put(name, Arrays.equals(read(name), bytes(name)));
        }
        return result("same", same);
    }

    /** As the library writes it: without the account, by CRLF, in parts that are signed one by one. */
    static Map<String, Object> batch() throws Exception {
        for (int blob = 0; blob < 256; blob++) put("batch/" + blob, content(1));
        String boundary = "batch_" + UUID.randomUUID();
        var body = new StringBuilder();
        for (int blob = 0; blob < 256; blob++) {
            String path = "/" + CONTAINER + "/batch/" + blob;
            var headers = new TreeMap<String, String>(Map.of("x-ms-date", now()));
            body.append("--").append(boundary).append("\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: ").append(blob).append("\r\n\r\nDELETE ")
                .append(path).append(" HTTP/1.1\r\nContent-Length: 0\r\nx-ms-date: ").append(headers.get("x-ms-date"))
                .append("\r\nAuthorization: ").append(authorization("DELETE", "/" + ACCOUNT + path, "", headers, 0)).append("\r\n\r\n");
        }
        body.append("--").append(boundary).append("--\r\n");
        var answer = exchange("POST", null, "comp=batch", bytes(body.toString()), "Content-Type: multipart/mixed; boundary=" + boundary);
        if (answer.statusCode() != 202) return failing(summary(answer));
        String left = text(exchange("GET", "", "comp=list&prefix=batch%2F&restype=container", null).body());
        int deleted = Collections.frequency(matches(text(answer.body()), "HTTP/1.1 (\\d+)"), "202");
        return result("ok", deleted == 256, "deleted", deleted, "left", matches(left, "<Name>(.*?)</Name>"));
    }

    /** A body whose length the client does not know. */
    static Map<String, Object> chunked() throws Exception {
        var body = BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(content(100_000)));
        var answer = exchange("PUT", "chunked", "", body, -1, "x-ms-blob-type: BlockBlob");
        return answer.statusCode() == 201 ? result("same", Arrays.equals(read("chunked"), content(100_000))) : failing(summary(answer));
    }

    static Map<String, Object> put(String blob, byte[] data, String... headers) throws Exception {
        var all = new ArrayList<>(List.of(headers));
        all.add("x-ms-blob-type: BlockBlob");
        return send("PUT", blob, "", data, all.toArray(String[]::new));
    }

    static byte[] read(String blob) throws Exception {
        return exchange("GET", blob, "", null).body();
    }

    static Map<String, Object> send(String method, String blob, String query, byte[] data, String... headers) throws Exception {
        return summary(exchange(method, blob, query, data, headers));
    }

    static HttpResponse<byte[]> exchange(String method, String blob, String query, byte[] data, String... headers) throws Exception {
        byte[] body = data == null ? new byte[0] : data;
        boolean hasBody = method.equals("PUT") || method.equals("POST");
        return exchange(method, blob, query, hasBody ? BodyPublishers.ofByteArray(body) : BodyPublishers.noBody(), body.length, headers);
    }

    static HttpResponse<byte[]> exchange(String method, String blob, String query, BodyPublisher body, long length, String... headers) throws Exception {
        var named = new TreeMap<String, String>(String.CASE_INSENSITIVE_ORDER);
        for (String header : headers) named.put(header.split(": ", 2)[0], header.split(": ", 2)[1]);
        named.put("x-ms-version", "2021-12-02");
        named.put("x-ms-date", now());
        named.put("x-ms-client-request-id", UUID.randomUUID().toString());
        URI uri = URI.create(address(blob, query));
        named.put("Authorization", authorization(method, "/" + ACCOUNT + uri.getRawPath(), query, named, length));
        var request = HttpRequest.newBuilder(uri).method(method, body);
        named.forEach(request::header);
        return client.send(request.build(), BodyHandlers.ofByteArray());
    }

    /** A blob, the container (empty name) or the account (null). */
    static String address(String blob, String query) {
        String path = blob == null ? "?" : "/" + CONTAINER + (blob.isEmpty() ? "" : "/" + URLEncoder.encode(blob, UTF_8).replace("+", "%20").replace("%2F", "/")) + "?";
        return SETTINGS.get("BlobEndpoint") + (blob == null ? "/" : "") + (path + query).replaceAll("\\?$", "");
    }

    static String authorization(String method, String resource, String query, Map<String, String> headers, long length) throws GeneralSecurityException {
        var text = new StringBuilder(method).append("\n\n\n").append(length > 0 ? length : "").append("\n\n").append(headers.getOrDefault("Content-Type", "")).append("\n\n\n")
            .append(headers.getOrDefault("If-Match", "")).append("\n").append(headers.getOrDefault("If-None-Match", "")).append("\n\n\n");
        headers.entrySet().stream().filter(header -> header.getKey().toLowerCase().startsWith("x-ms-")).sorted(Comparator.comparing(header -> header.getKey().toLowerCase()))
            .forEach(header -> text.append(header.getKey().toLowerCase()).append(":").append(header.getValue()).append("\n"));
        text.append(resource);
        Arrays.stream(query.split("&")).filter(pair -> !pair.isEmpty()).sorted()
            .forEach(pair -> text.append("\n").append(pair.split("=", 2)[0]).append(":").append(java.net.URLDecoder.decode(pair.split("=", 2)[1].replace("+", "%2B"), UTF_8)));
        var hash = Mac.getInstance("HmacSHA256");
        hash.init(new SecretKeySpec(Base64.getDecoder().decode(SETTINGS.get("AccountKey")), "HmacSHA256"));
        return "SharedKey " + ACCOUNT + ":" + Base64.getEncoder().encodeToString(hash.doFinal(text.toString().getBytes(UTF_8)));
    }

    static HttpClient client() throws GeneralSecurityException, IOException {
        String authority = System.getenv("SSL_CERT_FILE");
        if (authority == null) return HttpClient.newHttpClient();
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var file = new FileInputStream(authority)) {
            store.setCertificateEntry("authority", CertificateFactory.getInstance("X.509").generateCertificate(file));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        var tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        return HttpClient.newBuilder().sslContext(tls).build();
    }

    /** Status and the headers that say the same on both ways, with the body's hash where it is a blob. */
    static Map<String, Object> summary(HttpResponse<byte[]> answer) throws GeneralSecurityException {
        var seen = new TreeMap<String, Object>();
        answer.headers().map().forEach((name, values) -> {
            if (name.matches("(?i)content-(type|range|md5)|cache-control|x-ms-(error-code|blob-type|copy-status|sku-name|blob-append-offset|meta-.*)|x-tokenbroker-reason")) seen.put(name.toLowerCase(), values.get(0));
        });
        boolean isBlob = answer.request().method().equals("GET") && answer.statusCode() < 300;
        return result("status", answer.statusCode(), "headers", seen, "sha256", isBlob ? HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(answer.body())) : "");
    }

    static Map<String, Object> failing(Map<String, Object> summary) {
        var headers = (Map<?, ?>) summary.get("headers");
        return result("ok", (int) summary.get("status") < 300, "status", summary.get("status"), "code", headers.get("x-ms-error-code"), "reason", headers.get("x-tokenbroker-reason"));
    }

    static void print(String name, Operation operation) {
        var line = new TreeMap<String, Object>(Map.of("operation", name, "ok", true));
        try {
            line.putAll(operation.run());
        } catch (Exception fault) {
            line.putAll(result("ok", false, "error", fault.getClass().getSimpleName(), "message", String.valueOf(fault.getMessage())));
        }
        System.out.println(json(line));
    }

    static String json(Object value) {
        if (value instanceof Map<?, ?> map) return map.entrySet().stream().map(pair -> json(pair.getKey()) + ":" + json(pair.getValue())).collect(Collectors.joining(",", "{", "}"));
        if (value instanceof List<?> list) return list.stream().map(HttpClientBlobs::json).collect(Collectors.joining(",", "[", "]"));
        if (value instanceof String text) return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + "\"";
        return String.valueOf(value);
    }

    static Map<String, Object> result(Object... pairs) {
        var map = new TreeMap<String, Object>();
        for (int at = 0; at < pairs.length; at += 2) map.put((String) pairs[at], pairs[at + 1]);
        return map;
    }

    static List<String> matches(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map(match -> match.group(1)).toList();
    }

    static String now() {
        return DateTimeFormatter.RFC_1123_DATE_TIME.format(ZonedDateTime.now(ZoneOffset.UTC));
    }

    static byte[] content(int size) {
        return ("tokenbroker ".repeat(size / 12 + 1)).substring(0, size).getBytes(UTF_8);
    }

    static byte[] bytes(String text) { return text.getBytes(UTF_8); }

    static String text(byte[] bytes) { return new String(bytes, UTF_8); }
}
