package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.definition.Reading;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.engine.external.Postgres;
import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Validation;
import io.conshelf.factory.definition.Factory;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The JSON of the document about the Azure Data Explorer connector, taken from it when the test runs, with nothing but its
/// placeholders filled in: each linked service it prints, its dataset, its source and its sink, against one store after the other.
class SeedDefinitionsTest {
    private static final String ROWS = """
            datatable(id: long, name: string, amount: real, at: datetime, isOpen: bool) [
             1, 'plain', 1.5, datetime(2024-01-02 03:04:05.678), true,
             2, 'a "quote", a comma', -0.25, datetime(1999-12-31), false,
             3, 'two\\nlines', 1e300, datetime(2024-02-29 23:59:59.999), bool(null),
             4, 'a \\\\ backslash; a | and a\\ttab', real(null), datetime(null), true,
             5, 'ünïcode 🚢', 0.1, datetime(2024-01-01), false]""";

    private static Server server;
    private static Postgres postgres;
    private static Endpoints endpoints;
    private static int databases;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        server = Server.start(ServerConfig.local());
        endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
        if (Postgres.isInstalled()) {
            postgres = Postgres.start();
        }
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    /// What copies go to and come from.
    private enum Store {
        TEXT("DelimitedTextSource", "DelimitedTextSink"),
        TEXT_IN_A_BLOB("DelimitedTextSource", "DelimitedTextSink"),
        JSON("JsonSource", "JsonSink"),
        AVRO("AvroSource", "AvroSink"),
        PARQUET("ParquetSource", "ParquetSink"),
        OTHER_TABLE("AzureDataExplorerSource\", \"query\": \"Other", "AzureDataExplorerSink"),
        POSTGRESQL("AzurePostgreSqlSource", "AzurePostgreSQLSink");

        private final String source;
        private final String sink;

        Store(String source, String sink) {
            this.source = source;
            this.sink = sink;
        }
    }

    /// The blocks in the document's order.
    private record Printed(List<String> linkedServices, String dataset, String source, String sink) {
        static Printed read() throws Exception {
            List<String> blocks = Surroundings.blocks(seed("002_"), "json");
            assertThat(blocks).as("blocks of JSON").hasSize(6);
            return new Printed(blocks.subList(0, 3), blocks.get(3), blocks.get(4), blocks.get(5));
        }
    }

    private static Path seed(String prefix) throws Exception {
        try (Stream<Path> seeds = Files.list(Surroundings.shared().resolve("seeds"))) {
            return seeds.filter(file -> file.getFileName().toString().startsWith(prefix)).findFirst().orElseThrow();
        }
    }

    private static Stream<Arguments> copies() {
        return Stream.of(Store.values()).flatMap(store -> Stream.of(0, 1, 2).map(linkedService -> Arguments.of(store, linkedService)));
    }

    @ParameterizedTest(name = "{0}, linked service {1}")
    @MethodSource("copies")
    void whatGoesOutByThePrintedSourceComesBackByThePrintedSink(Store store, int linkedService) throws Exception {
        if (store == Store.POSTGRESQL) {
            Databases.needPostgres();
        }
        String database = "Seed" + databases++;
        definitions(store, linkedService, database);
        Factory factory = Factory.load(folder, Reading.LENIENT);
        assertThat(Validation.of(factory).problems()).isEmpty();

        try (KustoCluster cluster = KustoCluster.connect(endpoints.resolve("https://any.kusto.windows.net"), new KustoCredential.None())) {
            cluster.ensureDatabase(database);
            command(cluster, database, ".set TestTable1 <| " + ROWS);
            for (String table : List.of("Landed", "Other")) {
                command(cluster, database, ".set " + table + " <| TestTable1 | take 0");
                command(cluster, database, ".alter table " + table + " policy ingestionbatching '{\"MaximumNumberOfItems\": 1}'");
            }
            command(cluster, database, ".create table Landed ingestion csv mapping 'byPosition' '[" + String.join(", ",
                    List.of("id", "name", "amount", "at", "isOpen").stream()
                            .map(name -> "{\"Column\": \"" + name + "\", \"Properties\": {\"Ordinal\": " + List.of("id", "name", "amount", "at", "isOpen").indexOf(name) + "}}").toList())
                    + "]'");
            if (store == Store.POSTGRESQL) {
                postgres.execute("DROP TABLE IF EXISTS landed; CREATE TABLE landed (id bigint, name text, amount double precision, at timestamp, \"isOpen\" boolean)");
            }

            for (String pipeline : List.of("Out", "In")) {
                RunRecord run = new FactoryRunner(factory, endpoints, _ -> {}).run(pipeline, Map.of());
                assertThat(run.isSucceeded()).as("%s: %s", pipeline, run.message()).isTrue();
                assertThat(run.activityRuns()).extracting(ActivityRun::output).extracting(output -> output.path("rowsCopied").asLong()).containsExactly(5L);
            }

            assertThat(rows(cluster, database, "Landed | sort by id asc")).isEqualTo(rows(cluster, database, "TestTable1 | sort by id asc"));
            assertThat(rows(cluster, database, "Landed | where extent_tags() has 'drop-by:seed' | count")).isEqualTo(List.of(List.of(5).toString()));
        }
    }

