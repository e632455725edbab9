package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// The limits of the workload group that requests are of where nothing else says so.
class WorkloadGroupTest extends OnDatabase {
    private List<String> run(String text, Map<String, Object> options) {
        return run(request(Principal.LOCAL_ADMINISTRATOR, options), text);
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
        reopen();
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
        return engine.query(request(Principal.LOCAL_ADMINISTRATOR, Map.of("notruncation", true)), query);
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

    private void quota(String scope, String resource, long most) {
        run(".create-or-alter workload_group default ```{\"RequestRateLimitPolicies\":[{\"IsEnabled\":true,\"Scope\":\"" + scope
                + "\",\"LimitKind\":\"ResourceUtilization\",\"Properties\":{\"ResourceKind\":\"" + resource + "\",\"MaxUtilization\":" + most
                + ",\"TimeWindow\":\"01:00:00\"}}]}```", Map.of());
    }

    private static final Principal ANNA = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "anna", false);
    private static final Instant NOON = Instant.parse("2026-03-01T12:00:00Z");

    private void runAs(Principal principal, Instant now, String text, Map<String, Object> options) {
        engine.query(new Request(principal, "Db", "groups", UUID.randomUUID(), options, Map.of(), "test", "test", now, Duration.ofMinutes(1), false), text)
                .close();
    }

    @Test
    void aPrincipalWhoseQuotaOfRequestsIsUsedUpIsTurnedAwayUntilTheWindowHasPassed() {
        run(".add database Db viewers ('" + ANNA.fullyQualifiedName() + "')", Map.of());
        quota("Principal", "RequestCount", 2);
        runAs(ANNA, NOON, "print 1", Map.of());
        runAs(ANNA, NOON.plusSeconds(1_800), "print 1", Map.of());
        assertThatThrownBy(() -> runAs(ANNA, NOON.plusSeconds(3_500), "print 1", Map.of())).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().httpStatus()).isEqualTo(429);
            assertThat(e.error().code()).isEqualTo("TooManyRequests");
            assertThat(e.error().type()).endsWith("QuotaExceededException");
            assertThat(e.error().message()).isEqualTo("The request was denied due to exceeding quota limitations. Resource: 'RequestCount', Quota: '2', "
                    + "TimeWindow: '01:00:00', Origin: 'RequestRateLimitPolicy/WorkloadGroup/default/Principal/" + ANNA.fullyQualifiedName() + "'.");
        });
        // What a request says of the time is nothing to its quota, and the others have their own.
        assertThatThrownBy(() -> runAs(ANNA, NOON.plusSeconds(3_500), "print 1", Map.of("query_now", "datetime(2030-01-01)")))
                .hasMessageContaining("exceeding quota limitations");
        runAs(Principal.LOCAL_ADMINISTRATOR, NOON.plusSeconds(3_500), "print 1", Map.of());
        runAs(ANNA, NOON.plusSeconds(3_700), "print 1", Map.of());
    }

    @Test
    void processorTimeThatEndedRequestsTookIsCountedAgainstTheGroup() {
        quota("WorkloadGroup", "TotalCpuSeconds", 1);
        for (int turn = 0; turn < 1_000 && isLetThrough("range x from 1 to 3000000 step 1 | summarize sum(x), dcount(hash(tostring(x)))"); turn++) {
            assertThat(turn).isLessThan(999);
        }
        assertThatThrownBy(() -> run("print 1", Map.of())).hasMessageContaining("Resource: 'TotalCpuSeconds', Quota: '1'");
    }

    @Test
    void theProcessorTimeOfAQueryIsItsOwn() {
        run("range x from 1 to 3000000 step 1 | summarize sum(x), dcount(hash(tostring(x)))", Map.of());
        run("print 1", Map.of());
        assertThat(run(".show queries | summarize Least = min(TotalCpu), Most = max(TotalCpu) | project Least < Most / 2", Map.of())).contains("true");
    }

    @Test
    void aQuotaThatIsNoneIsRefusedByName() {
        assertThatThrownBy(() -> quota("Principal", "Rows", 2)).hasMessageContaining("ResourceKind is RequestCount or TotalCpuSeconds");
        assertThatThrownBy(() -> quota("Principal", "RequestCount", 16_777_216)).hasMessageContaining("between 1 and 16777215");
        assertThatThrownBy(() -> quota("Principal", "TotalCpuSeconds", 0)).hasMessageContaining("between 1 and 828000");
        assertThatThrownBy(() -> run(".create-or-alter workload_group default ```{\"RequestRateLimitPolicies\":[{\"Scope\":\"Principal\","
                + "\"LimitKind\":\"ResourceUtilization\",\"Properties\":{\"ResourceKind\":\"RequestCount\",\"MaxUtilization\":1,\"TimeWindow\":\"02:00:00\"}}]}```",
                Map.of())).hasMessageContaining("TimeWindow is a timespan from 00:00:01 to 01:00:00");
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
