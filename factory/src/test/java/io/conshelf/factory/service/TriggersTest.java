package io.conshelf.factory.service;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.connectors.management.ServiceStore;
import io.conshelf.connectors.vault.GivenSecrets;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Triggers through the management interface, on a clock that the test moves.
class TriggersTest {
    private static final String FACTORY = "/subscriptions/s/resourceGroups/g/providers/Microsoft.DataFactory/factories/flights";
    private static final Endpoints NOWHERE = Endpoints.embedded(URI.create("http://127.0.0.1:9"), List.of());
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    private final MemoryStore store = new MemoryStore();
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2024-03-01T00:00:00Z"));
    private FactoryService service;

    @BeforeEach
    void aFactory() {
        service = open(store);
        put("", "{\"location\": \"here\"}");
        put("/pipelines/p", """
                {"properties": {"parameters": {"from": {"type": "String", "defaultValue": ""}, "to": {"type": "String", "defaultValue": ""}},
                 "variables": {"v": {"type": "String"}},
                 "activities": [{"name": "Set", "type": "SetVariable", "typeProperties": {"variableName": "v", "value": "@pipeline().TriggerName"}}]}}
                """);
    }

    @AfterEach
    void close() {
        service.close();
    }

    private FactoryService open(ServiceStore over) {
        FactoryService opened = FactoryService.open(over, FactoryService.Allowance.of(List.of(), GivenSecrets.NONE), now::get, ServiceLimits.DEFAULT.withStopWait(Duration.ofMillis(100)));
        opened.started(NOWHERE);
        return opened;
    }

    private static final String DAILY = """
            {"properties": {"type": "ScheduleTrigger", "typeProperties": {"recurrence": {"frequency": "Day", "interval": 1, "startTime": "2024-01-01T05:00:00Z"}},
             "pipelines": [{"pipelineReference": {"referenceName": "p", "type": "PipelineReference"}, "parameters": {"from": "@trigger().scheduledTime"}}]}}
            """;

    @Test
    void aScheduleFiresEachOccurrenceOnceAndNoneThatItMissed() {
        put("/triggers/daily", DAILY);
        moveTo("2024-03-02T06:00:00Z");
        post("/triggers/daily/start", "");
        moveTo("2024-03-03T05:00:01Z");
        await(() -> runs().size() == 1);
        assertThat(runs().getFirst().path("parameters").path("from").asText()).isEqualTo("2024-03-03T05:00:00.0000000Z");
        assertThat(runs().getFirst().path("invokedBy").path("invokedByType").asText()).isEqualTo("ScheduleTrigger");
        assertThat(triggerRuns()).singleElement().satisfies(run -> {
            assertThat(run.path("status").asText()).isEqualTo("Succeeded");
            assertThat(run.path("triggeredPipelines").path("p").asText()).isEqualTo(runs().getFirst().path("runId").asText());
        });

        service.close();
        moveTo("2024-03-06T12:00:00Z");
        service = open(store);
        moveTo("2024-03-07T05:00:00Z");
        await(() -> runs().size() == 2);
        assertThat(runs().stream().map(run -> run.path("parameters").path("from").asText().substring(0, 10))).containsExactlyInAnyOrder("2024-03-03", "2024-03-07");

        post("/triggers/daily/stop", "");
        moveTo("2024-03-09T05:00:00Z");
        assertThat(get("/triggers/daily").path("properties").path("runtimeState").asText()).isEqualTo("Stopped");
        post("/triggers/daily/start", "");
        moveTo("2024-03-10T05:00:00Z");
        await(() -> runs().size() == 3);
    }

    @Test
    void aStartedTriggerIsNeitherChangedNorDeleted() {
        put("/triggers/daily", DAILY);
        post("/triggers/daily/start", "");
        assertThat(call("PUT", "/triggers/daily", DAILY).status()).isEqualTo(409);
        assertThat(call("DELETE", "/triggers/daily", "").status()).isEqualTo(409);
        post("/triggers/daily/stop", "");
        assertThat(call("DELETE", "/triggers/daily", "").status()).isEqualTo(200);
    }

