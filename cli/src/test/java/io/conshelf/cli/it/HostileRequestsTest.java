package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import java.util.zip.GZIPOutputStream;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// Everything that reads what strangers send, given what is nearly right: each request is answered, none with 500, and the cluster goes on.
///
/// `-Dconshelf.seed=N` repeats a run, `-Dconshelf.full=true` is a hundred times as long.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HostileRequestsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SEED = Long.getLong("conshelf.seed", 1);
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 5_000 : 50;
    private static final int AT_ONCE = 4;

    @TempDir
    private static Path folder;

    private static UpProcess up;
    private static String token;
    private static List<RequestText> valid;

    @BeforeAll
    static void start() throws Exception {
        Path data = folder.resolve("data");
        // Most requests are of nobody who is known, and all are to be read: a further one of the limits, which the settings end with.
        up = UpProcess.start(folder, Files.createDirectories(folder.resolve("allowed")), Map.of(),
                List.of("  requestsPerMinuteOfAddress: 100000000", "signIn: {metadataService: true}"),
                "--data", data.toString(), "--database", "Lab", "--auth", "entra");
        Administrator administrator = Administrator.of(up, data);
        Map<String, String> places = new HashMap<>(Map.of("id", administrator.id(), "secret", administrator.secret()));
        for (String audience : List.of("kusto.windows.net", "management.azure.com", "vault.azure.net")) {
            places.put(audience, administrator.token("https://" + audience));
        }
        token = places.get("kusto.windows.net");
        places.put("basic", Base64.getEncoder().encodeToString((administrator.id() + ":" + administrator.secret()).getBytes(StandardCharsets.UTF_8)));
        Files.readAllLines(data.resolve("identity.env")).stream().filter(line -> line.startsWith("IDENTITY_HEADER="))
                .forEach(line -> places.put("identityHeader", line.substring(line.indexOf('=') + 1)));
        for (String command : List.of(".create table Events (n:long, s:string, d:dynamic)", ".create table Types (a:string, b:long, int8:long, double:real, ts_us:datetime)",
                ".alter database Lab policy streamingingestion enable", ".create table Events ingestion json mapping 'm' '[{\"column\":\"n\",\"path\":\"$.n\"}]'")) {
            assertThat(run("mgmt", command).path("error").path("@message").asText()).isEmpty();
        }
        for (JsonNode row : run("mgmt", ".get ingestion resources").at("/Tables/0/Rows")) {
            URI place = URI.create(row.path(1).asText());
            String name = switch (row.path(0).asText()) {
                case "TempStorage" -> "blobs";
                case "SecuredReadyForAggregationQueue" -> "queue";
                case "IngestionsStatusTable" -> "table";
                default -> "other";
            };
            places.put(name, place.getRawPath());
            places.put(name + "Sas", place.getRawQuery());
        }
        try (InputStream text = HostileRequestsTest.class.getResourceAsStream("/hostile/requests.txt")) {
            Map<String, byte[]> bodies = new HashMap<>(Map.of("made/avro", avro(), "made/gzip", gzip("1,one,\n2,two,\n")));
            valid = RequestText.read(new String(text.readAllBytes(), StandardCharsets.UTF_8), places, bodies).stream().map(request -> signed(request, places)).toList();
        }
    }

    @AfterAll
    static void stop() {
        up.close();
    }

    /// With the token that its service asks for, if it asks for one.
    private static RequestText signed(RequestText request, Map<String, String> places) {
        String target = request.target();
        String audience = target.startsWith("/v1/") || target.startsWith("/v2/") ? "kusto.windows.net"
                : target.startsWith("/subscriptions/") ? "management.azure.com" : target.startsWith("/vaults/") ? "vault.azure.net" : "";
        if (audience.isEmpty()) {
            return request;
        }
        List<String> headers = new ArrayList<>(request.headers());
        headers.add("Authorization: Bearer " + places.get(audience));
        return request.withHeaders(headers);
    }

    private static JsonNode run(String endpoint, String csl) throws IOException {
        return JSON.readTree(Exchange.of(up.url(), new RequestText("POST", "/v1/rest/" + endpoint, 200, List.of("Content-Type: application/json", "Authorization: Bearer " + token),
                JSON.writeValueAsBytes(Map.of("db", "Lab", "csl", csl))).bytes()).body());
    }

    private static byte[] avro() throws IOException {
        var schema = SchemaBuilder.record("r").fields().requiredString("a").requiredLong("b").endRecord();
        var bytes = new ByteArrayOutputStream();
        try (var writer = new DataFileWriter<GenericRecord>(new GenericDatumWriter<>(schema)).create(schema, bytes)) {
            for (long number = 0; number < 20; number++) {
                writer.append(new GenericRecordBuilder(schema).set("a", "text " + number).set("b", number).build());
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] gzip(String text) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    /// First, while nothing is there: what is to be mutated gets as far as it is meant to.
    @Test
    @Order(1)
    void whatIsValidIsTaken() throws IOException {
        SoftAssertions all = new SoftAssertions();
        for (RequestText request : valid) {
            var answer = Exchange.of(up.url(), request.bytes());
            all.assertThat(answer.status()).as("%s %s: %s", request.method(), request.target(), answer.body()).isEqualTo(request.status());
        }
        all.assertAll();
    }

    @Test
    @Order(2)
    void aMutatedRequestIsAnsweredAndNeverWith500() throws Exception {
        List<String> wrong = wrong(ROUNDS, (request, random) -> ask(new RequestMutation(random).of(request).bytes()));
        assertThat(wrong).as("requests that are answered otherwise; seed %d", SEED).isEmpty();
        goesOn();
    }

    /// Where it is no HTTP any more nobody can expect an answer.
    @Test
    @Order(3)
    void bytesThatAreNoRequestHurtNobody() throws Exception {
        List<String> wrong = wrong(ROUNDS / 5, (request, random) -> {
            byte[] bytes = request.bytes();
            for (int left = 1 + random.nextInt(5); left > 0; left--) {
                bytes[random.nextInt(Math.min(bytes.length, 400))] = (byte) random.nextInt(256);
            }
            return Exchange.ofAll(up.url(), bytes).status() == 500 ? Optional.of(told(bytes, 500)) : Optional.empty();
        });
        assertThat(wrong).as("seed %d", SEED).isEmpty();
        goesOn();
    }

    @FunctionalInterface
    private interface Attempt {
        /// What is wrong with the answer.
        Optional<String> on(RequestText request, RandomGenerator random);
    }

    /// Several requests at once, each with a random sequence of its own.
    private static List<String> wrong(int rounds, Attempt attempt) throws Exception {
        List<Callable<List<String>>> work = new ArrayList<>();
        var seeds = new SplittableRandom(SEED);
        for (RequestText request : valid) {
            var random = seeds.split();
            work.add(() -> {
                List<String> wrong = new ArrayList<>();
                for (int round = 0; round < rounds; round++) {
                    attempt.on(request, random).ifPresent(wrong::add);
                }
                return wrong;
            });
        }
        List<String> wrong = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(AT_ONCE)) {
            for (Future<List<String>> done : threads.invokeAll(work)) {
                wrong.addAll(done.get());
            }
        }
        return wrong;
    }

    private static void goesOn() throws IOException {
        assertThat(run("query", "print answer = 6 * 7").at("/Tables/0/Rows/0/0").asLong()).isEqualTo(42);
    }

    private static Optional<String> ask(byte[] request) {
        int status = Exchange.of(up.url(), request).status();
        return status == 500 || status == Exchange.NONE ? Optional.of(told(request, status)) : Optional.empty();
    }

    private static String told(byte[] request, int status) {
        return "\n" + status + " for\n" + new String(request, 0, Math.min(request.length, 3_000), StandardCharsets.UTF_8);
    }
}
