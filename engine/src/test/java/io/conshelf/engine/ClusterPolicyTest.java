package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Policies of the cluster hold where neither a table nor its database has one, and outlast the process.
class ClusterPolicyTest {
    @TempDir
    private Path folder;

    private Engine open() {
        return Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder, List.of(), List.of("Db"), Limits.ofThisMachine(), InstantSource.system()));
    }

    private static Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "policy", UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
    }

    private static StreamingIngestion.Result stream(Engine engine) {
        return engine.ingestStream(request(), new StreamingIngestion(
                "Db", "T", "csv", Optional.empty(), new ByteArrayInputStream("1\n".getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    private static void run(Engine engine, String text) {
        engine.command(request(), text).close();
    }

    @Test
    void batchingIsInheritedFromTheClusterAndOutlastsTheProcess() {
        try (var engine = open()) {
            run(engine, ".create table T (a:long)");
            assertThat(engine.batchingPolicy("Db", "T")).isEqualTo("{}");
            run(engine, ".alter cluster policy ingestionbatching '{\"MaximumNumberOfItems\": 3}'");
            assertThat(engine.batchingPolicy("Db", "T")).contains("\"MaximumNumberOfItems\":3");
            run(engine, ".alter database Db policy ingestionbatching '{\"MaximumNumberOfItems\": 4}'");
            assertThat(engine.batchingPolicy("Db", "T")).contains("\"MaximumNumberOfItems\":4");
            run(engine, ".delete database Db policy ingestionbatching");
        }
        try (var engine = open()) {
            assertThat(engine.batchingPolicy("Db", "T")).contains("\"MaximumNumberOfItems\":3");
        }
    }

    @Test
    void streamingIsInheritedFromTheCluster() {
        try (var engine = open()) {
            run(engine, ".create table T (a:long)");
            assertThatThrownBy(() -> stream(engine)).hasMessageContaining("treaming");
            run(engine, ".alter cluster policy streamingingestion '{\"IsEnabled\": true}'");
            assertThat(stream(engine)).isNotNull();
            run(engine, ".alter table T policy streamingingestion disable");
            assertThatThrownBy(() -> stream(engine)).hasMessageContaining("treaming");
        }
    }
}
