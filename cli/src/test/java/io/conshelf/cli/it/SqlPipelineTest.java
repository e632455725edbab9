package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.FactorySpecs;
import io.conshelf.factory.PipelineHandle;
import io.conshelf.factory.RunEvent;
import io.conshelf.factory.RunListener;
import io.conshelf.factory.RunRecord;
import io.conshelf.factory.Status;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.copy.Authoring;
import io.conshelf.factory.definition.Factory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Data Factory pipelines between a PostgreSQL of their own and the embedded cluster: `sql.spec`. Every test has a schema of its own, `$DB`.
class SqlPipelineTest {
    @AutoClose
    private static Databases databases;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() throws Exception {
        databases = Databases.start();
    }

    @AfterEach
    void nothingIsLeftRunning() {
        assertThat(Eventually.holds(SqlPipelineTest::active, List::isEmpty)).isEmpty();
    }

    private void linkedService(String name, String connectionString) throws IOException {
        Path folder = Files.createDirectories(temporary.resolve("linkedService"));
        Files.writeString(folder.resolve(name + ".json"), """
                {"name": "%s", "properties": {"type": "PostgreSql", "typeProperties": {"connectionString": "%s"}}}
                """.formatted(name, connectionString.replace("\"", "\\\"")));
    }

    @Test
    void authoringTriesAndLooksAtADatabase() throws Exception {
        databases.postgres().execute("CREATE SCHEMA authored; CREATE TABLE authored.t AS SELECT 1 AS id, 'x'::text AS s FROM generate_series(1, 1000)");
        linkedService("sql", databases.postgres().connectionString());
        linkedService("wrong", databases.postgres().connectionString().replace("User ID=lab", "User ID=nobody"));
        Path dataset = Files.createDirectories(temporary.resolve("dataset"));
        Files.writeString(dataset.resolve("d.json"), """
                {"name": "d", "properties": {"type": "PostgreSqlTable", "linkedServiceName": {"referenceName": "sql", "type": "LinkedServiceReference"},
                 "typeProperties": {"schema": "authored", "table": "t"}}}
                """);
        Endpoints endpoints = databases.endpoints();
        JsonNode none = JsonNodeFactory.instance.objectNode();
        try (Authoring authoring = new Authoring(Factory.load(temporary), endpoints, FolderAccess.ANY)) {
            authoring.testConnection("sql", none);
            assertThatThrownBy(() -> authoring.testConnection("wrong", none)).hasMessageContaining("password authentication failed for user \"nobody\"");
            assertThat(authoring.tables("sql", none)).contains("authored.t");
            assertThat(authoring.schema("d", none).toString()).isEqualTo("[{\"name\":\"id\",\"type\":\"Int32\"},{\"name\":\"s\",\"type\":\"String\"}]");
            assertThat(authoring.preview("d", none, 2).toJson().toString()).contains("[{\"id\":1,\"s\":\"x\"},{\"id\":1,\"s\":\"x\"}]");
        }
    }

    @Test
    void cancellingARunEndsItsQueries() throws Exception {
        Path pipeline = Files.createDirectories(temporary.resolve("pipeline"));
        linkedService("sql", databases.postgres().connectionString());
        Files.writeString(pipeline.resolve("p.json"), """
                {"name": "p", "properties": {"activities": [{"name": "S", "type": "Script", "linkedServiceName": {"referenceName": "sql",
                 "type": "LinkedServiceReference"}, "typeProperties": {"scripts": [{"text": "SELECT pg_sleep(1200)"}]}}]}}
                """);
        Endpoints endpoints = databases.endpoints();
        PipelineHandle run = new FactoryRunner(Factory.load(temporary), endpoints, _ -> {}).start("p", Map.of());
        assertThat(Eventually.holds(SqlPipelineTest::active, queries -> !queries.isEmpty())).isNotEmpty();

        run.cancel();

        assertThat(run.await().status()).isEqualTo(Status.CANCELLED);
        assertThat(Eventually.holds(SqlPipelineTest::active, List::isEmpty)).isEmpty();
    }

    /// Two partitions, of which the second one waits for a lock that the test holds.
    private PipelineHandle copyInTwoParts(String schema, String sink, RunListener listener) throws Exception {
        return copyInTwoParts(schema, "SELECT id FROM " + schema + ".t WHERE ?AdfDynamicRangePartitionCondition AND (id < 100 OR pg_advisory_xact_lock_shared(11)::text = '')",
                sink, listener);
    }

