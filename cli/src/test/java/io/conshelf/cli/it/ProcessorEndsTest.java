package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.connectors.kusto.LocalTokens;
import io.conshelf.engine.external.Postgres;
import io.conshelf.processor.definition.Authentication;
import io.conshelf.processor.definition.Batch;
import io.conshelf.processor.definition.Field;
import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.definition.FormatDefinition.Plain;
import io.conshelf.processor.definition.HttpRequest;
import io.conshelf.processor.definition.InputDefinition;
import io.conshelf.processor.definition.OutputDefinition.Settings;
import io.conshelf.processor.definition.PartitionStrategy;
import io.conshelf.processor.destination.Destination;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.destination.Destinations;
import io.conshelf.processor.destination.FilesDestination;
import io.conshelf.processor.destination.HttpDestination;
import io.conshelf.processor.destination.MqttDestination;
import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.secret.SecretFolder;
import io.conshelf.processor.secret.Secrets;
import io.conshelf.processor.secret.SignIn;
import io.conshelf.processor.source.Source;
import io.conshelf.processor.source.SourceException;
import io.conshelf.processor.source.Sources;
import io.conshelf.processor.source.Subscriptions;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Both ends of pipelines at real servers: brokers, web servers, databases, storage.
class ProcessorEndsTest {
    private static final Duration SHORT = Duration.ofMillis(10);
    private static final Instant RECEIVED = Instant.parse("2026-01-02T03:04:05Z");
    private static final FormatDefinition JSON = new FormatDefinition(Plain.JSON, path(".payload"));
    private static final Authentication NOBODY = new Authentication.None();
    private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();

    @TempDir
    private static Path folder;
    private static Path secrets;
    private static SignIn signIn;

    @BeforeAll
    static void makeSecrets() throws IOException {
        secrets = Files.createDirectory(folder.resolve("secrets"));
        signIn = new SignIn(Endpoints.replacedBy(URI.create("http://127.0.0.1:1")), new SecretFolder(secrets));
    }

    @AfterAll
    static void stop() {
        THREADS.shutdownNow();
    }

    private static io.conshelf.processor.path.Path path(String text) {
        try {
            return io.conshelf.processor.path.Path.parse(text);
        } catch (io.conshelf.processor.path.InvalidPathException e) {
            throw new AssertionError(e);
        }
    }

    private static void secret(String name, String content) throws IOException {
        Files.writeString(secrets.resolve(name), content);
    }

    private static Source source(InputDefinition.Settings settings, String clientId) throws StoreException {
        return Sources.open(new InputDefinition("input", "", settings, FormatDefinition.RAW, 1, new PartitionStrategy.RoundRobin()), clientId, signIn, Subscriptions.UNKNOWN);
    }

    private static <T> T inTime(Callable<T> task) throws Exception {
        Future<T> running = THREADS.submit(task);
        try {
            return running.get(2, TimeUnit.MINUTES);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        } finally {
            running.cancel(true);
        }
    }

    private static List<Source.Arrival> read(Source source, int count) throws Exception {
        return inTime(() -> {
            List<Source.Arrival> arrivals = new ArrayList<>();
            while (arrivals.size() < count) {
                arrivals.addAll(source.next());
            }
            return arrivals;
        });
    }

    private static List<String> texts(List<Source.Arrival> arrivals) {
        return arrivals.stream().map(arrival -> new String(arrival.payload(), StandardCharsets.UTF_8)).toList();
    }

    private static Message message(String json) throws IOException {
        return new Message(JsonText.read(json), new Message.Partition(0, "0"), RECEIVED);
    }

    private static Field fixed(String text) {
        return new Field.Static(Value.of(text));
    }

