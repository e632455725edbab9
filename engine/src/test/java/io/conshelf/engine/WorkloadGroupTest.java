package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The limits of the workload group that all requests are of.
class WorkloadGroupTest {
    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of("Db"), Limits.ofThisMachine(),
                InstantSource.system()));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> run(String text, Map<String, Object> options) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "groups", UUID.randomUUID(), options, Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private void limit(String name, String value, boolean isRelaxable) {
        run(".create-or-alter workload_group default ```{\"RequestLimitsPolicy\":{\"" + name + "\":{\"IsRelaxable\":" + isRelaxable
                + ",\"Value\":" + value + "}}}```", Map.of());
    }

    @Test
    void aResultHasNoMoreRecordsThanTheGroupsLimit() {
        limit("MaxResultRecords", "10", false);
        String tooMany = "range x from 1 to 11 step 1";
        assertThat(run("range x from 1 to 10 step 1", Map.of())).hasSize(11);
        assertThatThrownBy(() -> run(tooMany, Map.of())).isInstanceOf(KustoException.class);
        assertThatThrownBy(() -> run(tooMany, Map.of("notruncation", true))).isInstanceOf(KustoException.class);
        assertThatThrownBy(() -> run(tooMany, Map.of("truncationmaxrecords", 20L))).isInstanceOf(KustoException.class);
        close();
        open();
        assertThatThrownBy(() -> run(tooMany, Map.of())).isInstanceOf(KustoException.class);
    }

    @Test
    void aRequestMayRelaxWhatIsRelaxable() {
        limit("MaxResultRecords", "10", true);
        String tooMany = "range x from 1 to 11 step 1";
        assertThatThrownBy(() -> run(tooMany, Map.of())).isInstanceOf(KustoException.class);
        assertThat(run(tooMany, Map.of("notruncation", true))).hasSize(12);
        assertThat(run(tooMany, Map.of("truncationmaxrecords", 20L))).hasSize(12);
        run(".create-or-alter workload_group default ```{}```", Map.of());
        assertThat(run(tooMany, Map.of())).hasSize(12);
    }

    @Test
    void aQueryEndsAtTheGroupsExecutionTime() {
        limit("MaxExecutionTime", "\"00:00:00.3\"", false);
        assertThatThrownBy(() -> run(
                        "range x from 1 to 200000000 step 1 | summarize dcount(hash(tostring(x)), 4), make_set(x % 7) by x % 1000003 | count", Map.of()))
                .isInstanceOf(KustoException.class).hasMessageContaining("E_TIMEOUT");
    }

    private static void rate(WorkloadGroupTest test, String scope, int most) {
        test.run(".create-or-alter workload_group default ```{\"RequestRateLimitPolicies\":[{\"IsEnabled\":true,\"Scope\":\"" + scope
                + "\",\"LimitKind\":\"ConcurrentRequests\",\"Properties\":{\"MaxConcurrentRequests\":" + most + "}}]}```", Map.of());
    }

    private Answer open(String query) {
        return engine.query(new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "groups", UUID.randomUUID(), Map.of("notruncation", true), Map.of(),
                "test", "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false), query);
    }

    private boolean isLetThrough(String query) {
        try {
            run(query, Map.of());
            return true;
        } catch (KustoException e) {
            assertThat(e.error().httpStatus()).isEqualTo(429);
            return false;
        }
    }

    @Test
    void requestsBeyondTheGroupsRateAreTurnedAway() {
        rate(this, "WorkloadGroup", 1);
        try (var _ = open("range x from 1 to 100000000 step 1")) {
            assertThatThrownBy(() -> run("print 1", Map.of())).isInstanceOfSatisfying(KustoException.class, e -> {
                assertThat(e.error().httpStatus()).isEqualTo(429);
                assertThat(e.error().type()).endsWith("QueryThrottledException");
                assertThat(e.error().message()).contains("Capacity: 1, Origin: 'RequestRateLimitPolicy/WorkloadGroup/default'");
            });
            assertThatThrownBy(() -> run(".create table T (a:long)", Map.of())).isInstanceOfSatisfying(KustoException.class, e -> {
                assertThat(e.error().type()).endsWith("ControlCommandThrottledException");
                assertThat(e.error().message()).contains("CommandType: 'TableCreate', Capacity: 1");
            });
        }
        // The query that was left off gives its place back when its work has ended.
        Await.until("a place", () -> isLetThrough("print 1"));
        rate(this, "Principal", 0);
        assertThatThrownBy(() -> run("print 1", Map.of())).isInstanceOf(KustoException.class)
                .hasMessageContaining("/Principal/" + Principal.LOCAL_ADMINISTRATOR.fullyQualifiedName());
        // Who has locked everybody out can open again.
        run(".create-or-alter workload_group default ```{}```", Map.of());
        assertThat(run("print 1", Map.of())).hasSize(2);
    }

    @Test
    void whatGovernsAGroupIsInTheJournal() {
        limit("MaxResultRecords", "10", false);
        run(".create-or-alter workload_group Night ```{}```", Map.of());
        run(".drop workload_group Night", Map.of());
        assertThat(run(".show journal | where Event has 'WORKLOAD' | project Event, EntityName", Map.of()))
                .contains("CREATE-WORKLOAD-GROUP | default", "CREATE-WORKLOAD-GROUP | Night", "DROP-WORKLOAD-GROUP | Night");
    }
}
