package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.azure.kusto.data.auth.ConnectionStringBuilder;
import com.microsoft.azure.kusto.ingest.IngestClientFactory;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A cluster whose clients are lent the containers and queues of an Azurite, in place of its own. Java's and Python's run their whole suites over http; Node's and
/// Go's upload to https only, and run what uploads, signed in.
@Timeout(900)
class ClientAzuriteTest {
    @TempDir
    private static Path folder;
    private static Azurite azurite;
    private static UpProcess up;

    @BeforeAll
    static void start() throws IOException {
        azurite = Azurite.start(Files.createDirectory(folder.resolve("azurite")));
        up = start("up", azurite);
    }

    private static UpProcess start(String name, Azurite account, String... more) throws IOException {
        var options = new ArrayList<>(List.of("--database", "Lab"));
        options.addAll(List.of(more));
        return UpProcess.start(Files.createDirectories(folder.resolve(name)), Files.createDirectories(folder.resolve("allowed")),
                Map.of("account", account.connectionString()), List.of("storage: account"), options.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        if (up != null) {
            up.close();
        }
        if (azurite != null) {
            azurite.close();
        }
    }

    @Test
    void resourcesAreThoseOfTheAccountAndItsKeyIsNot() throws IOException {
        String offered = Rest.command(up.url(), "Lab", ".get ingestion resources");
        assertThat(offered).contains(azurite.at("temp-0?")).doesNotContain("conshelfblob", "conshelfqueue", Azurite.KEY);
        assertThat(Rest.command(up.url(), "Lab", ".create tempstorage")).contains(azurite.at("temp-0?"));
        assertThat(Rest.command(up.url(), "Lab", ".show export containers")).contains(azurite.at("export-0?"));
    }

    @Test
    void javaUploads() {
        passes(JavaProcess.program(Surroundings.root().resolve("it/java/Clients.java"), List.of(), List.of()).toArray(String[]::new));
        assertThat(azurite.container("temp-0").listBlobs().stream()).as("what was uploaded").isNotEmpty();
    }

    @Test
    void pythonUploads() {
        passes(python());
    }

    private static String[] python() {
        return new String[] {Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients").toString(),
                Surroundings.root().resolve("it/python/clients.py").toString()};
    }

    /// Clients that sign in, and both sides by https, without which Node's and Go's upload nothing.
    @Test
    void whoSignsInUploadsByHttps() throws Exception {
        Path here = Files.createDirectory(folder.resolve("secure"));
        var certificate = ServerCertificate.make(here);
        Path data = here.resolve("data");
        String trusting = trusting(here.resolve("server.p12"));
        try (var account = Azurite.startSecure(Files.createDirectory(here.resolve("azurite")), certificate);
                var running = UpProcess.start(here, Files.createDirectory(here.resolve("allowed")), Map.of("account", account.connectionString(), "JAVA_TOOL_OPTIONS", trusting),
                        List.of("storage: account"), "--database", "Lab", "--tls", "--auth", "entra", "--data", data.toString());
                var names = HostsProxy.to(running)) {
            var signedIn = new SecureUp(running, SecureUp.trust(here, data), Administrator.of(running, data).variables());
            var environment = new HashMap<>(signedIn.signingIn());
            environment.putAll(names.environment());
            for (String name : List.of("NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")) {
                Path both = here.resolve(name + ".pem");
                environment.put(name, Files.writeString(both, Files.readString(Path.of(signedIn.trust().get(name))) + certificate.pem()).toString());
            }
            environment.put("JAVA_TOOL_OPTIONS", trusting(both(data.resolve("tls/trust.p12"), here)));
            environment.put("ONLY", "ueue");
            Surroundings.present(Surroundings.root().resolve("it/node/node_modules"), "Node with the official clients");
            passes(List.of(running.secureUrl(), "Lab"), environment, "node", Surroundings.root().resolve("it/node/clients.mjs").toString());
            passes(List.of(running.secureUrl(), "Lab"), environment, ClientSuitesTest.program("go").toString());
            passes(List.of(running.secureUrl(), "Lab"), environment, ClientSuitesTest.program("go-older").toString());
            // The whole of these runs by http: here they go there and back.
            environment.put("ONLY", "http");
            passes(List.of(running.secureUrl(), "Lab", running.secureUrl()), environment, JavaProcess.program(Surroundings.root().resolve("it/java/Clients.java"), List.of(), List.of()).toArray(String[]::new));
            passes(List.of(running.secureUrl(), "Lab", running.secureUrl()), environment, python());
            String lent = Exchange.of(running.url(), new RequestText("POST", "/v1/rest/mgmt", 200, List.of("Content-Type: application/json",
                    "Authorization: Bearer " + new Administrator(running.url(), signedIn.administrator()).token("https://kusto.kusto.windows.net")),
                    "{\"db\":\"Lab\",\"csl\":\".get ingestion resources\"}".getBytes(StandardCharsets.UTF_8)).bytes()).body();
            assertThat(lent).contains(account.at("temp-")).doesNotContain("conshelfblob", Azurite.KEY);
        }
    }

    private static String trusting(Path store) {
        return "-Djavax.net.ssl.trustStore=" + store + " -Djavax.net.ssl.trustStorePassword=changeit";
    }

    /// What Java trusts for the cluster, and the certificate of the account.
    private static Path both(Path trusted, Path here) throws Exception {
        char[] password = "changeit".toCharArray();
        KeyStore all = KeyStore.getInstance(trusted.toFile(), password);
        all.setCertificateEntry("account", KeyStore.getInstance(here.resolve("server.p12").toFile(), password).getCertificate("server"));
        Path both = here.resolve("both.p12");
        try (var out = Files.newOutputStream(both)) {
            all.store(out, password);
        }
        return both;
    }

    /// The account hides what one process has in its hands; a clean end gives it back at once.
    @Test
    void whatWaitsAtTheEndOfAProcessIsIngestedByTheNext() throws Exception {
        // Of its own: two clusters would take each other's messages.
        try (var account = Azurite.start(Files.createDirectory(folder.resolve("another")))) {
            var place = new String[] {"--data", folder.resolve("data").toString()};
            try (var first = start("first", account, place)) {
                Rest.command(first.url(), "Lab", ".create table Waiting (a:long)");
                Rest.command(first.url(), "Lab", ".alter table Waiting policy ingestionbatching '{\"MaximumBatchingTimeSpan\":\"00:30:00\",\"MaximumNumberOfItems\":100}'");
                queue(first.url());
                assertThat(Eventually.holds(() -> account.isHidden("ready-0"), Boolean::booleanValue)).as("it is in the hands of the first").isTrue();
                Rest.command(first.url(), "Lab", ".alter table Waiting policy ingestionbatching '{\"MaximumNumberOfItems\":1}'");
            }
            try (var second = start("second", account, place)) {
                assertThat(Eventually.holds(() -> Rest.query(second.url(), "Lab", "Waiting"), rows -> rows.contains("[[7]]"))).contains("[[7]]");
                assertThat(Eventually.holds(() -> account.messages("ready-0"), count -> count == 0)).as("messages that are left").isZero();
            }
        }
    }

    @Test
    void whoeverNeedsAnAccountThatIsAwayIsToldSoAndTheClusterEndsAllTheSame() throws Exception {
        var account = Azurite.start(Files.createDirectory(folder.resolve("leaving")));
        try (var cluster = start("left", account); var client = HttpClient.newHttpClient()) {
            Rest.command(cluster.url(), "Lab", ".create table T (a:long)");
            account.close();
            var request = HttpRequest.newBuilder(URI.create(cluster.url() + "/v1/rest/ingestion/queued/Lab/T"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"blobs\":[{\"url\":\"http://127.0.0.1:1/c/a.csv\"}],\"properties\":{\"format\":\"csv\"}}"))
                    .build();
            var answer = client.send(request, HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
            assertThat(answer.body()).contains("storage account", "\"@permanent\":false").doesNotContain(Azurite.KEY);
        }
    }

    private static void queue(String url) throws Exception {
        var properties = new IngestionProperties("Lab", "Waiting");
        properties.setDataFormat(IngestionProperties.DataFormat.CSV);
        try (var client = IngestClientFactory.createClient(new ConnectionStringBuilder(url))) {
            client.ingestFromStream(new StreamSourceInfo(new ByteArrayInputStream("7\n".getBytes(StandardCharsets.UTF_8))), properties);
        }
    }

    private static void passes(String... program) {
        passes(List.of(up.url(), "Lab"), Map.of(), program);
    }

    private static void passes(List<String> arguments, Map<String, String> environment, String... program) {
        var command = new ArrayList<>(List.of(program));
        command.addAll(arguments);
        var all = new HashMap<>(environment);
        all.put("SAMPLES", Surroundings.samples());
        var finished = Surroundings.run(folder, all, command);
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).as("its checks").contains("ok ");
    }
}