    @Test
    void secretsAreFilesThatAreReadEachTime() throws Exception {
        Secrets read = new SecretFolder(secrets);
        secret("one", "first\n");
        assertThat(read.find("one")).contains("first");
        secret("one", "second line\nthird\r\n");
        assertThat(read.find("one")).contains("second line\nthird");
        Files.writeString(folder.resolve("outside"), "not this");
        assertThat(Stream.of("../outside", "..", ".", "", "none", "/etc/hostname").map(read::find)).allMatch(Optional::isEmpty);
        assertThatThrownBy(() -> read.needed("none")).isInstanceOf(StoreException.class).hasMessage("There is no secret of the name that the stage's 'authentication' gives");
        assertThat(signIn.toString()).doesNotContain("second");
    }

    // MQTT

    private static InputDefinition.Settings.Mqtt mqttInput(String broker, String topic, Authentication authentication, String trusted) {
        return new InputDefinition.Settings.Mqtt(broker, List.of(topic), 1, InputDefinition.Session.KEPT, authentication, trusted);
    }

    private static Settings.Mqtt mqttOutput(String broker, Field topic, FormatDefinition format, Authentication authentication, String trusted) {
        return new Settings.Mqtt(broker, topic, 1, format, authentication, trusted, List.of(new Field.Pair(fixed("kind"), new Field.Dynamic(path(".kind")))),
                Retry.DEFAULT);
    }

    /// Subscribes, and only then sends.
    private static List<Source.Arrival> through(Source source, Destination destination, List<String> messages, String hello) throws Exception {
        Future<List<Source.Arrival>> first = THREADS.submit(() -> read(source, 1));
        long checkpoint = 0;
        while (!first.isDone()) {
            destination.accept(message(hello));
            destination.prepare(++checkpoint);
        }
        first.get(2, TimeUnit.MINUTES).forEach(arrival -> arrival.delivery().acknowledge());
        for (String message : messages) {
            destination.accept(message(message));
        }
        assertThat(destination.prepare(++checkpoint)).isEmpty();
        return inTime(() -> {
            List<Source.Arrival> arrivals = new ArrayList<>();
            while (arrivals.size() < messages.size()) {
                for (Source.Arrival arrival : source.next()) {
                    arrival.delivery().acknowledge();
                    if (!new String(arrival.payload(), StandardCharsets.UTF_8).equals("\"hello\"")) {
                        arrivals.add(arrival);
                    }
                }
            }
            return arrivals;
        });
    }

    @Test
    void messagesGoThroughABrokerByTlsWithACertificateOrAPassword() throws Exception {
        Path own = Files.createDirectory(folder.resolve("tls"));
        ServerCertificate server = ServerCertificate.make(own);
        ServerCertificate client = ServerCertificate.make(Files.createDirectory(own.resolve("client")));
        secret("broker-ca", server.pem());
        secret("client-certificate", client.pem());
        secret("client-key", Files.readString(client.key()));
        try (Mosquitto broker = Mosquitto.start(own, "persistence false\ncertfile %s%nkeyfile %s%ncafile %s%nrequire_certificate true%n".formatted(
                server.certificate(), server.key(), client.certificate()))) {
            String address = "tls://127.0.0.1:" + broker.port();
            Authentication shown = new Authentication.Certificate("client-certificate", "client-key");
            try (Source source = source(mqttInput(address, "a/+", shown, "broker-ca"), "reader");
                    Destination destination = new MqttDestination(mqttOutput(address, new Field.Dynamic(path(".to")), JSON, shown, "broker-ca"), "writer", signIn)) {
                List<Source.Arrival> arrivals = through(source, destination, List.of("{\"payload\":{\"n\":1},\"to\":\"a/one\",\"kind\":\"x\"}",
                        "{\"payload\":2,\"to\":\"a/two\",\"kind\":7}"), "{\"payload\":\"hello\",\"to\":\"a/b\",\"kind\":\"\"}");
                assertThat(texts(arrivals)).containsExactly("{\"n\":1}", "2");
                assertThat(JsonText.write(arrivals.getFirst().envelope().get("userProperties"))).isEqualTo("[{\"key\":\"kind\",\"value\":\"x\"}]");
                assertThat(arrivals.getLast().envelope()).containsEntry("topic", Value.of("a/two"));
                assertThatThrownBy(() -> destination.accept(message("{\"payload\":1,\"kind\":\"x\"}"))).isInstanceOf(StageException.class)
                        .hasMessage("the message has nothing for the topic");
                assertThatThrownBy(() -> destination.accept(message("{\"payload\":1,\"kind\":\"x\",\"to\":\"a/#\"}"))).isInstanceOf(StageException.class)
                        .hasMessageContaining("'a/#'");
                assertThatThrownBy(() -> destination.accept(message("{\"to\":\"a/b\",\"kind\":\"x\"}"))).isInstanceOf(StageException.class)
                        .hasMessage("the message has nothing at '.payload'");
            }
            try (Source source = source(mqttInput(address, "a/+", NOBODY, "broker-ca"), "nobody")) {
                assertThatThrownBy(() -> read(source, 1)).isInstanceOf(SourceException.class);
            }
            try (Source source = source(mqttInput(address, "a/+", shown, ""), "doubting")) {
                assertThatThrownBy(() -> read(source, 1)).isInstanceOf(SourceException.class).hasMessageContaining("is not reached");
            }
        }
    }