    private void definitions(Store store, int linkedService, String database) throws Exception {
        Printed printed = Printed.read();
        Map<String, String> names = new LinkedHashMap<>();
        names.put("<clusterName>", "seeds");
        names.put("<regionName>", "westeurope");
        names.put("<database name>", database);
        names.put("<tenant name/id e.g. microsoft.onmicrosoft.com>", "contoso.onmicrosoft.com");
        names.put("<service principal id>", "7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e");
        names.put("<service principal key>", "hidden");
        names.put("<Azure Data Explorer linked service name>", "AzureDataExplorerLinkedService");
        names.put("<Azure Data Explorer input dataset name>", "AzureDataExplorerDataset");
        names.put("<output dataset name>", "Store");
        names.put("<input dataset name>", "Store");
        names.put("<Azure Data Explorer output dataset name>", "Landed");
        names.put("<optional Azure Data Explorer mapping name>", "byPosition");
        names.put("<additional settings for data ingestion>", "\"tags\": \"[\\\"drop-by:seed\\\"]\", \"flushImmediately\": \"true\"");
        names.put("<sink type>", store.sink);
        names.put("<source type>", store.source);
        write("linkedService/AzureDataExplorerLinkedService", filled(printed.linkedServices().get(linkedService), names));
        write("dataset/AzureDataExplorerDataset", filled(printed.dataset(), names, "<table name>", "TestTable1"));
        write("dataset/Landed", filled(printed.dataset(), names, "<table name>", "Landed", "\"AzureDataExplorerDataset\"", "\"Landed\""));
        write("pipeline/Out", filled(printed.source(), names));
        write("pipeline/In", filled(printed.sink(), names));
        write("credential/credential1", """
                {"name": "credential1", "properties": {"type": "ManagedIdentity", "typeProperties": {"resourceId": "/subscriptions/s/identities/i"}}}""");
        store(store, database);
    }

    /// The text with nothing but names replaced.
    private static String filled(String block, Map<String, String> names, String... more) {
        String filled = block;
        for (int i = 0; i < more.length; i += 2) {
            assertThat(filled).contains(more[i]);
            filled = filled.replace(more[i], more[i + 1]);
        }
        for (Map.Entry<String, String> name : names.entrySet()) {
            filled = filled.replace(name.getKey(), name.getValue());
        }
        assertThat(filled).as("every placeholder has a name").doesNotContain("<");
        return filled;
    }

    private void store(Store store, String database) throws Exception {
        String files = "\"linkedServiceName\": {\"referenceName\": \"Files\", \"type\": \"LinkedServiceReference\"}";
        String location = "\"location\": {\"type\": \"FileServerLocation\", \"folderPath\": \"kept\", \"fileName\": \"rows\"}";
        write("linkedService/Files", "{\"name\": \"Files\", \"properties\": {\"type\": \"FileServer\", \"typeProperties\": {\"host\": \".\"}}}");
        write("dataset/Store", "{\"name\": \"Store\", \"properties\": {" + switch (store) {
            case TEXT -> files + ", \"type\": \"DelimitedText\", \"typeProperties\": {" + location + ", \"columnDelimiter\": \";\", \"firstRowAsHeader\": true}";
            case TEXT_IN_A_BLOB -> {
                write("linkedService/Blobs", "{\"name\": \"Blobs\", \"properties\": {\"type\": \"AzureBlobStorage\", \"typeProperties\": {"
                        + "\"connectionString\": \"DefaultEndpointsProtocol=https;AccountName=seeds;AccountKey=a2V5;EndpointSuffix=core.windows.net\"}}}");
                yield "\"linkedServiceName\": {\"referenceName\": \"Blobs\", \"type\": \"LinkedServiceReference\"}, \"type\": \"DelimitedText\", \"typeProperties\": {"
                        + "\"location\": {\"type\": \"AzureBlobStorageLocation\", \"container\": \"" + database.toLowerCase(Locale.ROOT)
                        + "\", \"fileName\": \"rows.csv\"}, \"columnDelimiter\": \",\", \"escapeChar\": \"\\\\\", \"quoteChar\": \"\\\"\"}";
            }
            case JSON -> files + ", \"type\": \"Json\", \"typeProperties\": {" + location + "}";
            case AVRO -> files + ", \"type\": \"Avro\", \"typeProperties\": {" + location + "}";
            case PARQUET -> files + ", \"type\": \"Parquet\", \"typeProperties\": {" + location + ", \"compressionCodec\": \"snappy\"}";
            case OTHER_TABLE -> "\"linkedServiceName\": {\"referenceName\": \"AzureDataExplorerLinkedService\", \"type\": \"LinkedServiceReference\"},"
                    + " \"type\": \"AzureDataExplorerTable\", \"typeProperties\": {\"table\": \"Other\"}";
            case POSTGRESQL -> {
                write("linkedService/Sql", "{\"name\": \"Sql\", \"properties\": {\"type\": \"AzurePostgreSql\", \"typeProperties\": {\"connectionString\": \""
                        + postgres.connectionString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"}}}");
                yield "\"linkedServiceName\": {\"referenceName\": \"Sql\", \"type\": \"LinkedServiceReference\"}, \"type\": \"AzurePostgreSqlTable\","
                        + " \"typeProperties\": {\"schema\": \"public\", \"table\": \"landed\"}";
            }
        } + "}}");
    }

    private void write(String path, String content) throws Exception {
        Path file = folder.resolve(path + ".json");
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private static void command(KustoCluster cluster, String database, String text) throws Exception {
        cluster.command(database, text, Duration.ofMinutes(1));
    }

    private static List<String> rows(KustoCluster cluster, String database, String query) throws Exception {
        List<String> lines = new ArrayList<>();
        try (RowReader reader = cluster.query(database, query, new QueryOptions(Duration.ofMinutes(1), false))) {
            for (var row = reader.next(); row.isPresent(); row = reader.next()) {
                lines.add(row.get().toString());
            }
        }
        return lines;
    }
}
