package io.conshelf.factory.trigger;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.definition.Kind;
import io.conshelf.factory.definition.Resource;
import io.conshelf.factory.trigger.WindowSequence.Window;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

class TriggerDefinitionTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// `recurrences.spec`: in each case the first moment is asked about, and is itself no answer unless it stands twice.
    @TestFactory
    Stream<DynamicTest> recurrences() throws Exception {
        String text = new String(TriggerDefinitionTest.class.getResourceAsStream("recurrences.spec").readAllBytes(), StandardCharsets.UTF_8);
        return Arrays.stream(text.split("\n\n")).map(block -> block.lines().filter(line -> !line.startsWith("//")).toList())
                .filter(lines -> lines.size() > 2).map(lines -> DynamicTest.dynamicTest(lines.getFirst(), () -> check(lines)));
    }

    private static void check(List<String> lines) throws Exception {
        ObjectNode properties = JSON.createObjectNode();
        properties.put("type", "ScheduleTrigger").putObject("typeProperties").set("recurrence", JSON.readTree(lines.get(1)));
        var trigger = (TriggerDefinition.Schedule) read(properties);
        Instant moment = Instant.parse(lines.get(2));
        List<String> found = new ArrayList<>();
        for (int i = 3; i < lines.size(); i++) {
            Optional<Instant> next = trigger.recurrence().next(moment);
            found.add(next.map(Instant::toString).orElse("none"));
            moment = next.orElse(moment);
        }
        assertThat(found).isEqualTo(lines.subList(3, lines.size()));
    }

    private static TriggerDefinition read(ObjectNode properties) {
        List<Problem> problems = new ArrayList<>();
        var resource = new Resource(Kind.TRIGGER, "t", new Located("trigger/t.json", "", JSON.createObjectNode().put("name", "t").set("properties", properties)));
        Optional<TriggerDefinition> read = TriggerDefinition.read(resource, problems::add);
        assertThat(problems).isEmpty();
        return read.orElseThrow();
    }

    @Test
    void windowsFollowOneAnotherFromTheStart() throws Exception {
        var trigger = (TriggerDefinition.Tumbling) read((ObjectNode) JSON.readTree("""
                {"type": "TumblingWindowTrigger", "typeProperties": {"frequency": "Hour", "interval": "6", "startTime": "2024-01-01T00:00:00Z",
                 "endTime": "2024-01-02T00:00:00Z", "delay": "00:15:00", "maxConcurrency": 3, "retryPolicy": {"count": 2, "intervalInSeconds": 40},
                 "dependsOn": [{"type": "SelfDependencyTumblingWindowTriggerReference", "offset": "-1.00:00:00", "size": "12:00:00"}]},
                 "pipeline": {"pipelineReference": {"referenceName": "p", "type": "PipelineReference"}, "parameters": {"from": "@trigger().outputs.windowStartTime"}}}
                """));
        assertThat(trigger.windows().window(1)).isEqualTo(new Window(Instant.parse("2024-01-01T06:00:00Z"), Instant.parse("2024-01-01T12:00:00Z")));
        assertThat(trigger.windows().ended(Instant.parse("2023-12-31T00:00:00Z"))).isZero();
        assertThat(trigger.windows().ended(Instant.parse("2024-01-01T11:59:59Z"))).isEqualTo(1);
        assertThat(trigger.windows().ended(Instant.parse("2024-01-01T12:00:00Z"))).isEqualTo(2);
        assertThat(trigger.windows().ended(Instant.parse("2030-01-01T00:00:00Z"))).as("the end cuts").isEqualTo(4);
        assertThat(trigger.windows().has(4)).isFalse();
        assertThat(trigger.delay()).isEqualTo(Duration.ofMinutes(15));
        assertThat(trigger.maxConcurrency()).isEqualTo(3);
        assertThat(trigger.retries()).isEqualTo(2);
        var dependency = trigger.dependencies().getFirst();
        assertThat(dependency.trigger()).isEqualTo("t");
        assertThat(trigger.windows().window(2).moved(dependency.offset(), dependency.size()))
                .isEqualTo(new Window(Instant.parse("2023-12-31T12:00:00Z"), Instant.parse("2024-01-01T00:00:00Z")));
    }

    @Test
    void windowsOfMonthsHaveTheirLengths() {
        var months = new WindowSequence(WindowSequence.Frequency.MONTH, 1, Instant.parse("2024-01-01T00:00:00Z"), Instant.MAX);
        assertThat(months.window(1)).isEqualTo(new Window(Instant.parse("2024-02-01T00:00:00Z"), Instant.parse("2024-03-01T00:00:00Z")));
        assertThat(months.ended(Instant.parse("2024-03-01T00:00:00Z"))).isEqualTo(2);
    }

    @Test
    void blobEventsAreChosenByPath() throws Exception {
        var trigger = (TriggerDefinition.BlobEvents) read((ObjectNode) JSON.readTree("""
                {"type": "BlobEventsTrigger", "typeProperties": {"events": ["Microsoft.Storage.BlobCreated"], "ignoreEmptyBlobs": true,
                 "blobPathBeginsWith": "/incoming/blobs/sales/", "blobPathEndsWith": ".csv"}, "pipelines": []}
                """));
        assertThat(trigger.accepts("incoming", "sales/2024/a.csv", true, 10)).isTrue();
        assertThat(trigger.accepts("incoming", "sales/2024/a.csv", false, 10)).as("deleted").isFalse();
        assertThat(trigger.accepts("incoming", "sales/a.csv", true, 0)).as("empty").isFalse();
        assertThat(trigger.accepts("incoming", "other/a.csv", true, 10)).isFalse();
        assertThat(trigger.accepts("incoming", "sales/a.json", true, 10)).isFalse();
        assertThat(trigger.accepts("incoming2", "sales/a.csv", true, 10)).isFalse();
        var whole = (TriggerDefinition.BlobEvents) read((ObjectNode) JSON.readTree("""
                {"type": "BlobEventsTrigger", "typeProperties": {"events": ["Microsoft.Storage.BlobCreated"], "blobPathEndsWith": "/incoming/blobs/a.csv"}, "pipelines": []}
                """));
        assertThat(whole.accepts("incoming", "a.csv", true, 10)).isTrue();
        assertThat(whole.accepts("incoming", "b/a.csv", true, 10)).isFalse();
    }
}