    @Test
    void messagesGoThroughABrokerThatAsksForAPasswordAndOverItsRestart() throws Exception {
        Path own = Files.createDirectory(folder.resolve("password"));
        Path passwords = own.resolve("passwords");
        Process made = new ProcessBuilder("mosquitto_passwd", "-c", "-b", passwords.toString(), "me", "the secret").redirectErrorStream(true)
                .redirectOutput(own.resolve("passwd.log").toFile()).start();
        assertThat(made.waitFor(1, TimeUnit.MINUTES) && made.exitValue() == 0).as("%s", Files.readString(own.resolve("passwd.log"))).isTrue();
        passwords.toFile().setReadable(true, false);
        secret("mqtt-password", "the secret");
        secret("wrong", "no secret");
        try (Mosquitto broker = Mosquitto.start(own, "persistence true\npersistence_location %s/%nallow_anonymous false%npassword_file %s%n".formatted(own, passwords))) {
            String address = "mqtt://127.0.0.1:" + broker.port();
            Authentication me = new Authentication.UsernamePassword("me", "mqtt-password");
            FormatDefinition whole = new FormatDefinition(Plain.MESSAGE_PACK, io.conshelf.processor.path.Path.WHOLE);
            try (Source source = source(mqttInput(address, "b", me, ""), "reader");
                    Destination destination = new MqttDestination(mqttOutput(address, fixed("b"), whole, me, ""), "writer", signIn)) {
                List<String> messages = IntStream.range(0, 500).mapToObj("{\"kind\":\"%d\"}"::formatted).toList();
                List<Source.Arrival> arrivals = through(source, destination, messages, "{\"kind\":\"hello\"}").stream()
                        .filter(arrival -> arrival.payload().length < 12).toList();
                assertThat(arrivals).isNotEmpty();
                broker.restart();
                assertThatThrownBy(() -> read(source, 600)).isInstanceOf(SourceException.class);
                for (int i = 0; i < 10; i++) {
                    Message message = message("{\"kind\":\"after %d\"}".formatted(i));
                    // what is lost with the connection is told once, and then sent again
                    assertThat(Eventually.holds(() -> isAccepted(destination, message), Boolean::booleanValue)).isTrue();
                }
                assertThat(Eventually.holds(() -> isPrepared(destination), Boolean::booleanValue)).isTrue();
                List<String> after = new ArrayList<>();
                inTime(() -> {
                    while (!after.contains("after 9")) {
                        source.next().forEach(arrival -> {
                            String text = new String(arrival.payload(), StandardCharsets.UTF_8);
                            if (text.contains("after")) {
                                after.add(text.substring(text.indexOf("after")));
                            }
                            arrival.delivery().acknowledge();
                        });
                    }
                    return after;
                });
                assertThat(after.stream().distinct().sorted()).containsExactlyElementsOf(IntStream.range(0, 10).mapToObj(i -> "after " + i).toList());
            }
            try (Source source = source(mqttInput(address, "b", new Authentication.UsernamePassword("me", "wrong"), ""), "other")) {
                assertThatThrownBy(() -> read(source, 1)).isInstanceOf(SourceException.class).hasMessageContaining("not authorized").hasMessageNotContaining("no secret");
            }
        }
    }

