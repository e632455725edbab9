package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/// Everything that reads what strangers send, given what is nearly right: each request is answered with a status that its service has for it, what is refused in
/// the service's form and without a word of how the program is made, and all the while somebody else is answered.
///
/// `-Dconshelf.seed=N` repeats a run, `-Dconshelf.full=true` is a hundred times as long.
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class HostileRequestsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long SEED = Long.getLong("conshelf.seed", 1);
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 5_000 : 50;
    private static final int AT_ONCE = 4;
    /// Beside those of one service only: not implemented (storage), and out of time (queries and commands).
    private static final Set<Integer> ANSWERS = Set.of(200, 201, 202, 204, 206, 302, 304, 400, 401, 403, 404, 405, 409, 412, 413, 414, 416, 429, 431);
    /// What nobody needs to know of the program.
    private static final Pattern INSIDES = Pattern.compile("\\b(java|javax|sun|io\\.conshelf|io\\.helidon|org\\.apache|com\\.fasterxml|org\\.duckdb)\\.\\w+\\.|NullPointer");

    @TempDir
    private static Path folder;

    private static UpProcess up;
    private static String token;
    private static Neighbour neighbour;
    private static URI queue;
    private static String identity;
    private static URI container;
    private static List<RequestText> valid;
    /// Of the services beside the cluster, which are mutated too.
    private static List<RequestText> operations;

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
        for (String command : List.of(".create table Events (n:long, s:string, d:dynamic)", ".create table Types (a:string, b:long, int8:long, double:real, ts_us:datetime, Device:string, Value:real)", ".create table Whole (n:long)",
                ".alter database Lab policy streamingingestion enable", ".create table Events ingestion json mapping 'm' '[{\"column\":\"n\",\"path\":\"$.n\"}]'")) {
            assertThat(run("mgmt", command).path("error").path("@message").asText()).isEmpty();
        }
        container = URI.create(run("mgmt", ".create tempstorage").at("/Tables/0/Rows/0/0").asText());
        identity = run("mgmt", ".get kusto identity token").at("/Tables/0/Rows/0/0").asText();
        URI exports = URI.create(run("mgmt", ".show export containers").at("/Tables/0/Rows/0/0").asText());
        places.putAll(Map.of("exports", exports.getRawPath(), "exportsSas", exports.getRawQuery()));
        for (JsonNode row : run("mgmt", ".get ingestion resources").at("/Tables/0/Rows")) {
            URI place = URI.create(row.path(1).asText());
            String name = switch (row.path(0).asText()) {
                case "TempStorage" -> "blobs";
                case "SecuredReadyForAggregationQueue" -> "queue";
                case "IngestionsStatusTable" -> "table";
                case "FailedIngestionsQueue" -> "failed";
                default -> "other";
            };
            if (name.equals("queue")) {
                queue = place;
            }
            places.put(name, place.getRawPath());
            places.put(name + "Sas", place.getRawQuery());
        }
        try (InputStream text = HostileRequestsTest.class.getResourceAsStream("/hostile/requests.txt")) {
            Map<String, byte[]> bodies = new HashMap<>(Map.of("made/avro", avro(), "made/gzip", gzip("1,one,\n2,two,\n")));
            valid = RequestText.read(new String(text.readAllBytes(), StandardCharsets.UTF_8), places, bodies).stream().map(request -> signed(request, places)).toList();
        }
        // A job that starts brings Flink with it, which is a matter of its own; the database of all others is not to be deleted.
        operations = ManagementOperation.all().stream().filter(operation -> !operation.target().matches(".*/(start|createRun|databases/Lab)\\?.*"))
                .map(operation -> operation.signed(places.get(operation.audience().substring("https://".length())))).toList();
    }

    @AfterAll
    static void stop() {
        up.close();
    }

    /// Somebody who asks all the while, and is answered.
    private record Neighbour(Thread thread, AtomicLong answers, Queue<String> others, AtomicBoolean isLeaving) {
        private static final Duration PAUSE = Duration.ofMillis(5);

        static Neighbour come() {
            var answers = new AtomicLong();
            var others = new ConcurrentLinkedQueue<String>();
            var isLeaving = new AtomicBoolean();
            return new Neighbour(Thread.startVirtualThread(() -> {
                while (!isLeaving.get()) {
                    try {
                        goesOn();
                        answers.incrementAndGet();
                        LockSupport.parkNanos(PAUSE.toNanos());
                    } catch (IOException | AssertionError e) {
                        others.add(e.toString());
                    }
                }
            }), answers, others, isLeaving);
        }

        void leave() throws InterruptedException {
            isLeaving.set(true);
            thread.join();
            assertThat(others).as("what else they were answered").isEmpty();
            assertThat(answers).as("their answers").hasPositiveValue();
        }
    }

    @BeforeEach
    void aNeighbourComes() {
        neighbour = Neighbour.come();
    }

    @AfterEach
    void andLeaves() throws InterruptedException {
        neighbour.leave();
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
    void aMutatedRequestIsAnsweredAsItsServiceAnswers() throws Exception {
        Attempt mutated = (request, random) -> ask(new RequestMutation(random).of(request));
        assertThat(wrong(valid, ROUNDS, mutated)).as("requests that are answered otherwise; seed %d", SEED).isEmpty();
        assertThat(wrong(operations, ROUNDS / 5, mutated)).as("operations that are answered otherwise; seed %d", SEED).isEmpty();
    }

    /// Files are read from storage, where anybody may have put them who was lent it: at once, for a query, or when their turn comes.
    @Test
    @Order(3)
    void aMutatedFileIsReadOrRefused() throws Exception {
        byte[] rows = "1,one,\n2,two,{}\n".getBytes(StandardCharsets.UTF_8);
        Map<String, byte[]> files = Map.of("a.parquet", Files.readAllBytes(Surroundings.root().resolve("engine/src/test/resources/parquet/types.parquet")),
                "a.avro", avro(), "a.orc", Files.readAllBytes(Surroundings.root().resolve("it/samples/rows.orc")), "a.csv", rows, "a.json", "{\"b\":1,\"a\":\"x\"}\n{\"b\":2}\n".getBytes(StandardCharsets.UTF_8),
                "a.csv.gz", gzip(new String(rows, StandardCharsets.UTF_8)), "a.csv.zip", zip(rows), "a.multijson.zip", zip("[{\"n\":1},{\"n\":2}]".getBytes(StandardCharsets.UTF_8)));
        List<RequestText> uploads = files.entrySet().stream().map(file -> uploadOf(file.getKey(), file.getValue())).toList();
        List<String> wrong = wrong(uploads, ROUNDS, (upload, random) -> {
            String name = upload.target().substring(container.getRawPath().length() + 1, upload.target().indexOf('?'));
            String format = name.split("\\.")[1];
            Optional<String> refused = ask(upload.withBody(new RequestMutation(random).bytes(upload.body())));
            return refused.isPresent() ? refused : ask(switch (random.nextInt(4)) {
                case 0 -> asked("query", "externaldata (a:string, b:long, int8:long, double:real, Device:string) [h'" + placeOf(name) + "'] with (format='" + format + "')");
                case 1 -> asked("query", "evaluate infer_storage_schema(dynamic({'StorageContainers':[h'" + placeOf(name) + "'],'DataFormat':'" + format + "'}))");
                case 2 -> queued(name, "Types", format);
                default -> asked("mgmt", ".ingest into table Types (h'" + placeOf(name) + "') with (format='" + format + "')");
            });
        });
        assertThat(wrong).as("seed %d", SEED).isEmpty();
        whatIsWholeIsIngested();
    }

    private static RequestText uploadOf(String name, byte[] content) {
        return new RequestText("PUT", container.getRawPath() + "/" + name + "?" + container.getRawQuery(), 201, List.of("x-ms-blob-type: BlockBlob"), content);
    }

    private static String placeOf(String name) {
        return up.url() + container.getRawPath() + "/" + name + "?" + container.getRawQuery();
    }

    private static RequestText asked(String endpoint, String csl) {
        try {
            return new RequestText("POST", "/v1/rest/" + endpoint, 200, List.of("Content-Type: application/json", "Authorization: Bearer " + token),
                    JSON.writeValueAsBytes(Map.of("db", "Lab", "csl", csl)));
        } catch (JsonProcessingException e) {
            throw new AssertionError(e);
        }
    }

    private static RequestText queued(String name, String table, String format) {
        return message("{\"Id\":\"" + UUID.randomUUID() + "\",\"BlobPath\":\"" + placeOf(name) + "\",\"RawDataSize\":10,\"DatabaseName\":\"Lab\",\"TableName\":\"" + table
                + "\",\"FlushImmediately\":true,\"AdditionalProperties\":{\"format\":\"" + format + "\",\"tags\":\"[\\\"a\\\"]\",\"authorizationContext\":\"" + identity + "\"}}");
    }

    private static RequestText message(String json) {
        String text = Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8));
        return new RequestText("POST", queue.getRawPath() + "/messages?" + queue.getRawQuery(), 201, List.of("Content-Type: application/xml"),
                ("<QueueMessage><MessageText>" + text + "</MessageText></QueueMessage>").getBytes(StandardCharsets.UTF_8));
    }

    /// Whatever went before it in the queue.
    private static void whatIsWholeIsIngested() throws IOException {
        // What was ingested is deleted, by whichever message it was.
        String name = UUID.randomUUID() + ".csv";
        assertThat(Exchange.of(up.url(), uploadOf(name, "42\n".getBytes(StandardCharsets.UTF_8)).bytes()).status()).isEqualTo(201);
        long before = wholes();
        assertThat(Exchange.of(up.url(), queued(name, "Whole", "csv").bytes()).status()).isEqualTo(201);
        assertThat(Eventually.holds(HostileRequestsTest::wholes, count -> count > before)).as("rows; what failed: %s", run("mgmt", ".show ingestion failures | where Table == 'Whole'"))
                .isEqualTo(before + 1);
    }

    private static long wholes() {
        try {
            return run("query", "Whole | count").at("/Tables/0/Rows/0/0").asLong();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is in a message that a queue takes is read only when its turn comes.
    @Test
    @Order(4)
    void aMutatedMessageIsTakenAndWhatFollowsItToo() throws Exception {
        List<String> wrong = wrong(List.of(queued("a.csv", "Types", "csv")), ROUNDS * 4, (whole, random) -> {
            String text = new String(whole.body(), StandardCharsets.UTF_8).replaceAll("<.*?>", "");
            byte[] json = new RequestMutation(random).json(Base64.getDecoder().decode(text));
            return ask(message(new String(json, StandardCharsets.ISO_8859_1)));
        });
        assertThat(wrong).as("seed %d", SEED).isEmpty();
        whatIsWholeIsIngested();
    }

    private static byte[] zip(byte[] content) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            for (String name : List.of("a", "b")) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(content);
            }
        }
        return bytes.toByteArray();
    }

    /// Where it is no HTTP any more nobody can expect an answer.
    @Test
    @Order(5)
    void bytesThatAreNoRequestHurtNobody() throws Exception {
        List<String> wrong = wrong(valid, ROUNDS / 5, (request, random) -> {
            byte[] bytes = request.bytes();
            for (int left = 1 + random.nextInt(5); left > 0; left--) {
                bytes[random.nextInt(Math.min(bytes.length, 400))] = (byte) random.nextInt(256);
            }
            return Exchange.ofAll(up.url(), bytes).status() == 500 ? Optional.of(told(bytes, 500)) : Optional.empty();
        });
        assertThat(wrong).as("seed %d", SEED).isEmpty();
    }

    @FunctionalInterface
    private interface Attempt {
        /// What is wrong with the answer.
        Optional<String> on(RequestText request, RandomGenerator random);
    }

    /// Several requests at once, each with a random sequence of its own.
    private static List<String> wrong(List<RequestText> requests, int rounds, Attempt attempt) throws Exception {
        List<Callable<List<String>>> work = new ArrayList<>();
        var seeds = new SplittableRandom(SEED);
        for (RequestText request : requests) {
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

    private static Optional<String> ask(RequestText request) {
        var answer = Exchange.of(up.url(), request.bytes());
        boolean isUsual = ANSWERS.contains(answer.status())
                || answer.status() == 504 && request.target().contains("/rest/") || answer.status() == 501 && !request.target().contains("/rest/");
        boolean isRefusal = answer.status() < 400 || request.method().equals("HEAD") || isRefusal(answer.body());
        return isUsual && isRefusal ? Optional.empty() : Optional.of(told(request.bytes(), answer.status()) + "\nwas answered\n" + answer.body());
    }

    /// JSON as the cluster, the management plane, tables and the token service have it, XML as blobs and queues have it, or a page for people.
    private static boolean isRefusal(String body) {
        if (INSIDES.matcher(body).find()) {
            return false;
        }
        try {
            JsonNode json = JSON.readTree(body);
            JsonNode error = json.has("odata.error") ? json.path("odata.error") : json.path("error");
            // Managed identities have a form without a name around it.
            return error.isTextual() && json.hasNonNull("error_description") || error.hasNonNull("code") && error.hasNonNull("message")
                    || json.hasNonNull("statusCode") && json.hasNonNull("message");
        } catch (IOException otherwise) {
            return body.contains("<Code>") && body.contains("<Message>") || body.contains("<html");
        }
    }

    private static String told(byte[] request, int status) {
        return "\n" + status + " for\n" + new String(request, 0, Math.min(request.length, 3_000), StandardCharsets.UTF_8);
    }
}
