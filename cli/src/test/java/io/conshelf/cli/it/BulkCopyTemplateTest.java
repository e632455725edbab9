package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.definition.ArmTemplate.Given;
import io.conshelf.connectors.definition.Reading;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.QueryOptions;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.FactoryTemplate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `examples/bulk-copy`: the gallery's template for copying a database in bulk, from a PostgreSQL with 20 tables.
class BulkCopyTemplateTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int TABLES = 20;
    private static final int ROWS = 500;
    private static final String DATABASE = "Bulk";

    @AutoClose
    private static Databases databases;

    @TempDir
    Path folder;

    @BeforeAll
    static void start() throws Exception {
        databases = Databases.start();
    }

    @Test
    void twentyTablesArriveWithEveryRow() throws Exception {
        Path example = Surroundings.root().resolve("examples/bulk-copy");
        fill();
        Endpoints endpoints = databases.endpoints();
        linkedServices(example);
        Map<String, String> given = new LinkedHashMap<>(Map.of("factoryName", "bulk", "SourceLinkedService", "Source", "AzureDataExplorer", "Cluster"));
        given.putAll(parameters(example.resolve("manifest.json"), "PostgreSql"));
        Factory factory = Factory.load(folder)
                .with(FactoryTemplate.load(example.resolve("template.json"), new Given(Optional.empty(), given), Reading.STRICT));
        try (KustoCluster cluster = KustoCluster.connect(endpoints.resolve("https://any.kusto.windows.net"), new KustoCredential.None())) {
            cluster.ensureDatabase(DATABASE);
            for (int i = 0; i < TABLES; i++) {
                command(cluster, ".create-merge table Adx" + i + " (id: long, name: string, amount: decimal, at: datetime)");
                command(cluster, ".alter table Adx" + i + " policy ingestionbatching '{\"MaximumBatchingTimeSpan\": \"00:00:10\"}'");
            }

            RunRecord run = new FactoryRunner(factory, endpoints, _ -> {}).run("BulkCopyFromDBToAzureDataExplorer",
                    Map.of("ControlTableName", TextNode.valueOf("control_table")));

            assertThat(run.status()).as(run.message()).isEqualTo(Status.SUCCEEDED);
            assertThat(run.activityRuns()).filteredOn(activity -> activity.activityName().equals("CopyData")).hasSize(TABLES);
            assertThat(checked(cluster)).isEqualTo(expected());
        }
    }

    private static void command(KustoCluster cluster, String text) throws Exception {
        cluster.command(DATABASE, text, Duration.ofMinutes(1));
    }

    /// Rows, different ids, and rows with a wrong value, one line a table.
    private static List<String> checked(KustoCluster cluster) throws Exception {
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < TABLES; i++) {
            String query = "Adx" + i + " | summarize count(), count_distinct(id), countif(name != strcat('row \"', id, '\", of " + i
                    + "') or amount != todecimal(id) * 1.25 or at != datetime(2024-01-01) + id * 1m)";
            try (RowReader rows = cluster.query(DATABASE, query, new QueryOptions(Duration.ofMinutes(1), false))) {
                lines.add(rows.next().orElseThrow().toString());
            }
        }
        return lines;
    }

    private static List<String> expected() {
        return IntStream.range(0, TABLES).mapToObj(i -> List.of(ROWS + i, ROWS + i, 0).toString()).toList();
    }

    private static void fill() throws Exception {
        StringBuilder sql = new StringBuilder("CREATE TABLE control_table (PartitionId int, SourceQuery varchar(255), ADXTableName varchar(255));");
        for (int i = 0; i < TABLES; i++) {
            sql.append("CREATE TABLE t").append(i).append(" AS SELECT n::bigint AS id, 'row \"' || n || '\", of ").append(i)
                    .append("' AS name, (n * 1.25)::numeric AS amount, timestamp '2024-01-01' + n * interval '1 minute' AS at FROM generate_series(1, ")
                    .append(ROWS + i).append(") n;");
            sql.append("INSERT INTO control_table VALUES (").append(i).append(", 'select * from t").append(i).append(" where at >= ''2015-01-01 00:00:00''', 'Adx")
                    .append(i).append("');");
        }
        databases.postgres().execute(sql.toString());
    }

    private void linkedServices(Path example) throws Exception {
        Path target = Files.createDirectories(folder.resolve("linkedService"));
        Files.copy(example.resolve("linkedService/Cluster.json"), target.resolve("Cluster.json"));
        ObjectNode source = (ObjectNode) JSON.readTree(example.resolve("linkedService/Source.json").toFile());
        ObjectNode properties = (ObjectNode) source.at("/properties/typeProperties");
        properties.put("connectionString", databases.postgres().connectionString());
        properties.remove("password");
        JSON.writeValue(target.resolve("Source.json").toFile(), source);
    }

    /// What the template's manifest gives a linked service of a type.
    private static Map<String, String> parameters(Path manifest, String type) throws Exception {
        Map<String, String> parameters = new LinkedHashMap<>();
        for (JsonNode set : JSON.readTree(manifest.toFile()).at("/requires/linkedservices/SourceLinkedService/parameterSets")) {
            List<String> types = new ArrayList<>();
            set.path("types").forEach(name -> types.add(name.asText()));
            if (types.contains(type)) {
                set.path("parameters").properties().forEach(parameter -> parameters.put(parameter.getKey(), parameter.getValue().toString()));
            }
        }
        return parameters;
    }
}
