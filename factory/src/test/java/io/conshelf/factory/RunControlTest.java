package io.conshelf.factory;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.definition.Factory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// How runs wait for one another, are cancelled, and are taken up again.
class RunControlTest {
    @TempDir
    Path folder;

    private void pipeline(String name, String properties) throws Exception {
        Files.createDirectories(folder.resolve("pipeline"));
        Files.writeString(folder.resolve("pipeline/" + name + ".json"), "{\"name\":\"" + name + "\",\"properties\":" + properties + "}");
    }

    private FactoryRunner runner(RunListener listener, Pauses pauses) throws Exception {
        return new FactoryRunner(Factory.load(folder), Endpoints.embedded(URI.create("http://127.0.0.1:9"), List.of()), listener)
                .on(Clock.systemUTC(), pauses);
    }

    private static final String EACH = """
            {"activities": [{"name": "Each", "type": "ForEach", "typeProperties": {"items": "@range(1, 6)", "activities": [
              {"name": "Call", "type": "ExecutePipeline", "typeProperties": {"waitOnCompletion": true,
               "pipeline": {"referenceName": "inner", "type": "PipelineReference"}}}]}}]}""";

    @Test
    void runsThatOthersStartWaitForOneAnotherToo() throws Exception {
        pipeline("outer", EACH);
        pipeline("inner", "{\"concurrency\": 2, \"activities\": [{\"name\": \"W\", \"type\": \"Wait\", \"typeProperties\": {\"waitTimeInSeconds\": 1}}]}");
        AtomicInteger running = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        ConcurrentLinkedQueue<String> queued = new ConcurrentLinkedQueue<>();
        CountDownLatch fourWait = new CountDownLatch(4);
        RunRecord record = runner(event -> {
            if (event instanceof RunEvent.RunQueued(RunRecord run)) {
                queued.add(run.runId());
                fourWait.countDown();
            }
        }, _ -> {
            most.accumulateAndGet(running.incrementAndGet(), Math::max);
            // Both places are taken until the others are seen to wait.
            fourWait.await();
            running.decrementAndGet();
        }).run("outer", Map.of());
        assertThat(record.status()).as(record.message()).isEqualTo(Status.SUCCEEDED);
        assertThat(record.children()).hasSize(6);
        assertThat(most.get()).isLessThanOrEqualTo(2);
        assertThat(queued).hasSize(4);
    }

    @Test
    void theIterationsOfARerunAreKnownByTheirItems() throws Exception {
        pipeline("p", """
                {"parameters": {"items": {"type": "Array"}}, "activities": [{"name": "Each", "type": "ForEach", "typeProperties": {"isSequential": true,
                  "items": "@pipeline().parameters.items", "activities": [
                   {"name": "W", "type": "Wait", "typeProperties": {"waitTimeInSeconds": 1}}]}}]}""");
        FactoryRunner runner = runner(_ -> {}, _ -> {});
        var json = new ObjectMapper();
        RunRecord first = runner.run("p", Map.of("items", json.readTree("[1, 2, 2]")));
        Recovery recovery = Recovery.fromFailure(first.runId(), first.runGroupId(), _ -> List.of());
        PipelineHandle again = runner.prepare("p", Map.of("items", json.readTree("[2, 1, 2]")), Invocation.recovering(recovery)).start();
        RunRecord second = again.await();
        assertThat(second.runGroupId()).isEqualTo(first.runGroupId());
        assertThat(hashes(second)).containsExactlyInAnyOrderElementsOf(hashes(first)).doesNotHaveDuplicates();
    }

    private static List<String> hashes(RunRecord run) {
        List<String> hashes = new ArrayList<>();
        run.activityRuns().stream().filter(activity -> activity.activityName().equals("W")).forEach(activity -> hashes.add(activity.iterationHash().orElseThrow()));
        return hashes;
    }
}
