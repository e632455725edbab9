package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;

/// The programs of Java, Python and Node of the article on streaming ingestion, each as printed but for its address, its credentials and its names, against a cluster
/// that asks who they are. Go's is in `ClientHostNamesTest`.
class ClientSeedsTest {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);

    @TempDir
    private static Path folder;
    private static SecureUp cluster;
    private static KustoCluster administrator;
    private static Path article;

    private Path here;
    private String table;

    @BeforeAll
    static void start() throws Exception {
        article = article();
        cluster = SecureUp.start(folder, "--auth", "entra");
        administrator = KustoCluster.connect(Endpoints.embedded(URI.create(cluster.up().url()), List.of()).resolve("https://lab.westeurope.kusto.windows.net"),
                KustoCredential.of(cluster.administrator()));
    }

    static Path article() throws IOException {
        try (var files = Files.list(Surroundings.shared().resolve("seeds"))) {
            return files.filter(file -> file.getFileName().toString().startsWith("004_")).findFirst().orElseThrow();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        administrator.close();
        cluster.close();
    }

    @BeforeEach
    void aTableOfItsOwn(TestInfo test) throws Exception {
        table = test.getTestMethod().orElseThrow().getName();
        here = Files.createDirectory(folder.resolve(table));
    }

    @Test
    void python() throws Exception {
        theTableOfTheArticle();
        packed("2024-01-02T03:04:05Z,pump,7,lab\n");
        // The client of today has the formats in its other package.
        var program = Files.writeString(here.resolve("program.py"), program("python", cluster.up().secureUrl())
                .replace("    DataFormat,\n", "").replace("from azure.kusto.data import KustoConnectionStringBuilder", "from azure.kusto.data import DataFormat, KustoConnectionStringBuilder"));
        runs(Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients").toString(), program.toString());
        arrives("pump");
    }

    @Test
    void node() throws Exception {
        theTableOfTheArticle();
        command(".create table " + table + " ingestion json mapping 'm' '[{\"column\":\"Name\",\"Properties\":{\"Path\":\"$.name\"}}]'");
        packed("{\"name\":\"pump\"}\n");
        Files.createSymbolicLink(here.resolve("node_modules"), Surroundings.present(Surroundings.root().resolve("it/node/node_modules"), "Node with the official clients"));
        var program = Files.writeString(here.resolve("program.mjs"), program("nodejs", cluster.up().secureUrl()));
        runs("node", "--preserve-symlinks-main", program.toString());
        arrives("pump");
    }

    /// It signs in over https only, and asks once, at once, for how the ingestion ends.
    @Test
    void java() throws Exception {
        theTableOfTheArticle();
        command(".alter table " + table + " policy ingestionbatching '{\"MaximumNumberOfItems\": 1}'");
        packed("2024-01-02T03:04:05Z,pump,7,lab\n");
        var program = Files.writeString(here.resolve("FileIngestion.java"), program("java", cluster.up().secureUrl()));
        runs(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp", System.getProperty("java.class.path"), program.toString());
        arrives("pump");
    }

    private String program(String language, String url) {
        return Surroundings.program(article, language)
                .replace("https://<clusterName>.kusto.windows.net", url)
                .replace("<appId>", cluster.administrator().get("AZURE_CLIENT_ID")).replace("<appKey>", cluster.administrator().get("AZURE_CLIENT_SECRET"))
                .replace("<appTenant>", cluster.signingIn().get("AZURE_TENANT_ID"))
                .replace("<dbName>", "Lab").replace("<tableName>", table).replace("<mappingName>", "m");
    }

    private void theTableOfTheArticle() throws Exception {
        String commands = String.join("\n", Surroundings.blocks(article, "kusto"));
        assertThat(commands).contains(".create table TestTable", ".alter table TestTable policy streamingingestion enable");
        for (String line : commands.lines().map(String::strip).filter(line -> line.startsWith(".create table") || line.startsWith(".alter table")).toList()) {
            command(line.replace("TestTable", table));
        }
    }

    private void packed(String rows) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(rows.getBytes(StandardCharsets.UTF_8));
        }
        Files.write(here.resolve("MyFile.gz"), packed.toByteArray());
    }

    private void runs(String... command) {
        var finished = Surroundings.run(here, cluster.signingIn(), List.of(command));
        assertThat(finished.exitCode()).as(finished.output()).isZero();
    }

    private void arrives(String name) {
        assertThat(Eventually.holds(() -> ask(table + " | project Name"), found -> found.contains(name))).contains(name);
    }

    private static void command(String text) throws Exception {
        administrator.command("Lab", text, TIMEOUT);
    }

    private static String ask(String query) {
        var found = new ArrayList<String>();
        try (var rows = administrator.query("Lab", query, new QueryOptions(TIMEOUT, true))) {
            for (var row = rows.next(); row.isPresent(); row = rows.next()) {
                found.add(row.get().toString());
            }
            return found.toString();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
