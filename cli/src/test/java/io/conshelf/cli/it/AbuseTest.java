package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.sas.SasIpRange;
import com.azure.storage.common.sas.SasProtocol;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.PlainJWT;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Strangers who try everything, while those who belong go on working: each attempt is refused with the service's status, and no work fails.
class AbuseTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 100 : 2;
    private static final int SLOW_CLIENTS = 60;
    private static final String TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47";
    private static final int SLOW_MILLIS_MAX = 60_000;

    @TempDir
    private static Path folder;

    private static UpProcess up;
    private static String token;
    private static RSAKey tenantKey;
    private static HttpServer keys;
    private static String management;
    private static URI container;
    private static URI queue;

    /// @param statuses those that the service may give
    private record Attempt(String name, byte[] request, Integer... statuses) {}

    @BeforeAll
    static void start() throws Exception {
        Path data = folder.resolve("data");
        tenantKey = new RSAKeyGenerator(2048).keyID("tenant").generate();
        keys = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        keys.createContext("/keys", exchange -> {
            byte[] body = text(new JWKSet(tenantKey).toPublicJWKSet().toString());
            exchange.sendResponseHeaders(200, body.length);
            try (var out = exchange.getResponseBody()) {
                out.write(body);
            }
        });
        keys.start();
        up = UpProcess.start(folder, Files.createDirectories(folder.resolve("allowed")), Map.of(), List.of("signIn: {tenant: {id: " + TENANT
                + ", keys: 'http://127.0.0.1:" + keys.getAddress().getPort() + "/keys'}}"), "--data", data.toString(), "--database", "Lab", "--auth", "entra");
        management = Administrator.of(up, data).token("https://management.azure.com");
        token = Administrator.of(up, data).token("https://kusto.windows.net");
        assertThat(command(".create table Events (n:long, s:string)").status()).isEqualTo(200);
        assertThat(command(".create table Files (n:long, s:string)").status()).isEqualTo(200);
        assertThat(command(".alter database Lab policy streamingingestion enable").status()).isEqualTo(200);
        for (var row : JSON.readTree(command(".get ingestion resources").body()).at("/Tables/0/Rows")) {
            switch (row.path(0).asText()) {
                case "TempStorage" -> container = URI.create(row.path(1).asText());
                case "SecuredReadyForAggregationQueue" -> queue = URI.create(row.path(1).asText());
                default -> { }
            }
        }
    }

    @AfterAll
    static void stop() {
        up.close();
        keys.stop(0);
    }

    private static Exchange command(String csl) throws IOException {
        return Exchange.of(up.url(), post("/v1/rest/mgmt", token, JSON.writeValueAsBytes(Map.of("db", "Lab", "csl", csl))));
    }

    private static byte[] command(String csl, String bearer) throws IOException {
        return post("/v1/rest/mgmt", bearer, JSON.writeValueAsBytes(Map.of("db", "Lab", "csl", csl)));
    }

    private static String address(String file) {
        return up.url() + container.getRawPath() + "/" + file + "?" + container.getRawQuery();
    }

    /// As the name of a file says, before a compression.
    private static String format(String file) {
        return file.split("\\.")[1];
    }

    /// What became of files that were queued, in one operation a format, when all have ended.
    private static List<String> queued(Collection<String> files) throws IOException {
        Map<String, List<String>> byFormat = files.stream().collect(Collectors.groupingBy(AbuseTest::format));
        List<String> outcomes = new ArrayList<>();
        for (Map.Entry<String, List<String>> of : byFormat.entrySet()) {
            var blobs = of.getValue().stream().map(file -> Map.of("url", address(file))).toList();
            var submitted = Exchange.of(up.url(), post("/v1/rest/ingestion/queued/Lab/Files", token, JSON.writeValueAsBytes(
                    Map.of("blobs", blobs, "properties", Map.of("format", of.getKey(), "enableTracking", true, "skipBatching", true)))));
            String operation = JSON.readTree(submitted.body()).path("ingestionOperationId").asText();
            String ended = Eventually.holds(() -> Exchange.of(up.url(), new RequestText("GET", "/v1/rest/ingestion/queued/Lab/Files/" + operation + "?details=true", 200,
                    List.of("Authorization: Bearer " + token), new byte[0]).bytes()).body(), status -> status.contains("\"inProgress\":0"));
            JSON.readTree(ended).path("details").forEach(detail -> outcomes.add(of.getKey() + ": " + detail.path("status").asText() + " " + detail.path("errorCode").asText()));
        }
        assertThat(outcomes).hasSameSizeAs(files);
        return outcomes;
    }

    /// Files that are none, that claim to have what they have not, or that are small and would be very large.
    private static Map<String, byte[]> files() throws IOException {
        Map<String, byte[]> files = new TreeMap<>();
        byte[] parquet = Files.readAllBytes(Surroundings.root().resolve("engine/src/test/resources/parquet/types.parquet"));
        byte[] withoutEnd = Arrays.copyOf(parquet, parquet.length - 20);
        byte[] withoutPages = parquet.clone();
        Arrays.fill(withoutPages, 4, parquet.length / 2, (byte) 0xFF);
        byte[] lying = parquet.clone();
        Arrays.fill(lying, parquet.length - 8, parquet.length - 4, (byte) 0x7F);
        files.putAll(Map.of("none.parquet", text("PAR1garbagePAR1"), "cut.parquet", withoutEnd, "pages.parquet", withoutPages, "lying.parquet", lying));
        byte[] orc = new byte[400];
        Arrays.fill(orc, (byte) 0x7F);
        System.arraycopy(text("ORC"), 0, orc, 0, 3);
        byte[] orcEnd = orc.clone();
        orcEnd[orcEnd.length - 1] = 12;
        files.putAll(Map.of("none.orc", text("ORCgarbage"), "footer.orc", orc, "end.orc", orcEnd));
        String array = "{\"type\":\"array\",\"items\":";
        files.put("deep.avro", avro("null", "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"n\",\"type\":" + array.repeat(20_000) + "\"int\"" + "}".repeat(20_000) + "}]}", 1, new byte[] {0}));
        files.put("endless.avro", avro("null", record("\"r\""), 1, new byte[] {0}));
        files.put("fixed.avro", avro("null", record("{\"type\":\"fixed\",\"name\":\"f\",\"size\":2147483647}"), 1, new byte[] {0}));
        files.put("nothing.avro", avro("null", record("\"null\""), 1L << 60, new byte[0]));
        files.put("elements.avro", avro("null", record(array + "\"null\"}"), 1, number(1L << 40)));
        files.put("bytes.avro", avro("null", record("\"bytes\""), 1, number(Integer.MAX_VALUE)));
        files.put("bomb.avro", avro("deflate", record("\"bytes\""), 1, deflated(400)));
        files.put("bomb.csv.gz", gzip(200 << 20));
        files.put("bomb.json.gz", gzip(200 << 20));
        files.put("cut.csv.gz", Arrays.copyOf(gzip(1 << 20), 500));
        files.put("bomb.csv.zip", zip(200));
        files.put("cut.csv.zip", Arrays.copyOf(zip(1), 500));
        return files;
    }

    private static String record(String type) {
        return "{\"type\":\"record\",\"name\":\"r\",\"fields\":[{\"name\":\"n\",\"type\":" + type + "}]}";
    }

    private static byte[] avro(String codec, String schema, long records, byte[] block) {
        var file = new ByteArrayOutputStream();
        file.writeBytes(new byte[] {'O', 'b', 'j', 1});
        file.writeBytes(number(2));
        for (byte[] part : List.of(text("avro.codec"), text(codec), text("avro.schema"), text(schema))) {
            file.writeBytes(number(part.length));
            file.writeBytes(part);
        }
        file.writeBytes(number(0));
        file.writeBytes(new byte[16]);
        file.writeBytes(number(records));
        file.writeBytes(number(block.length));
        file.writeBytes(block);
        file.writeBytes(new byte[16]);
        return file.toByteArray();
    }

    /// As Avro writes one: the nearer to zero the shorter.
    private static byte[] number(long value) {
        var bytes = new ByteArrayOutputStream();
        long left = value << 1 ^ value >> 63;
        for (; (left & ~0x7FL) != 0; left >>>= 7) {
            bytes.write((int) (left & 0x7F | 0x80));
        }
        bytes.write((int) left);
        return bytes.toByteArray();
    }

    private static byte[] deflated(int megabytes) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DeflaterOutputStream(bytes, new Deflater(Deflater.BEST_COMPRESSION, true))) {
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < megabytes; i++) {
                out.write(zeros);
            }
        }
        return bytes.toByteArray();
    }

    /// One file without an end of line.
    private static byte[] zip(int megabytes) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry("a"));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < megabytes; i++) {
                zip.write(zeros);
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] post(String target, String bearer, byte[] body, String... headers) {
        List<String> all = new ArrayList<>(List.of(headers));
        all.add("Content-Type: application/json");
        if (!bearer.isEmpty()) {
            all.add("Authorization: Bearer " + bearer);
        }
        return new RequestText("POST", target, 200, all, body).bytes();
    }

    private static byte[] get(String target) {
        return new RequestText("GET", target, 200, List.of(), new byte[0]).bytes();
    }

    @Test
    void whoDoesNotBelongIsRefusedWhileAllOthersGoOn() throws Exception {
        List<Attempt> attempts = new ArrayList<>();
        attempts.addAll(tokens());
        attempts.addAll(tokensOfTheTenant());
        attempts.addAll(storage());
        attempts.addAll(replays());
        attempts.addAll(bodies());
        Map<String, byte[]> files = files();
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            var uploaded = Exchange.of(up.url(), new RequestText("PUT", container.getRawPath() + "/" + file.getKey() + "?" + container.getRawQuery(), 201,
                    List.of("x-ms-blob-type: BlockBlob"), file.getValue()).bytes());
            assertThat(uploaded.status()).as(uploaded.body()).isEqualTo(201);
            attempts.add(new Attempt("the file " + file.getKey(), command(".ingest into table Files (h'" + address(file.getKey()) + "') with (format='" + format(file.getKey()) + "')", token), 400, 413));
        }
        AtomicBoolean isOver = new AtomicBoolean();
        AtomicInteger queried = new AtomicInteger();
        AtomicInteger commanded = new AtomicInteger();
        AtomicInteger streamed = new AtomicInteger();
        List<Future<?>> workers = new ArrayList<>();
        var failed = new ConcurrentLinkedQueue<String>();
        List<Socket> slow = new ArrayList<>();
        SoftAssertions all = new SoftAssertions();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            workers.add(threads.submit(() -> work(isOver, failed, post("/v2/rest/query", token, text("{\"db\":\"Lab\",\"csl\":\"Events | summarize count(), max(n)\"}")), queried)));
            workers.add(threads.submit(() -> work(isOver, failed, post("/v1/rest/mgmt", token, text("{\"db\":\"Lab\",\"csl\":\".show tables\"}")), commanded)));
            workers.add(threads.submit(() -> work(isOver, failed, post("/v1/rest/ingest/Lab/Events?streamFormat=csv", token, text("1,one\n")), streamed)));
            try {
                for (int client = 0; client < SLOW_CLIENTS; client++) {
                    slow.add(slow(client));
                }
                for (int round = 0; round < ROUNDS; round++) {
                    for (Attempt attempt : attempts) {
                        var answer = Exchange.of(up.url(), attempt.request());
                        all.assertThat(answer.status()).as("%s: %s", attempt.name(), answer.body()).isIn((Object[]) attempt.statuses());
                    }
                }
                all.assertThat(queued(files.keySet())).as("what becomes of files that are queued").allMatch(outcome -> outcome.matches("\\S+: Failed (BadRequest|Stream|Download)_\\w+"));
                // Those that stop in the middle of a body are ended while the others go on.
                for (int client = 1; client < SLOW_CLIENTS; client += 2) {
                    slow.get(client).setSoTimeout(SLOW_MILLIS_MAX);
                    all.assertThat(new String(slow.get(client).getInputStream().readAllBytes(), StandardCharsets.US_ASCII)).as("a slow body").startsWith("HTTP/1.1 408 ");
                }
            } finally {
                isOver.set(true);
                for (Socket socket : slow) {
                    socket.close();
                }
            }
        }
        all.assertAll();
        for (Future<?> worker : workers) {
            worker.get();
        }
        assertThat(failed).as("work that failed meanwhile").isEmpty();
        assertThat(List.of(queried.get(), commanded.get(), streamed.get())).allMatch(count -> count > 0);
        var counted = Exchange.of(up.url(), post("/v1/rest/query", token, text("{\"db\":\"Lab\",\"csl\":\"Events | count\"}")));
        assertThat(JSON.readTree(counted.body()).at("/Tables/0/Rows/0/0").asInt()).isEqualTo(streamed.get());
        var taken = Exchange.of(up.url(), post("/v1/rest/query", token, text("{\"db\":\"Lab\",\"csl\":\"Files | count\"}")));
        assertThat(JSON.readTree(taken.body()).at("/Tables/0/Rows/0/0").asInt()).as("rows of files that are refused").isZero();
    }

    private static void work(AtomicBoolean isOver, ConcurrentLinkedQueue<String> failed, byte[] request, AtomicInteger done) {
        while (!isOver.get() && failed.size() < 10) {
            var answer = Exchange.of(up.url(), request);
            if (answer.status() == 200 && !answer.body().contains("OneApiErrors")) {
                done.incrementAndGet();
            } else {
                failed.add(answer.toString());
            }
        }
    }

    /// Clients that never come to the end of their headers, or of their bodies.
    private static Socket slow(int client) throws IOException {
        Socket socket = new Socket("127.0.0.1", URI.create(up.url()).getPort());
        String begun = "POST /v1/rest/ingest/Lab/Events?streamFormat=csv HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                + (client % 2 == 0 ? "X-Slow: " : "Authorization: Bearer " + token + "\r\nContent-Length: 1000\r\n\r\n7,se");
        socket.getOutputStream().write(text(begun));
        return socket;
    }

    private static byte[] text(String of) {
        return of.getBytes(StandardCharsets.UTF_8);
    }

    private static List<Attempt> tokens() throws Exception {
        SignedJWT good = SignedJWT.parse(token);
        JWTClaimsSet claims = good.getJWTClaimsSet();
        RSAKey otherKey = new RSAKeyGenerator(2048).keyID(good.getHeader().getKeyID()).generate();
        String[] parts = token.split("\\.");
        String longer = new PlainJWT(new JWTClaimsSet.Builder(claims).expirationTime(Date.from(Instant.now().plusSeconds(9_999))).build()).serialize().split("\\.")[1];
        Map<String, String> forged = Map.of(
                "unsigned", new PlainJWT(claims).serialize(),
                "of another key", signed(otherKey, claims),
                "of another tenant and its key", signed(otherKey, new JWTClaimsSet.Builder(claims).issuer("https://sts.windows.net/other/").claim("tid", "other").build()),
                "with other claims", parts[0] + "." + longer + "." + parts[2],
                "cut", token.substring(0, token.length() - 8),
                "with a deep header", encoded("{\"alg\":" + "[".repeat(15_000)) + "." + parts[1] + "." + parts[2],
                "with deep claims", parts[0] + "." + encoded("{\"a\":" + "{\"a\":".repeat(5_000)) + "." + parts[2],
                "no token", "a.b.c",
                "long", "x".repeat(7_000));
        List<Attempt> attempts = new ArrayList<>();
        forged.forEach((name, bearer) -> {
            attempts.add(new Attempt("a token " + name, post("/v1/rest/query", bearer, text("{\"db\":\"Lab\",\"csl\":\"Events\"}")), 401));
            attempts.add(new Attempt("a token " + name + " to stream", post("/v1/rest/ingest/Lab/Events?streamFormat=csv", bearer, text("6,six\n")), 401));
        });
        attempts.add(new Attempt("no token at all", post("/v1/rest/mgmt", "", text("{\"db\":\"Lab\",\"csl\":\".drop table Events\"}")), 401));
        attempts.add(new Attempt("a token of another service", post("/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/f/pipelines/p/createRun?api-version=2018-06-01",
                token, text("{}")), 401));
        attempts.add(new Attempt("a header that is no token", post("/v1/rest/mgmt", "x\tbasic", text("{}")), 400, 401));
        List<String> places = List.of("/v1/rest/query", "/v1/rest/mgmt", "/v2/rest/query", "/v1/rest/ingest/Lab/Events?streamFormat=csv", "/v1/rest/ingestion/queued/Lab/Events", "/v1/rest/backup",
                "/v1/rest/applications", "/v1/rest/users", "/subscriptions/s/resourceGroups/g/providers/Microsoft.Kusto/clusters/c?api-version=2024-04-13", "/vaults/v/secrets/s?api-version=7.4");
        String none = new PlainJWT(claims).serialize();
        for (String place : places) {
            attempts.add(new Attempt("an unsigned token at " + place, post(place, none, text("{}")), 401));
            attempts.add(new Attempt("a token whose algorithm is called none, with the signature left on, at " + place,
                    post(place, none.substring(0, none.indexOf('.')) + "." + parts[1] + "." + parts[2], text("{}")), 401));
        }
        return attempts;
    }

    private static String encoded(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text(json));
    }

    private static String signed(RSAKey key, JWTClaimsSet claims) throws Exception {
        SignedJWT jwt = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(key.getKeyID()).build(), claims);
        jwt.sign(new RSASSASigner(key));
        return jwt.serialize();
    }

    /// Signed with the key of a tenant that is trusted, so that nothing but what they say can be wrong.
    private static List<Attempt> tokensOfTheTenant() throws Exception {
        Instant now = Instant.now();
        JWTClaimsSet good = new JWTClaimsSet.Builder().issuer("https://sts.windows.net/" + TENANT + "/").audience("https://kusto.kusto.windows.net").claim("tid", TENANT)
                .claim("appid", "11111111-2222-3333-4444-555555555555").subject("x").notBeforeTime(Date.from(now.minusSeconds(60)))
                .expirationTime(Date.from(now.plusSeconds(3_600))).build();
        var letIn = Exchange.of(up.url(), post("/v1/rest/mgmt", signed(tenantKey, good), text("{\"db\":\"Lab\",\"csl\":\".show principal roles\"}")));
        assertThat(letIn.status()).as(letIn.body()).isEqualTo(200);
        Map<String, String> wrong = Map.of(
                "expired", signed(tenantKey, new JWTClaimsSet.Builder(good).expirationTime(Date.from(now.minusSeconds(900))).build()),
                "not valid yet", signed(tenantKey, new JWTClaimsSet.Builder(good).notBeforeTime(Date.from(now.plusSeconds(900))).build()),
                "without an end", signed(tenantKey, new JWTClaimsSet.Builder(good).expirationTime(null).build()),
                "for another audience", signed(tenantKey, new JWTClaimsSet.Builder(good).audience("https://graph.microsoft.com").build()),
                "for another cluster", signed(tenantKey, new JWTClaimsSet.Builder(good).audience("https://attacker.example").build()),
                "of another tenant", signed(tenantKey, new JWTClaimsSet.Builder(good).claim("tid", "00000000-0000-0000-0000-000000000001").build()),
                "of another issuer", signed(tenantKey, new JWTClaimsSet.Builder(good).issuer("https://sts.windows.net/00000000-0000-0000-0000-000000000001/").build()),
                "with the cluster's own claims", signed(tenantKey, SignedJWT.parse(token).getJWTClaimsSet()),
                "with the public key for a secret", hashed(good));
        List<Attempt> attempts = new ArrayList<>();
        wrong.forEach((name, bearer) -> {
            for (String target : List.of("/v1/rest/mgmt", "/v2/rest/query", "/v1/rest/ingest/Lab/Events?streamFormat=csv")) {
                attempts.add(new Attempt("a token " + name + " at " + target, post(target, bearer, text("{\"db\":\"Lab\",\"csl\":\".show principal roles\"}")), 401));
            }
        });
        return attempts;
    }

    private static String hashed(JWTClaimsSet claims) throws Exception {
        SignedJWT jwt = new SignedJWT(new JWSHeader.Builder(JWSAlgorithm.HS256).keyID(tenantKey.getKeyID()).build(), claims);
        jwt.sign(new MACSigner(tenantKey.toRSAPublicKey().getEncoded()));
        return jwt.serialize();
    }

    /// Signatures that were good, for another time, place or purpose.
    private static List<Attempt> replays() throws IOException {
        String key = JSON.readTree(Exchange.of(up.url(), post("/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/lab/listKeys?api-version=2023-01-01",
                management, text("{}"))).body()).at("/keys/0/value").asText();
        String account = up.url().replace("localhost", "127.0.0.1") + "/lab";
        var container = new BlobContainerClientBuilder().endpoint(account).containerName("replayed").credential(new StorageSharedKeyCredential("lab", key)).buildClient();
        OffsetDateTime now = OffsetDateTime.now(ZoneOffset.UTC);
        String read = container.generateSas(new BlobServiceSasSignatureValues(now.plusHours(1), BlobContainerSasPermission.parse("r")));
        String ended = container.generateSas(new BlobServiceSasSignatureValues(now.minusSeconds(1), BlobContainerSasPermission.parse("racwdl")));
        String later = container.generateSas(new BlobServiceSasSignatureValues(now.plusHours(2), BlobContainerSasPermission.parse("racwdl")).setStartTime(now.plusHours(1)));
        String elsewhere = container.generateSas(new BlobServiceSasSignatureValues(now.plusHours(1), BlobContainerSasPermission.parse("racwdl"))
                .setSasIpRange(SasIpRange.parse("10.0.0.1")));
        String secure = container.generateSas(new BlobServiceSasSignatureValues(now.plusHours(1), BlobContainerSasPermission.parse("racwdl")).setProtocol(SasProtocol.HTTPS_ONLY));
        String write = container.generateSas(new BlobServiceSasSignatureValues(now.plusHours(1), BlobContainerSasPermission.parse("racwdl")));
        var allowed = Exchange.of(up.url(), put("/lab/replayed/a.csv?" + write, "1"));
        assertThat(allowed.status()).as(allowed.body()).isIn(201, 404);
        return List.of(
                new Attempt("a signature that has ended", put("/lab/replayed/a.csv?" + ended, "1"), 403),
                new Attempt("a signature that has not begun", put("/lab/replayed/a.csv?" + later, "1"), 403),
                new Attempt("a signature to read, for writing", put("/lab/replayed/a.csv?" + read, "1"), 403),
                new Attempt("a signature for another address", put("/lab/replayed/a.csv?" + elsewhere, "1"), 403),
                new Attempt("a signature for https, by http", put("/lab/replayed/a.csv?" + secure, "1"), 403),
                new Attempt("a signature for another container", put("/lab/other/a.csv?" + write, "1"), 403),
                new Attempt("a signature for another account", put("/lab2/replayed/a.csv?" + write, "1"), 403),
                new Attempt("a signature of a named account for the cluster's", put(AbuseTest.container.getRawPath() + "/a.csv?" + write, "1"), 403));
    }

    private static List<Attempt> storage() {
        String path = container.getRawPath();
        String sas = container.getRawQuery();
        String later = sas.replaceAll("se=20\\d\\d", "se=2099");
        String more = sas.replaceAll("sp=[a-z]*", "sp=racwdl");
        List<Attempt> attempts = new ArrayList<>(List.of(
                new Attempt("no signature", put(path + "/stolen.csv", "1"), 401, 403, 404, 409),
                new Attempt("a signature made to last", put(path + "/stolen.csv?" + later, "1"), 403),
                new Attempt("a signature made to allow more", put(path + "/stolen.csv?" + more, "1"), 403),
                new Attempt("a signature of another container", put(path.replaceAll("\\d+$", "") + "99/stolen.csv?" + sas, "1"), 403, 404),
                new Attempt("a container's signature for a queue", post(queue.getRawPath() + "/messages?" + sas, "", text("<QueueMessage><MessageText>eA==</MessageText></QueueMessage>")), 403),
                new Attempt("a queue's signature for a container", put(path + "/stolen.csv?" + queue.getRawQuery(), "1"), 403),
                new Attempt("a list that the signature does not allow", get(path + "?restype=container&comp=list&" + sas), 403)));
        for (String climbing : List.of("/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd", "/a%00b", "/%zz")) {
            attempts.add(new Attempt("a name that climbs: " + climbing, put(path + climbing + "?" + sas, "1"), 400, 403, 404));
        }
        return attempts;
    }

    private static byte[] put(String target, String body) {
        return new RequestText("PUT", target, 201, List.of("x-ms-blob-type: BlockBlob"), text(body)).bytes();
    }

    private static List<Attempt> bodies() throws IOException {
        byte[] bomb = gzip(64 << 20);
        String streaming = "/v1/rest/ingest/Lab/Events?streamFormat=";
        return List.of(
                new Attempt("a bomb for streaming", post(streaming + "csv", token, bomb, "Content-Encoding: gzip"), 400, 413),
                new Attempt("a bomb for a query", post("/v1/rest/query", token, bomb, "Content-Encoding: gzip"), 400, 413),
                new Attempt("gzip that is none", post(streaming + "csv", token, text("not gzip"), "Content-Encoding: gzip"), 400),
                new Attempt("gzip cut short", post(streaming + "csv", token, Arrays.copyOf(bomb, 1_000), "Content-Encoding: gzip"), 400, 413),
                new Attempt("JSON that is none", post("/v1/rest/query", token, text("{\"csl\":")), 400),
                new Attempt("JSON that is deep", post("/v1/rest/query", token, text("[".repeat(100_000))), 400),
                new Attempt("Avro that is none", post(streaming + "avro", token, text("Obj\1garbage")), 400),
                // These two are not streamed at all; those who read them are given files.
                new Attempt("ORC", post(streaming + "orc", token, text("ORCgarbage")), 400),
                new Attempt("Parquet", post(streaming + "parquet", token, text("PAR1garbage")), 400),
                new Attempt("Avro whose schema lies", post(streaming + "avro", token, text("Obj\1\2\26avro.schema\u007f\u007f\u007f\u007f")), 400),
                new Attempt("Avro in gzip that is none", post(streaming + "avro", token, Arrays.copyOf(gzip(1 << 20), 300), "Content-Encoding: gzip"), 400),
                new Attempt("a deflate bomb", post(streaming + "json", token, bomb, "Content-Encoding: deflate"), 400, 413),
                new Attempt("JSON lines that are none", post(streaming + "json", token, text("{\"n\":}")), 400),
                new Attempt("a query that is none", post("/v1/rest/query", token, text("{\"db\":\"Lab\",\"csl\":\"Events | | where (\"}")), 400),
                new Attempt("a query that is deep", post("/v1/rest/query", token, text("{\"db\":\"Lab\",\"csl\":\"print " + "(".repeat(50_000) + "1\"}")), 400),
                new Attempt("headers beyond the limit", get("/v1/rest/ping", "X-Large: " + "x".repeat(300_000)), 400, 413, 431),
                new Attempt("a target beyond the limit", get("/v1/rest/ping?" + "x".repeat(300_000)), 400, 414),
                new Attempt("a body beyond the limit", text("POST /v1/rest/query HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nAuthorization: Bearer " + token
                        + "\r\nContent-Type: application/json\r\nContent-Length: 99999999999\r\n\r\n{"), 413),
                new Attempt("a host of another name", text("GET /v1/rest/auth/metadata HTTP/1.1\r\nHost: attacker.example\r\nConnection: close\r\n\r\n"), 403, 421),
                new Attempt("a page of another origin", post("/v1/rest/query", token, text("{\"db\":\"Lab\",\"csl\":\"Events\"}"), "Origin: https://attacker.example"), 403));
    }

    private static byte[] get(String target, String header) {
        return new RequestText("GET", target, 200, List.of(header), new byte[0]).bytes();
    }

    private static byte[] gzip(int zeros) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            byte[] some = new byte[1 << 20];
            for (int left = zeros >> 20; left > 0; left--) {
                gzip.write(some);
            }
        }
        return bytes.toByteArray();
    }
}
