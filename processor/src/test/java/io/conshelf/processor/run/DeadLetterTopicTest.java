package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttConnection;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.processor.Mosquitto;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.secret.Secrets;
import io.conshelf.processor.source.MqttSource;
import io.conshelf.processor.source.RecordedSource;
import io.conshelf.processor.source.Source.Arrival;
import io.conshelf.processor.source.Subscriptions;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Messages that can't be processed go to a topic, where one is named.
class DeadLetterTopicTest {
    @TempDir
    private Path folder;

    private RunPlace place(DeadLetterPlace letters) {
        return new RunPlace("test", Endpoints.replacedBy(URI.create("http://localhost")), new KustoCredential.None(), Secrets.NONE, FolderAccess.ANY,
                folder.resolve("state")).with(Optional.of(letters));
    }

    private PipelineDefinition pipeline() throws Exception {
        return Definitions.read("strict.json", """
                {"enabled": true,
                 "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "format": {"type": "json"}, "partitionCount": 1, "next": ["check"]},
                 "stages": {"check": {"type": "processor/transform@v1", "expression": "if .payload < 3 then . else error(\\"too large\\") end", "next": ["output"]},
                   "output": {"type": "output/file@v1", "rootDirectory": "%s", "format": {"type": "json"}, "batch": {"time": "1s"}}}}
                """.formatted(folder.resolve("out"))).pipelines().getFirst();
    }

    @Test
    void aLetterHasTheMessageWithItsReasonAndStage() throws Exception {
        Path messages = Files.writeString(folder.resolve("messages.jsonl"), """
                {"topic": "a", "payload": "1"}
                {"topic": "a", "payload": "{broken"}
                {"topic": "a", "payload": "7"}
                """);
        try (Mosquitto mosquitto = Mosquitto.start(folder.resolve("broker"), "");
                MqttSource reader = new MqttSource(new MqttSource.Settings(MqttBroker.open("127.0.0.1", mosquitto.port()), "reader", List.of("plant/#"),
                        Quality.AT_LEAST_ONCE, new MqttConnection.Session.Clean()), Subscriptions.UNKNOWN);
                Pipelines pipelines = Pipelines.open(place(DeadLetterPlace.of("mqtt://127.0.0.1:" + mosquitto.port() + "/plant/dead-letters")), List.of())) {
            reader.open();
            PipelineRun run = pipelines.play(pipeline(), RecordedSource.open(messages, List.of()));
            assertThat(run.await(Duration.ofMinutes(1))).isTrue();
            assertThat(run.counts().deadLetters()).isEqualTo(2);
            List<Arrival> letters = new ArrayList<>();
            while (letters.size() < 2) {
                letters.addAll(reader.next());
            }
            JsonNode first = new ObjectMapper().readTree(letters.get(0).payload());
            assertThat(first.path("stage").asText()).isEqualTo("$input");
            assertThat(first.path("code").asText()).isEqualTo("InvalidFormat");
            JsonNode second = new ObjectMapper().readTree(letters.get(1).payload());
            assertThat(second.path("stage").asText()).isEqualTo("check");
            assertThat(second.path("reason").asText()).contains("too large");
            assertThat(second.at("/message/payload").asInt()).isEqualTo(7);
            assertThat(letters.get(1).envelope()).containsKey("userProperties").satisfies(envelope -> assertThat(JsonText.write(envelope.get("userProperties")))
                    .contains("{\"key\":\"pipeline\",\"value\":\"strict\"}", "{\"key\":\"stage\",\"value\":\"check\"}"));
            assertThat(letters.get(1).envelope().get("topic")).isEqualTo(Value.of("plant/dead-letters"));
            assertThat(folder.resolve("state/pipelines/strict/dead-letters-0.jsonl")).doesNotExist();
        }
    }

    @Test
    void aLetterThatTheBrokerDoesNotTakeGoesToTheFile() throws Exception {
        Path messages = Files.writeString(folder.resolve("messages.jsonl"), "{\"topic\": \"a\", \"payload\": \"{broken\"}\n{\"topic\": \"a\", \"payload\": \"1\"}\n");
        try (Mosquitto mosquitto = Mosquitto.start(folder.resolve("broker"), "message_size_limit 10");
                Pipelines pipelines = Pipelines.open(place(DeadLetterPlace.of("mqtt://127.0.0.1:" + mosquitto.port() + "/plant/dead-letters")), List.of())) {
            PipelineRun run = pipelines.play(pipeline(), RecordedSource.open(messages, List.of()));
            assertThat(run.await(Duration.ofMinutes(1))).isTrue();
            assertThat(run.failure()).isEmpty();
            assertThat(folder.resolve("state/pipelines/strict/dead-letters-0.jsonl")).content().contains("InvalidFormat").hasLineCount(1);
        }
    }

    @Test
    void aPlaceThatCannotBeIsToldBeforeAnythingRuns() throws Exception {
        for (String wrong : List.of("plant/dead-letters", "mqtt://host", "mqtt://host/a/#", "mqtt://me:secret@host/a", "mqtt://me:sec@secret@host/a", "mqtt://me:secret@my_host/a", "mqtt:me:secret@host/a", "mqtt://host/ a")) {
            assertThatThrownBy(() -> DeadLetterPlace.of(wrong)).as(wrong).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("mqtt://<host>:<port>/<topic>")
                    .hasMessageNotContaining("secret");
        }
        try (Pipelines pipelines = Pipelines.open(place(DeadLetterPlace.of("http://localhost/a")), List.of())) {
            PipelineDefinition pipeline = pipeline();
            assertThatThrownBy(() -> pipelines.start(pipeline)).isInstanceOf(IOException.class).hasMessageContaining("is not the address of a broker");
        }
    }
}