    @Test
    void theWindowsOfATriggerStayAsTheyWereMade() {
        put("/triggers/windows", tumbling(""));
        for (String changed : List.of(tumbling("").replace("\"interval\": 6", "\"interval\": 12"), tumbling("").replace("Hour", "Month"),
                tumbling("").replace("2024-02-29", "2024-02-28"), DAILY)) {
            ManagementAnswer refused = call("PUT", "/triggers/windows", changed);
            assertThat(refused.status()).as(changed).isEqualTo(400);
            assertThat(refused.body().orElseThrow().toString()).contains("frequency, interval and startTime");
        }
        put("/triggers/windows", tumbling(", \"delay\": \"00:10:00\"").replace("\"interval\": 6", "\"interval\": \"6\"").replace("T00:00:00Z", "T00:00:00.0000000Z"));
    }

    @Test
    void whatCannotFireIsNotStarted() {
        put("/triggers/custom", "{\"properties\": {\"type\": \"CustomEventsTrigger\", \"typeProperties\": {}, \"pipelines\": [{\"pipelineReference\": {\"referenceName\": \"p\", \"type\": \"PipelineReference\"}}]}}");
        assertThat(call("POST", "/triggers/custom/start", "").body().orElseThrow().toString()).contains("event grid");
        put("/triggers/never", DAILY.replace("\"Day\"", "\"Fortnight\""));
        assertThat(call("POST", "/triggers/never/start", "").status()).isEqualTo(400);
        assertThat(call("POST", "/triggers/nobody/start", "").status()).isEqualTo(404);
        assertThat(get("/triggers/never").path("properties").path("runtimeState").asText()).isEqualTo("Stopped");
    }

    @Test
    void aParameterThatCannotBeEvaluatedFailsTheFiring() {
        put("/triggers/daily", DAILY.replace("@trigger().scheduledTime", "@trigger().outputs.windowStartTime"));
        post("/triggers/daily/start", "");
        moveTo("2024-03-02T05:00:00Z");
        await(() -> triggerRuns().size() == 1);
        assertThat(triggerRuns().getFirst().path("status").asText()).isEqualTo("Failed");
        assertThat(triggerRuns().getFirst().path("message").asText()).contains("outputs");
        assertThat(runs()).isEmpty();
    }

    private static String tumbling(String more) {
        return """
                {"properties": {"type": "TumblingWindowTrigger", "typeProperties": {"frequency": "Hour", "interval": 6, "startTime": "2024-02-29T00:00:00Z",
                 "maxConcurrency": 2%s}, "pipeline": {"pipelineReference": {"referenceName": "p", "type": "PipelineReference"},
                 "parameters": {"from": "@trigger().outputs.windowStartTime", "to": "@trigger().outputs.windowEndTime"}}}}
                """.formatted(more);
    }

    @Test
    void everyWindowFromTheStartOnRunsOnce() {
        put("/triggers/w", tumbling(", \"delay\": \"01:00:00\""));
        post("/triggers/w/start", "");
        // The fourth window ends with the day; the delay keeps it waiting.
        await(() -> succeeded() == 3);
        moveTo("2024-03-01T01:00:00Z");
        await(() -> succeeded() == 4);
        assertThat(windows()).containsExactly("2024-02-29T00", "2024-02-29T06", "2024-02-29T12", "2024-02-29T18");
        assertThat(triggerRuns().stream().map(run -> run.path("properties").path("windowEndTime").asText()))
                .contains("2024-02-29T06:00:00.0000000Z", "2024-03-01T00:00:00.0000000Z");

        service.close();
        moveTo("2024-03-01T13:30:00Z");
        service = open(store);
        await(() -> succeeded() == 6);
        assertThat(windows()).hasSize(6).doesNotHaveDuplicates();
    }

