package io.conshelf.factory;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.definition.Factory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FactoryRunnerTest {
    @TempDir
    Path folder;

    private FactoryRunner runner(String activities, RunListener listener, Pauses pauses) throws Exception {
        Files.createDirectories(folder.resolve("pipeline"));
        Files.writeString(folder.resolve("pipeline/p.json"), "{\"name\":\"p\",\"properties\":{\"activities\":" + activities + "}}");
        return new FactoryRunner(Factory.load(folder), Endpoints.embedded(URI.create("http://127.0.0.1:9"), List.of()), listener)
                .on(Clock.systemUTC(), pauses);
    }

    private static void forever() throws InterruptedException {
        new CountDownLatch(1).await();
    }

    @Test
    void aCancelledRunStopsWhatRunsAndStartsNothingElse() throws Exception {
        CountDownLatch isWaiting = new CountDownLatch(1);
        FactoryRunner runner = runner("""
                [{"name": "Each", "type": "ForEach", "typeProperties": {"items": "@range(1, 3)", "activities": [
                   {"name": "W", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}]}},
                 {"name": "After", "type": "Wait", "dependsOn": [{"activity": "Each", "dependencyConditions": ["Completed"]}],
                  "typeProperties": {"waitTimeInSeconds": 1}}]
                """, _ -> {}, _ -> {
            isWaiting.countDown();
            forever();
        });
        PipelineHandle handle = runner.start("p", Map.of());
        isWaiting.await();
        handle.cancel();
        RunRecord record = handle.await();
        assertThat(record.status()).isEqualTo(Status.CANCELLED);
        assertThat(record.activity("W").orElseThrow().status()).isEqualTo(Status.CANCELLED);
        assertThat(record.activity("Each").orElseThrow().status()).isEqualTo(Status.CANCELLED);
        assertThat(record.activity("After")).isEmpty();
    }

    @Test
    void anActivityThatTakesTooLongTimesOutAndCountsAsFailed() throws Exception {
        RunRecord record = runner("""
                [{"name": "Slow", "type": "Wait", "policy": {"timeout": "0.00:00:01"}, "typeProperties": {"waitTimeInSeconds": 9}},
                 {"name": "Then", "type": "Fail", "dependsOn": [{"activity": "Slow", "dependencyConditions": ["Failed"]}],
                  "typeProperties": {"message": "@activity('Slow').error.message", "errorCode": "@activity('Slow').Status"}}]
                """, _ -> {}, _ -> forever()).run("p", Map.of());
        assertThat(record.activity("Slow").orElseThrow().status()).isEqualTo(Status.TIMED_OUT);
        assertThat(record.message()).isEqualTo("Operation on target Then failed: Activity timed out after 1 s");
        assertThat(record.activity("Then").orElseThrow().failure().orElseThrow().errorCode()).isEqualTo("TimedOut");
    }

    @Test
    void theListenerIsToldOfEveryStepInOrder() throws Exception {
        List<String> told = new ArrayList<>();
        runner("[{\"name\": \"W\", \"type\": \"Wait\", \"typeProperties\": {\"waitTimeInSeconds\": 1, \"unit\": \"s\"}}]", event -> told.add(switch (event) {
            case RunEvent.RunQueued queued -> "queue " + queued.run().pipelineName();
            case RunEvent.RunStarted started -> "run " + started.run().pipelineName();
            case RunEvent.Remarked(var remark) -> remark.toString();
            case RunEvent.ActivityStarted started -> "start " + started.run().activityName() + " " + started.run().activityType();
            case RunEvent.ActivityProgressed progressed -> "progress " + progressed.progress().stage();
            case RunEvent.ActivityEnded ended -> "end " + ended.run().activityName() + " " + ended.run().status();
            case RunEvent.RunEnded ended -> "run ended " + ended.run().status();
        }), _ -> {}).run("p", Map.of());
        assertThat(told).containsExactly(
                "pipeline/p.json: properties.activities[0].typeProperties.unit: 'unit' is not a property of Wait and has no effect", "run p", "start W Wait", "end W SUCCEEDED", "run ended SUCCEEDED");
    }

    @Test
    void aListenerThatFailsDoesNotStopTheRun() throws Exception {
        RunRecord record = runner("[{\"name\": \"W\", \"type\": \"Wait\", \"typeProperties\": {\"waitTimeInSeconds\": 1}}]", _ -> {
            throw new IllegalStateException("broken");
        }, _ -> {}).run("p", Map.of());
        assertThat(record.isSucceeded()).isTrue();
    }
}
