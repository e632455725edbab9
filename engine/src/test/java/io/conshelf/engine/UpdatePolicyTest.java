package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What follows from streamed rows is there when the request is answered.
class UpdatePolicyTest {
    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder));
        run(".alter database policy streamingingestion enable");
        run(".create table Raw (a:long)");
        run(".create table Target (n:long)");
        run(".create table Lookup (k:long)");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> run(String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "update", UUID.randomUUID(), Map.of(), Map.of(),
                "test", "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private void stream(String csv, Optional<String> sourceId) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "stream", UUID.randomUUID(), Map.of(), Map.of(),
                "test", "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
        engine.ingestStream(request, new StreamingIngestion("NetDefaultDB", "Raw", "csv", Optional.empty(),
                new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)), sourceId));
    }

    @Test
    void streamedRowsAreTransformedBeforeTheyAreAcknowledged() {
        stream("7\n", Optional.empty());
        run(".alter table Target policy update '[{\"Source\":\"Raw\",\"Query\":\"Raw | project n = a * 2\"}]'");
        stream("1\n2\n", Optional.empty());
        stream("3\n", Optional.empty());
        assertThat(run("Raw | count")).containsExactly("Count:long", "4");
        assertThat(run("Target | sort by n asc")).containsExactly("n:long", "2", "4", "6");
    }

    @Test
    void aSourceThatIsSentTwiceIsTransformedOnce() {
        run(".alter table Target policy update '[{\"Source\":\"Raw\",\"Query\":\"Raw | project n = a\"}]'");
        stream("1\n", Optional.of("s1"));
        stream("1\n", Optional.of("s1"));
        assertThat(run("union Raw, Target | count")).containsExactly("Count:long", "2");
    }

    @Test
    void aFailingTransactionalPolicyRefusesTheRequest() {
        run(".alter table Target policy update '[{\"Source\":\"Raw\",\"IsTransactional\":true,"
                + "\"Query\":\"Raw | join kind=inner Lookup on $left.a == $right.k | project n = k\"}]'");
        run(".drop table Lookup");
        assertThatThrownBy(() -> stream("1\n", Optional.of("s1")))
                .isInstanceOfSatisfying(KustoException.class, e ->
                        assertThat(e.error().code()).isEqualTo("UpdatePolicy_UnknownError"));
        assertThat(run("Raw | count")).containsExactly("Count:long", "0");
        run(".create table Lookup (k:long)");
        stream("1\n", Optional.of("s1"));
        assertThat(run("Raw | count")).containsExactly("Count:long", "1");
    }

    @Test
    void aPolicyThatNoLongerFitsItsTargetFailsForGood() {
        run(".alter table Target policy update '[{\"Source\":\"Raw\",\"IsTransactional\":true,\"Query\":\"Raw | project n = a\"}]'");
        run(".alter-merge table Target (other:string)");
        assertThatThrownBy(() -> stream("1\n", Optional.empty())).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().code()).isEqualTo("UpdatePolicy_QuerySchemaDoesNotMatchTableSchema");
            assertThat(e.error().isPermanent()).isTrue();
        });
        assertThatThrownBy(() -> run(".ingest inline into table Raw <| 1")).isInstanceOf(KustoException.class);
        assertThat(run(".show ingestion failures | project ErrorCode, FailureKind, OriginatesFromUpdatePolicy")).containsExactly(
                "ErrorCode:string | FailureKind:string | OriginatesFromUpdatePolicy:bool",
                "UpdatePolicy_QuerySchemaDoesNotMatchTableSchema | Permanent | true");
        assertThat(run("Raw | count")).containsExactly("Count:long", "0");
    }

    @Test
    void rowsThatWaitedWhenThePolicyCameAreNotTransformedWhenSealed() {
        stream("7\n", Optional.empty());
        run(".alter table Target policy update '[{\"Source\":\"Raw\",\"Query\":\"Raw | project n = a\"}]'");
        run(".append Raw <| print a = 1");
        assertThat(run("Target")).containsExactly("n:long", "1");
    }
}