    /// @param query of the table `t` of the schema, with the numbers from 1 to 100
    private PipelineHandle copyInTwoParts(String schema, String query, String sink, RunListener listener) throws Exception {
        databases.postgres().execute("CREATE SCHEMA " + schema + "; CREATE TABLE " + schema + ".t AS SELECT id FROM generate_series(1, 100) id");
        linkedService("sql", databases.postgres().connectionString());
        Files.writeString(temporary.resolve("linkedService/adx.json"), """
                {"name": "adx", "properties": {"type": "AzureDataExplorer", "typeProperties": {"endpoint": "https://any.kusto.windows.net", "database": "%s"}}}
                """.formatted(schema));
        Path dataset = Files.createDirectories(temporary.resolve("dataset"));
        Files.writeString(dataset.resolve("from.json"), """
                {"name": "from", "properties": {"type": "PostgreSqlTable", "linkedServiceName": {"referenceName": "sql", "type": "LinkedServiceReference"}}}""");
        Files.writeString(dataset.resolve("to.json"), """
                {"name": "to", "properties": {"type": "AzureDataExplorerTable", "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"},
                 "typeProperties": {"table": "T"}}}""");
        Files.writeString(Files.createDirectories(temporary.resolve("pipeline")).resolve("p.json"), """
                {"name": "p", "properties": {"activities": [
                 {"name": "Make", "type": "AzureDataExplorerCommand", "linkedServiceName": {"referenceName": "adx", "type": "LinkedServiceReference"},
                  "typeProperties": {"command": ".create table T (id: long)"}},
                 {"name": "C", "type": "Copy", "dependsOn": [{"activity": "Make", "dependencyConditions": ["Succeeded"]}],
                  "inputs": [{"referenceName": "from", "type": "DatasetReference"}], "outputs": [{"referenceName": "to", "type": "DatasetReference"}],
                  "typeProperties": {"parallelCopies": 2, "source": {"type": "PostgreSqlSource", "partitionOption": "DynamicRange",
                    "query": "%s",
                    "partitionSettings": {"partitionColumnName": "id", "partitionLowerBound": "1", "partitionUpperBound": "100"}},
                   "sink": {"type": "AzureDataExplorerSink", "flushImmediately": true%s}}}]}}
                """.formatted(query, sink));
        return new FactoryRunner(Factory.load(temporary), databases.endpoints(), listener).start("p", Map.of());
    }

    @Test
    void whatTheClusterHasTakenIsToldWhileMoreIsRead() throws Exception {
        AtomicReference<Optional<ActivityContext.Progress>> seen = new AtomicReference<>(Optional.empty());
        try (Connection gate = databases.postgres().connect()) {
            gate.createStatement().execute("SELECT pg_advisory_lock(11)");
            PipelineHandle run = copyInTwoParts("told", "", event -> {
                if (event instanceof RunEvent.ActivityProgressed(String _, String _, var progress) && progress.chunksIngested() > 0) {
                    seen.compareAndSet(Optional.empty(), Optional.of(progress));
                }
            });
            assertThat(Eventually.holds(seen::get, Optional::isPresent)).hasValueSatisfying(progress -> {
                assertThat(progress.stage()).as("more is being read").isEqualTo("staging");
                assertThat(progress.chunksIngested()).isEqualTo(1);
            });
            gate.createStatement().execute("SELECT pg_advisory_unlock(11)");
            RunRecord record = run.await();
            assertThat(record.isSucceeded()).as(record.message()).isTrue();
            assertThat(record.activityRuns().getLast().output().path("rowsCopied").asLong()).isEqualTo(100);
        }
    }

    @Test
    void aCopyEndsWhenTheClusterRefusesAChunkThoughItsSourceDoesNot() throws Exception {
        PipelineHandle run = copyInTwoParts("endless",
                "SELECT id FROM (SELECT id, generate_series(1, CASE WHEN id = 100 THEN 1000000000000 ELSE 1 END) FROM endless.t) r WHERE ?AdfDynamicRangePartitionCondition",
                ", \"ingestionMappingName\": \"none\"", _ -> {});
        RunRecord record = run.await();
        assertThat(record.status()).isEqualTo(Status.FAILED);
        assertThat(record.message()).contains("none");
        assertThat(Eventually.holds(SqlPipelineTest::active, List::isEmpty)).as("its queries").isEmpty();
    }

    private static List<String> active() {
        try {
            return databases.postgres().rows("SELECT query FROM pg_stat_activity WHERE application_name = 'conshelf' AND state = 'active'");
        } catch (SQLException failure) {
            throw new AssertionError(failure);
        }
    }

    @TestFactory
    Stream<DynamicTest> specs() {
        Endpoints endpoints = databases.endpoints();
        return new FactorySpecs(temporary, factory -> new FactoryRunner(factory, endpoints, _ -> {}))
                .with("$PORT", Integer.toString(databases.postgres().port())).tests(SqlPipelineTest.class, "sql.spec");
    }
}
