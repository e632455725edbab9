package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which workload group a request is of, and what that means for it.
class RequestClassificationTest extends OnDatabase {
    private static final Instant SUNDAY = Instant.parse("2026-03-01T10:00:00Z");

    @Override
    Instant now() {
        return SUNDAY;
    }

    private List<String> run(String application, String text, Map<String, Object> options) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "classified;" + text, UUID.randomUUID(), options, Map.of(), application, "test",
                now(), Duration.ofMinutes(1), false);
        return run(request, text);
    }

    @Override
    List<String> run(String text) {
        return run("test", text, Map.of());
    }

    private void group(String name, String policies) {
        run(".create-or-alter workload_group " + name + " ```{" + policies + "}```");
    }

    private static String concurrency(int most) {
        return "\"RequestRateLimitPolicies\":[{\"IsEnabled\":true,\"Scope\":\"WorkloadGroup\",\"LimitKind\":\"ConcurrentRequests\","
                + "\"Properties\":{\"MaxConcurrentRequests\":" + most + "}}]";
    }

    private List<String> classify(String function) {
        return run(".alter cluster policy request_classification '{\"IsEnabled\":true}' <| " + function);
    }

    /// The group of the last request with this text.
    private String groupOf(String text) {
        return run(".show commands-and-queries | where ClientActivityId == 'classified;" + text.replace("'", "\\'")
                + "' | order by StartedOn desc | take 1 | project WorkloadGroup").getLast();
    }

    @Test
    void aRequestIsOfTheGroupThatTheFunctionSays() {
        group("Batch", concurrency(0));
        classify("iff(request_properties.current_application == 'batch' and request_properties.request_type == 'Query', 'Batch', 'default')");
        assertThatThrownBy(() -> run("batch", "print 1", Map.of())).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().httpStatus()).isEqualTo(429);
            assertThat(e.error().message()).contains("Origin: 'RequestRateLimitPolicy/WorkloadGroup/Batch'");
        });
        assertThat(groupOf("print 1")).isEqualTo("Batch");
        run("batch", ".show version", Map.of());
        run("print 2");
        assertThat(groupOf("print 2")).isEqualTo("default");
        assertThat(groupOf(".show version")).isEqualTo("default");
    }

    @Test
    void whatWasSaidOfOneRequestIsNotSaidOfAnother() {
        group("Batch", "");
        group("Odd", "");
        classify("case(request_properties.current_application == 'batch', 'Batch', rand() < 0.5, 'Odd', 'default')");
        run("batch", "print 'a'", Map.of());
        assertThat(groupOf("print 'a'")).isEqualTo("Batch");
        Set<String> drawn = new HashSet<>();
        for (int i = 0; i < 64 && drawn.size() < 2; i++) {
            run("print 'drawn'");
            drawn.add(groupOf("print 'drawn'"));
        }
        assertThat(drawn).containsExactlyInAnyOrder("Odd", "default");
        classify("iff(request_properties.current_application == 'batch', 'Odd', 'Batch')");
        run("batch", "print 'b'", Map.of());
        run("batch", "print 'c'", Map.of());
        run("print 'd'");
        assertThat(List.of(groupOf("print 'b'"), groupOf("print 'c'"), groupOf("print 'd'"))).containsExactly("Odd", "Odd", "Batch");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "request_properties.current_database == 'Db'",
        "request_properties.current_application == 'test'",
        "request_properties.current_principal has 'administrator@localhost'",
        "current_principal() == request_properties.current_principal",
        "request_properties.query_consistency == 'weakconsistency'",
        "request_properties.request_description == 'it''s \"quoted\"'",
        "request_properties.request_text == \"print h'*****', 'seen'\"",
        "request_properties['request_type'] == 'Query'",
        "current_principal_is_member_of('aaduser=administrator@localhost;local')",
        "now() == datetime(2026-03-01 10:00)",
    })
    void theFunctionKnowsTheRequest(String condition) {
        group("Own", "");
        classify("iff(" + condition.replace("''", "\\'") + ", 'Own', 'default')");
        run("test", "print h'hidden', 'seen'", Map.of("queryconsistency", "weakconsistency", "request_description", "it's \"quoted\"",
                "query_now", "datetime(2030-01-01)"));
        assertThat(run(".show queries | take 1 | project WorkloadGroup").getLast()).isEqualTo("Own");
    }

    @Test
    void theFunctionMayHaveStatementsOfItsOwn() {
        group("['On Monday']", "");
        classify("let day = (t:datetime) { dayofweek(t) / 1d };\nlet names = dynamic(['On Sunday', 'On Monday']);\ntostring(names[toint(day(now() + 1d))])");
        run("print 1");
        assertThat(groupOf("print 1")).isEqualTo("On Monday");
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "''", "'NoSuchGroup'", "'internal'", "'own'", "tostring(dynamic(null))",
        "iff(tostring(split(request_properties.request_text, ' ')[0]) == 'print', strrep('x', 1000000000), 'Own')",
        "iff(current_principal_is_member_of('aadgroup=people@contoso.com'), 'Own', 'default')"
    })
    void whatSaysNoGroupOrFailsMeansTheGroupDefault(String function) {
        group("Own", "");
        classify(function);
        run("print 1");
        assertThat(groupOf("print 1")).isEqualTo("default");
    }

    @Test
    void aCommandIsHeldToTheTimeOfItsOwnGroupAndToNoOtherLimitOfQueries() {
        run(".alter-merge workload_group default ```{\"RequestLimitsPolicy\":{\"MaxResultRecords\":{\"IsRelaxable\":false,\"Value\":1}}}```");
        group("Own", "\"RequestLimitsPolicy\":{\"MaxResultRecords\":{\"IsRelaxable\":false,\"Value\":2}}");
        classify("'Own'");
        assertThat(run("batch", ".show cluster policy caching | union (range n from 1 to 5 step 1) | count", Map.of()).getLast()).isEqualTo("6");
        assertThat(run("batch", ".show operations | union (range n from 1 to 5 step 1) | project n", Map.of())).hasSizeGreaterThanOrEqualTo(6);
        assertThatThrownBy(() -> run("batch", "range n from 1 to 5 step 1", Map.of())).hasMessageContaining("E_QUERY_RESULT_SET_TOO_LARGE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "T | take 1", "toscalar(T | count | project 'x')", "F()", "database('Db').T", "print 'default'", "case(true, 'x'",
        "toscalar(externaldata(a:string)['https://contoso.blob.core.windows.net/c/a.csv'])", "request_properties"})
    void aFunctionThatIsNoneIsRefused(String function) {
        run(".create table T (a:string)");
        run(".create function F() { 'x' }");
        assertThatThrownBy(() -> classify(function)).isInstanceOf(KustoException.class).hasMessageContaining("ClusterRequestClassificationPolicy");
        assertThat(run(".show cluster policy request_classification | project Policy").getLast()).isEqualTo("\"null\"");
    }

    @Test
    void thePolicyIsSwitchedOffAndOnAndStays() {
        group("Own", "");
        assertThat(classify("iff(request_properties.request_type == 'Query', 'Own', 'default')").getLast().replace("\\", ""))
                .contains("\"ClassificationProperties\":[\"request_type\"],\"IsEnabled\":true,\"ClassificationFunction\":\"iff(");
        reopen();
        run("print 1");
        assertThat(groupOf("print 1")).isEqualTo("Own");
        run(".alter-merge cluster policy request_classification '{\"IsEnabled\":false}'");
        run("print 2");
        assertThat(groupOf("print 2")).isEqualTo("default");
        run(".alter-merge cluster policy request_classification '{\"IsEnabled\":true}'");
        run("print 3");
        assertThat(groupOf("print 3")).isEqualTo("Own");
        run(".drop workload_group Own");
        run("print 4");
        assertThat(groupOf("print 4")).isEqualTo("default");
        run(".delete cluster policy request_classification");
        group("Own", concurrency(0));
        assertThat(run("print 5")).hasSize(2);
    }

    @Test
    void whatAGroupDoesNotLimitIsAsInTheGroupDefault() {
        String records = "\"MaxResultRecords\":{\"IsRelaxable\":false,\"Value\":";
        group("default", "\"RequestLimitsPolicy\":{" + records + "5}}");
        group("Wide", "\"RequestLimitsPolicy\":{" + records + "10}}");
        group("Open", "\"RequestLimitsPolicy\":{\"MaxExecutionTime\":{\"IsRelaxable\":false,\"Value\":\"00:00:00.3\"},\"MaxResultRecords\":null}");
        classify("tostring(request_properties.current_application)");
        String six = "range x from 1 to 6 step 1";
        assertThatThrownBy(() -> run(six)).isInstanceOf(KustoException.class);
        assertThat(run("Wide", six, Map.of())).hasSize(7);
        assertThatThrownBy(() -> run("Open", six, Map.of())).isInstanceOf(KustoException.class);
        String slow = "range x from 1 to 200000000 step 1 | summarize dcount(hash(tostring(x)), 4), make_set(x % 7) by x % 1000003 | count";
        assertThatThrownBy(() -> run("Open", slow, Map.of())).hasMessageContaining("E_TIMEOUT");
        // The limits of the group default do not hold for commands, those of others do.
        assertThatThrownBy(() -> run("Open", ".set Slow <| " + slow, Map.of())).hasMessageContaining("imeout");
    }

    @Test
    void groupsAreCountedApart() {
        String once = "\"RequestRateLimitPolicies\":[{\"IsEnabled\":true,\"Scope\":\"Principal\",\"LimitKind\":\"ResourceUtilization\","
                + "\"Properties\":{\"ResourceKind\":\"RequestCount\",\"MaxUtilization\":1,\"TimeWindow\":\"01:00:00\"}}]";
        group("A", once);
        group("B", once);
        classify("tostring(request_properties.current_application)");
        for (String group : List.of("A", "B")) {
            run(group, "print 1", Map.of());
            assertThatThrownBy(() -> run(group, "print 1", Map.of())).hasMessageContaining("WorkloadGroup/" + group + "/Principal/");
        }
        run("print 1");
    }

    @Test
    void whoHasLockedEverybodyOutCanOpenAgain() {
        group("Closed", concurrency(0));
        classify("'Closed'");
        assertThatThrownBy(() -> run("print 1")).isInstanceOf(KustoException.class);
        run(".alter-merge cluster policy request_classification '{\"IsEnabled\":false}'");
        assertThat(run("print 1")).hasSize(2);
    }

    @Test
    void aLimitThatIsAlteredLeavesTheOthers() {
        group("Own", "\"RequestLimitsPolicy\":{\"MaxResultRecords\":{\"IsRelaxable\":true,\"Value\":7},\"MaxExecutionTime\":{\"IsRelaxable\":true,\"Value\":\"00:02:00\"}}");
        assertThat(run(".alter-merge workload_group Own ```{\"RequestLimitsPolicy\":{\"MaxExecutionTime\":{\"IsRelaxable\":false,\"Value\":\"00:01:00\"}}}```").getLast().replace("\\", ""))
                .contains("\"MaxResultRecords\":{\"IsRelaxable\":true,\"Value\":7}", "\"Value\":\"00:01:00\"").doesNotContain("00:02:00");
    }
}