    @Test
    void aWindowThatFailsIsTriedAgainAsThePolicySaysAndMayBeRunAgain() {
        put("/pipelines/p", """
                {"properties": {"parameters": {"from": {"type": "String"}, "to": {"type": "String"}},
                 "activities": [{"name": "F", "type": "Fail", "typeProperties": {"message": "no", "errorCode": "1"}}]}}
                """);
        put("/triggers/w", tumbling(", \"endTime\": \"2024-02-29T06:00:00Z\", \"retryPolicy\": {\"count\": 2, \"intervalInSeconds\": 60}"));
        post("/triggers/w/start", "");
        await(() -> triggerRuns().size() == 1 && triggerRuns().getFirst().path("status").asText().equals("Failed"));
        moveTo("2024-03-01T00:01:01Z");
        await(() -> failed() == 2);
        moveTo("2024-03-01T00:03:00Z");
        await(() -> failed() == 3);
        moveTo("2024-03-02T00:00:00Z");

        put("/pipelines/p", """
                {"properties": {"parameters": {"from": {"type": "String"}, "to": {"type": "String"}},
                 "activities": [{"name": "W", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}]}}
                """);
        String last = triggerRuns().getLast().path("triggerRunId").asText();
        post("/triggers/w/triggerRuns/" + last + "/rerun", "");
        await(() -> succeeded() == 1);
        assertThat(runs().stream().map(run -> run.path("parameters").path("from").asText()).distinct()).hasSize(1);
        assertThat(call("POST", "/triggers/w/triggerRuns/" + last + "/rerun", "").status()).as("it is not the last any more").isEqualTo(400);
    }

    @Test
    void aWindowWaitsForThoseItDependsOn() {
        put("/triggers/up", tumbling(", \"endTime\": \"2024-03-01T00:00:00Z\""));
        put("/triggers/down", """
                {"properties": {"type": "TumblingWindowTrigger", "typeProperties": {"frequency": "Hour", "interval": 24, "startTime": "2024-02-29T00:00:00Z",
                 "endTime": "2024-03-01T00:00:00Z", "maxConcurrency": 1,
                 "dependsOn": [{"type": "TumblingWindowTriggerDependencyReference", "referenceTrigger": {"referenceName": "up", "type": "TriggerReference"}}]},
                 "pipeline": {"pipelineReference": {"referenceName": "p", "type": "PipelineReference"}, "parameters": {"from": "day"}}}}
                """);
        post("/triggers/down/start", "");
        await(() -> triggerRuns().stream().anyMatch(run -> run.path("status").asText().equals("WaitingOnDependency")));
        assertThat(runs()).isEmpty();
        post("/triggers/up/start", "");
        await(() -> succeeded() == 5);
        assertThat(runs().getLast().path("parameters").path("from").asText()).isEqualTo("day");
    }

    @Test
    void aWindowThatWaitsOrRunsCanBeCancelled() {
        put("/pipelines/p", """
                {"properties": {"parameters": {"from": {"type": "String"}, "to": {"type": "String"}},
                 "activities": [{"name": "W", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 600}}]}}
                """);
        put("/triggers/w", tumbling(", \"endTime\": \"2024-02-29T06:00:00Z\""));
        post("/triggers/w/start", "");
        await(() -> runs().size() == 1 && runs().getFirst().path("status").asText().equals("InProgress"));
        post("/triggers/w/triggerRuns/" + triggerRuns().getFirst().path("triggerRunId").asText() + "/cancel", "");
        await(() -> runs().getFirst().path("status").asText().equals("Cancelled"));
        assertThat(triggerRuns().getFirst().path("status").asText()).isEqualTo("Cancelled");
    }

    @Test
    void aBlobStartsWhatWaitsForIt() {
        put("/triggers/b", """
                {"properties": {"type": "BlobEventsTrigger", "typeProperties": {"events": ["Microsoft.Storage.BlobCreated"], "scope": "/any",
                 "blobPathBeginsWith": "/incoming/blobs/sales/", "ignoreEmptyBlobs": true},
                 "pipelines": [{"pipelineReference": {"referenceName": "p", "type": "PipelineReference"},
                 "parameters": {"from": "@triggerBody().folderPath", "to": "@trigger().outputs.body.fileName"}}]}}
                """);
        var blob = new BlobChange("account", "incoming", "sales/2024/a.csv", BlobChange.What.CREATED, 10);
        service.blobChanged(blob);
        post("/triggers/b/start", "");
        assertThat(call("POST", "/triggers/b/getEventSubscriptionStatus", "").body().orElseThrow().path("status").asText()).isEqualTo("Enabled");
        service.blobChanged(blob);
        service.blobChanged(new BlobChange("account", "incoming", "sales/empty.csv", BlobChange.What.CREATED, 0));
        service.blobChanged(new BlobChange("account", "incoming", "sales/a.csv", BlobChange.What.DELETED, 0));
        await(() -> succeeded() == 1);
        assertThat(runs()).singleElement().satisfies(run -> {
            assertThat(run.path("parameters").path("from").asText()).isEqualTo("incoming/sales/2024");
            assertThat(run.path("parameters").path("to").asText()).isEqualTo("a.csv");
        });
    }

