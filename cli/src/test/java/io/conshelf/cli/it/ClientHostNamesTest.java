package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.connectors.kusto.LocalTokens;
import io.conshelf.connectors.kusto.QueryOptions;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Clients that take storage only under the service's own names, `https://ACCOUNT.blob.core.windows.net`: a cluster that lends such names, in whose file of hosts
/// they lead to it.
class ClientHostNamesTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @TempDir
    private static Path folder;
    private static SecureUp cluster;
    private static HostsProxy hosts;
    private static KustoEndpoint endpoint;
    private static KustoCluster administrator;

    @BeforeAll
    static void start() throws Exception {
        cluster = SecureUp.start(folder, List.of("storageHosts: [lab]"), "--auth", "entra", "--host-name", "lab.example");
        hosts = HostsProxy.to(cluster.up());
        endpoint = Endpoints.embedded(URI.create(cluster.up().url()), List.of()).resolve("https://lab.westeurope.kusto.windows.net");
        administrator = KustoCluster.connect(endpoint, KustoCredential.of(cluster.administrator()));
    }

    @AfterAll
    static void stop() throws Exception {
        administrator.close();
        hosts.close();
        cluster.close();
    }

    /// Under a name with a dot, without which Go's client takes no address.
    private static String url() {
        return cluster.up().secureUrl().replace("localhost", "lab.example");
    }

    /// The library of these clients signs in at login.microsoftonline.com, unless the tenant begins with an address.
    private static String tenant() {
        return url() + "/adfs";
    }

    private static Map<String, String> environment() {
        var environment = new HashMap<>(cluster.signingIn());
        environment.putAll(hosts.environment());
        environment.put("AZURE_TENANT_ID", tenant());
        return environment;
    }

    @Test
    void theOldestGoClientStreamsAndQueues() {
        var program = Surroundings.present(Surroundings.root().resolve(".conshelf/go/go-oldest"), "Go with the official clients");
        var finished = Surroundings.run(folder, environment(), List.of(program.toString(), url(), "Lab"));
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).contains("ok main.queuedAndManaged", "ok main.theTableTellsHowItEnded");
    }

    /// The program of the article on streaming ingestion, as printed but for its address, its credentials and its names. A program of Go begins in `main`.
    @Test
    void theGoProgramOfTheArticleStreams() throws Exception {
        administrator.command("Lab", ".create table Streamed (a:long, b:long)", TIMEOUT);
        administrator.command("Lab", ".create table Streamed ingestion json mapping 'm' '[{\"column\":\"a\",\"Properties\":{\"Path\":\"$.a\"}},{\"column\":\"b\",\"Properties\":{\"Path\":\"$.b\"}}]'", TIMEOUT);
        administrator.command("Lab", ".alter table Streamed policy streamingingestion enable", TIMEOUT);
        Path oldest = Surroundings.root().resolve("it/go-oldest");
        Path here = Files.createDirectory(folder.resolve("article"));
        for (String file : List.of("go.mod", "go.sum")) {
            Files.copy(oldest.resolve(file), here.resolve(file));
        }
        Files.writeString(here.resolve("main.go"), "package main\n\n" + Surroundings.program(ClientSeedsTest.article(), "go")
                .replace("func ingest()", "func main()")
                .replace("https://<clusterName>.kusto.windows.net", url())
                .replace("<appId>", cluster.administrator().get("AZURE_CLIENT_ID")).replace("<appKey>", cluster.administrator().get("AZURE_CLIENT_SECRET"))
                .replace("<appTenant>", tenant())
                .replace("<dbName>", "Lab").replace("<tableName>", "Streamed").replace("<mappingName>", "m"));

        var built = Surroundings.run(here, Map.of("GOPROXY", "off"), List.of(go(), "build", "-o", "program", "."));
        assertThat(built.exitCode()).as(built.output()).isZero();
        var finished = Surroundings.run(here, environment(), List.of(here.resolve("program").toString()));

        assertThat(finished.exitCode()).as(finished.output()).isZero();
        try (var rows = administrator.query("Lab", "Streamed | order by a asc | summarize strcat_array(make_list(strcat(a, ':', b)), ' ')", new QueryOptions(TIMEOUT, true))) {
            assertThat(rows.next().orElseThrow().toString()).contains("1:10 2:20");
        }
    }

    private static String go() {
        var folders = new ArrayList<>(List.of(System.getenv("PATH").split(":")));
        folders.add("/usr/local/go/bin");
        return Surroundings.present(folders.stream().map(bin -> Path.of(bin, "go")).filter(Files::isExecutable).findFirst().orElse(Path.of("go")), "Go").toString();
    }

    @Test
    void officialStorageClientsNeedTheNameOfAnAccountOnly() throws Exception {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        var finished = Surroundings.run(folder, environment(),
                List.of(python.toString(), Surroundings.root().resolve("it/python/storage_accounts.py").toString(), "lab", key("lab")));
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).contains("ok by key", "ok blocks and copies", "ok by signature", "ok what is refused");
    }

    private static String key(String account) throws IOException, InterruptedException, StoreException {
        String token = LocalTokens.<StoreException>of(endpoint, "https://management.azure.com", () -> KustoCredential.of(cluster.administrator())).orElseThrow().token();
        try (var http = HttpClient.newHttpClient()) {
            var answer = http.send(HttpRequest.newBuilder(URI.create(cluster.up().url() + "/subscriptions/s/resourceGroups/g/providers/Microsoft.Storage/storageAccounts/"
                    + account + "/listKeys?api-version=2023-05-01")).header("Authorization", "Bearer " + token).POST(BodyPublishers.noBody()).build(), BodyHandlers.ofString());
            return new ObjectMapper().readTree(answer.body()).at("/keys/0/value").asText();
        }
    }
}