    private static boolean isAccepted(Destination destination, Message message) {
        try {
            destination.accept(message);
            return true;
        } catch (DestinationException lost) {
            assertThat(lost.lasting()).isEqualTo(Lasting.TRANSIENT);
            return false;
        } catch (StageException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static boolean isPrepared(Destination destination) {
        try {
            destination.prepare(1_000);
            return true;
        } catch (DestinationException lost) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void whatIsNotOnThisMachineIsNotReachedAndSecretsDoNotGoInTheOpen() throws Exception {
        secret("p", "hidden");
        Authentication me = new Authentication.UsernamePassword("me", "p");
        assertThatThrownBy(() -> source(mqttInput("tls://broker.example.org", "a", NOBODY, ""), "c")).hasMessage(
                "The MQTT broker 'broker.example.org' is not on this machine: list it under 'live' to reach it");
        SignIn open = new SignIn(Endpoints.replacedBy(URI.create("http://127.0.0.1:1"), List.of("broker.example.org")), signIn.secrets());
        assertThatThrownBy(() -> open.broker("tcp://broker.example.org", me, "")).hasMessage("Credentials for 'broker.example.org' are sent over TLS only: write tls://");
        assertThat(open.broker("tls://broker.example.org", me, "").toString()).doesNotContain("hidden");
        assertThatThrownBy(() -> open.broker("http://localhost", NOBODY, "")).hasMessageContaining("is not the address of a broker");
        assertThatThrownBy(() -> open.broker("tcp://localhost", new Authentication.Header("a", "p"), "")).hasMessageContaining("'Header'");
        assertThatThrownBy(() -> open.broker("tcp://localhost", new Authentication.UsernamePassword("me", "gone"), "")).hasMessage("There is no secret of the name that the stage's 'authentication' gives");
    }

    // HTTP

    /// What a web server was asked.
    private record Asked(String method, Map<String, List<String>> headers, String body) {}

    private interface Answering {
        int status(int number);
    }

    private static HttpServer web(List<Asked> asked, Answering answering, String body) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", (HttpExchange exchange) -> {
            asked.add(new Asked(exchange.getRequestMethod(), Map.copyOf(exchange.getRequestHeaders()), new String(exchange.getRequestBody().readAllBytes(),
                    StandardCharsets.UTF_8)));
            byte[] answer = body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answering.status(asked.size()), answer.length == 0 ? -1 : answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.setExecutor(THREADS);
        server.start();
        return server;
    }

    private static String address(HttpServer server) {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/readings?x=1";
    }

    @Test
    void anEndpointIsAskedAgainAndAgain() throws Exception {
        List<Asked> asked = new CopyOnWriteArrayList<>();
        HttpServer server = web(asked, number -> number == 3 ? 503 : 200, "{\"t\":21.5}");
        secret("api-key", "key one\n");
        InputDefinition.Settings settings = new InputDefinition.Settings.Http(address(server), "POST", SHORT, Value.of("give"),
                List.of(new Field.Pair(fixed("X-Kind"), fixed("poll"))), new Authentication.Header("X-Api-Key", "api-key"));
        try (Source source = source(settings, "")) {
            assertThat(texts(read(source, 2))).containsExactly("{\"t\":21.5}", "{\"t\":21.5}");
            assertThatThrownBy(() -> read(source, 1)).isInstanceOf(SourceException.class).hasMessageContaining("503");
            assertThat(read(source, 1).getFirst().envelope()).isEmpty();
            assertThat(asked).hasSize(4).allSatisfy(one -> {
                assertThat(one.method()).isEqualTo("POST");
                assertThat(one.body()).isEqualTo("give");
                assertThat(one.headers()).containsEntry("X-kind", List.of("poll")).containsEntry("X-api-key", List.of("key one"));
            });
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anEndpointGetsEveryMessage() throws Exception {
        List<Asked> asked = new CopyOnWriteArrayList<>();
        HttpServer server = web(asked, number -> number == 2 ? 500 : number == 3 ? 400 : 204, "");
        secret("web-password", "pass");
        Settings.Http settings = new Settings.Http(address(server), "PUT", new HttpRequest(List.of(JSON), List.of(new Field.Pair(fixed("X-Line"),
                new Field.Dynamic(path(".line"))))), new Authentication.UsernamePassword("me", "web-password"), Retry.DEFAULT);
        try (Destination destination = new HttpDestination(settings, signIn)) {
            Message message = message("{\"payload\":{\"a\":1},\"line\":\"7\"}");
            destination.accept(message);
            assertThatThrownBy(() -> destination.accept(message)).isInstanceOfSatisfying(DestinationException.class,
                    e -> assertThat(e.lasting()).isEqualTo(Lasting.TRANSIENT));
            assertThatThrownBy(() -> destination.accept(message)).isInstanceOfSatisfying(DestinationException.class,
                    e -> assertThat(e.lasting()).isEqualTo(Lasting.PERMANENT)).hasMessageContaining("400").hasMessageNotContaining("x=1");
            assertThatThrownBy(() -> destination.accept(message("{\"payload\":1}"))).isInstanceOf(StageException.class);
            assertThat(asked.getFirst()).satisfies(one -> {
                assertThat(one.method()).isEqualTo("PUT");
                assertThat(one.body()).isEqualTo("{\"a\":1}");
                assertThat(one.headers()).containsEntry("X-line", List.of("7")).containsEntry("Authorization", List.of("Basic bWU6cGFzcw=="));
            });
        } finally {
            server.stop(0);
        }
        try (Destination gone = new HttpDestination(settings, signIn)) {
            assertThatThrownBy(() -> gone.accept(message("{\"payload\":1,\"line\":\"\"}"))).isInstanceOfSatisfying(DestinationException.class,
                    e -> assertThat(e.lasting()).isEqualTo(Lasting.TRANSIENT));
        }
    }

    // SQL

    @Test
    void eachRowOfAQueryIsAMessageWheneverItIsAsked() throws Exception {
        try (Databases databases = Databases.start()) {
            databases.postgres().execute("create table readings (id int, name text, value double precision, at timestamptz, ok boolean)");
            databases.postgres().execute("insert into readings select i, 'ä ' || i, i + 0.5, timestamptz '2026-01-02T03:04:05Z', i % 2 = 0 from generate_series(1, 2500) i");
            secret("pg", Postgres.PASSWORD);
            InputDefinition.Settings settings = new InputDefinition.Settings.Sql(InputDefinition.Database.POSTGRESQL, "127.0.0.1", databases.postgres().port(), "postgres",
                    "select * from readings order by id", SHORT, new Authentication.UsernamePassword(Postgres.USER, "pg"));
            try (Source source = source(settings, "")) {
                List<String> rows = texts(read(source, 2500));
                assertThat(rows).hasSize(2500);
                assertThat(JsonText.read(rows.getFirst())).satisfies(row -> {
                    Value.Members members = (Value.Members) row;
                    assertThat(members.member("id")).isEqualTo(Value.of(1));
                    assertThat(members.member("name")).isEqualTo(Value.of("ä 1"));
                    assertThat(members.member("value")).isEqualTo(Value.of(1.5));
                    assertThat(members.member("ok")).isEqualTo(Value.FALSE);
                    assertThat(JsonText.write(members.member("at"))).contains("2026-01-02").contains("03:04:05");
                });
                databases.postgres().execute("delete from readings where id > 1");
                assertThat(texts(inTime(() -> {
                    List<Source.Arrival> arrivals = source.next();
                    while (arrivals.size() > 1) {
                        arrivals = source.next();
                    }
                    return arrivals;
                }))).containsExactly(rows.getFirst());
                databases.postgres().execute("drop table readings");
                assertThatThrownBy(() -> read(source, 1_000)).isInstanceOf(SourceException.class).hasMessageContaining("readings");
                databases.postgres().execute("create table readings as select 7 as id");
                assertThat(texts(read(source, 1))).contains("{\"id\":7}");
            }
            secret("pg", "wrong");
            try (Source source = source(settings, "")) {
                assertThatThrownBy(() -> read(source, 1)).isInstanceOf(SourceException.class).hasMessageNotContaining("wrong");
            }
        }
    }

    // files

    private static Batch batch() {
        return new Batch(Duration.ofSeconds(60), path(".payload"));
    }

    private static final io.conshelf.processor.path.FileTemplate TEMPLATE = new io.conshelf.processor.path.FileTemplate(
            "{{instanceId}}/{{{pipelineId}}}/{{partitionId}}/{{YYYY}}-{{MM}}-{{DD}}/{{HH}}{{mm}}-{{fileNumber}}.json");

    private FilesDestination.Place place(String name) {
        return new FilesDestination.Place("edge", "line1", 0, folder.resolve(name));
    }

    private static byte[] filled(Destination destination, long checkpoint) throws Exception {
        assertThat(destination.due()).isEmpty();
        destination.accept(message("{\"payload\":{\"a\":1}}"));
        destination.accept(message("{\"payload\":[2]}"));
        assertThat(destination.due()).contains(RECEIVED.plusSeconds(60));
        byte[] prepared = destination.prepare(checkpoint);
        assertThat(destination.due()).isEmpty();
        return prepared;
    }

    @Test
    void aBatchBecomesABlobOnceItsCheckpointIsComplete() throws Exception {
        try (Azurite azurite = Azurite.start(Files.createDirectory(folder.resolve("azurite")))) {
            azurite.container("readings");
            secret("account-key", Azurite.KEY + "\n");
            Settings.Blob settings = new Settings.Blob(azurite.at("").replaceFirst("/$", ""), "readings", new Authentication.AccessKey("account-key"), JSON, TEMPLATE, batch(), Retry.DEFAULT);
            String name = "edge/line1/0/2026-01-02/0304-7.json";
            byte[] prepared;
            try (Destination destination = Destinations.of(settings, place("blobs"), signIn)) {
                assertThatThrownBy(() -> destination.accept(message("{}"))).isInstanceOf(StageException.class).hasMessageContaining("batch's path");
                prepared = filled(destination, 7);
                assertThat(azurite.container("readings").getBlobClient(name).exists()).isFalse();
            }
            try (Destination again = Destinations.of(settings, place("blobs"), signIn)) {
                again.commit(prepared);
                assertThat(azurite.container("readings").getBlobClient(name).downloadContent().toString()).isEqualTo("[{\"a\":1},[2]]");
                again.commit(prepared);
                assertThat(azurite.container("readings").listBlobs().stream().count()).isEqualTo(1);
                assertThat(folder.resolve("blobs")).isEmptyDirectory();
                assertThat(again.prepare(8)).isEmpty();
                secret("account-key", "bm8=");
                byte[] next = filled(again, 9);
                assertThatThrownBy(() -> again.commit(next)).isInstanceOf(DestinationException.class).hasMessageNotContaining("bm8=");
                secret("account-key", Azurite.KEY);
                again.commit(next);
                assertThat(azurite.container("readings").listBlobs().stream().count()).isEqualTo(2);
            }
        }
    }

    @Test
    void accountsOfDefinitionsLeadToTheEmbeddedStorage() throws Exception {
        try (Server server = Server.start(ServerConfig.local())) {
            SignIn embedded = new SignIn(Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of()), Secrets.NONE);
            Settings.Blob settings = new Settings.Blob("plantdata", "readings", new Authentication.ServicePrincipal("t", "c", "secret"),
                    new FormatDefinition(Plain.CBOR, io.conshelf.processor.path.Path.WHOLE), TEMPLATE, batch(), Retry.DEFAULT);
            try (Destination destination = Destinations.of(settings, place("embedded"), embedded)) {
                destination.commit(filled(destination, 1));
                destination.commit(filled(destination, 2));
            }
            assertThat(folder.resolve("embedded")).isEmptyDirectory();
        }
    }

    @Test
    void anEmbeddedAccountOfAClusterThatAsksWhoOneIsOpensByItsKey() throws Exception {
        Path data = Files.createDirectory(folder.resolve("data"));
        try (Server server = Server.start(ServerConfig.local().withData(data).withAuth(ServerConfig.Auth.ENTRA))) {
            Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
            String key = key(endpoints.resolve("https://samples.westeurope.kusto.windows.net"), data, "plantdata");
            SignIn keyed = new SignIn(endpoints, name -> Optional.of(key).filter(_ -> name.equals("plant-key")));
            Settings.Blob settings = new Settings.Blob("plantdata", "readings", new Authentication.AccessKey("plant-key"), JSON, TEMPLATE, batch(), Retry.DEFAULT);
            try (Destination destination = Destinations.of(settings, place("keyed"), keyed)) {
                destination.commit(filled(destination, 1));
            }
            assertThat(folder.resolve("keyed")).isEmptyDirectory();
            Settings.Blob nameless = new Settings.Blob("plantdata", "readings", new Authentication.ManagedIdentity(), JSON, TEMPLATE, batch(), Retry.DEFAULT);
            try (Destination destination = Destinations.of(nameless, place("nameless"), keyed)) {
                byte[] prepared = filled(destination, 1);
                assertThatThrownBy(() -> destination.commit(prepared)).isInstanceOf(DestinationException.class).hasMessageContaining("opens by its key");
            }
        }
    }

    private static String key(KustoEndpoint endpoint, Path data, String account) throws Exception {
        Map<String, String> stated = new TreeMap<>();
        Files.readAllLines(data.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#")).forEach(line ->
                stated.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1)));
        String token = LocalTokens.<StoreException>of(endpoint, "https://management.azure.com", () -> KustoCredential.of(stated)).orElseThrow().token();
        HttpURLConnection keys = (HttpURLConnection) endpoint.uri().resolve("/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/" + account
                + "/listKeys?api-version=2023-05-01").toURL().openConnection();
        keys.setRequestMethod("POST");
        keys.setRequestProperty("Authorization", "Bearer " + token);
        keys.setDoOutput(true);
        keys.getOutputStream().close();
        return new ObjectMapper().readTree(keys.getInputStream()).at("/keys/0/value").asText();
    }

    @Test
    void aBatchBecomesAFileInItsFolderAndNowhereElse() throws Exception {
        Path root = folder.resolve("files");
        Settings.File settings = new Settings.File(root.toString(), JSON, TEMPLATE, batch(), "0640");
        try (Destination destination = Destinations.of(settings, place("files-state"), FolderAccess.ANY, folder)) {
            byte[] prepared = filled(destination, 3);
            assertThat(root).doesNotExist();
            destination.commit(prepared);
            Path file = root.resolve("edge/line1/0/2026-01-02/0304-3.json");
            assertThat(file).hasContent("[{\"a\":1},[2]]");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-r-----");
        }
        try (Destination outside = Destinations.of(new Settings.File(root.toString(), JSON, new io.conshelf.processor.path.FileTemplate("../{{fileNumber}}"), batch(), ""),
                place("outside-state"), FolderAccess.ANY, folder)) {
            byte[] prepared = filled(outside, 1);
            assertThatThrownBy(() -> outside.commit(prepared)).isInstanceOf(DestinationException.class);
            assertThat(folder.resolve("1")).doesNotExist();
        }
        assertThatThrownBy(() -> Destinations.of(settings, place("x"), FolderAccess.within(List.of(folder.resolve("other"))), folder))
                .isInstanceOf(StoreException.class).hasMessageContaining("allowedFolders");
        assertThatThrownBy(() -> Destinations.of(new Settings.File(root.toString(), JSON, TEMPLATE, batch(), "rw"), place("x"), FolderAccess.ANY, folder))
                .hasMessageContaining("three octal digits");
    }
}