    /// The process dies at every point of a backfill in turn; each time another goes on. A window's pipeline never succeeds twice.
    @Test
    void noWindowIsLostOrRunsTwiceWhateverThePointOfACrash() {
        put("/triggers/w", tumbling(", \"endTime\": \"2024-02-29T18:00:00Z\", \"retryPolicy\": {\"count\": 30, \"intervalInSeconds\": 0}"));
        post("/triggers/w/start", "");
        service.close();
        for (int changes = 1; changes < 14; changes++) {
            MemoryStore.Process process = store.process(changes);
            try (FactoryService _ = open(process)) {
                await(() -> process.isDead() || succeeded() == 3);
            } catch (IllegalStateException diedWhileItOpened) {
                assertThat(process.isDead()).isTrue();
            }
        }
        service = open(store);
        await(() -> triggerRuns().stream().filter(run -> run.path("status").asText().equals("Succeeded")).count() == 3);
        Map<String, Long> succeeded = runs().stream().filter(run -> run.path("status").asText().equals("Succeeded"))
                .collect(Collectors.groupingBy(run -> run.path("parameters").path("from").asText(), TreeMap::new, Collectors.counting()));
        assertThat(succeeded).hasSize(3).allSatisfy((window, count) -> assertThat(count).as(window).isEqualTo(1));
    }

    private void moveTo(String time) {
        now.set(Instant.parse(time));
    }

    private long succeeded() {
        return runs().stream().filter(run -> run.path("status").asText().equals("Succeeded")).count();
    }

    private long failed() {
        return triggerRuns().stream().filter(run -> run.path("status").asText().equals("Failed")).count();
    }

    private List<String> windows() {
        return runs().stream().map(run -> run.path("parameters").path("from").asText().substring(0, 13)).sorted().toList();
    }

    private List<JsonNode> runs() {
        return query("/queryPipelineRuns").stream().sorted(Comparator.comparing(run -> run.path("runStart").asText())).toList();
    }

    private List<JsonNode> triggerRuns() {
        return query("/queryTriggerRuns").stream().sorted(Comparator.comparing(run -> run.path("triggerRunTimestamp").asText())).toList();
    }

    private List<JsonNode> query(String path) {
        List<JsonNode> found = new ArrayList<>();
        JsonNode answer = post(path, "{\"lastUpdatedAfter\": \"2000-01-01T00:00:00Z\", \"lastUpdatedBefore\": \"2100-01-01T00:00:00Z\"}");
        answer.path("value").forEach(found::add);
        return found;
    }

    private JsonNode get(String path) {
        return ok(call("GET", path, ""));
    }

    private void put(String path, String json) {
        ok(call("PUT", path, json));
    }

    private JsonNode post(String path, String json) {
        return ok(call("POST", path, json));
    }

    private static JsonNode ok(ManagementAnswer answer) {
        assertThat(answer.status()).as(answer.body().map(JsonNode::toString).orElse("")).isEqualTo(200);
        return answer.body().orElse(ServiceJson.MAPPER.createObjectNode());
    }

    private ManagementAnswer call(String method, String path, String json) {
        return service.answer(new ManagementRequest(method, FACTORY + path, Map.of("api-version", "2018-06-01"), Map.of(),
                json.getBytes(StandardCharsets.UTF_8), "http://localhost"));
    }

    private static void await(BooleanSupplier condition) {
        Instant deadline = Instant.now().plus(PATIENCE);
        while (!condition.getAsBoolean()) {
            assertThat(Instant.now()).as("waited " + PATIENCE).isBefore(deadline);
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }
}
