package io.conshelf.processor.stage;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.processor.dataset.ReferenceData;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.definition.StageDefinition;
import io.conshelf.processor.secret.Secrets;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import io.conshelf.processor.value.ValueBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Random;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;

/// What stages remember outlives the process: a run that is cut anywhere gives what an uncut one gives.
class StageStateTest {
    private static final Instant BEGIN = Instant.parse("2024-03-05T12:00:00Z");
    private static final String WINDOWS = """
            {"type": "processor/aggregate@v1", "window": {"type": "tumbling", "size": "10s"}, "properties": [
              {"function": "sum", "inputPath": ".v", "outputPath": ".sum"}, {"function": "average", "inputPath": ".v", "outputPath": ".average"},
              {"function": "count", "inputPath": ".v", "outputPath": ".count"}, {"function": "min", "inputPath": ".v", "outputPath": ".min"},
              {"function": "max", "inputPath": ".v", "outputPath": ".max"}, {"function": "first", "inputPath": ".v", "outputPath": ".first"},
              {"function": "last", "inputPath": ".v", "outputPath": ".last"}, {"function": "collect", "inputPath": ".v", "outputPath": ".collect"}], "next": ["output"]}""";
    private static final String KNOWN = """
            {"type": "processor/lkv@v1", "properties": [
              {"inputPath": ".v", "outputPath": ".v", "timestampPath": ".at", "expirationTime": "7s"}, {"inputPath": ".w", "outputPath": ".last"}], "next": ["output"]}""";

    private final List<String> faults = new ArrayList<>();

    private static StageDefinition definition(String stage) throws InvalidDefinitionException {
        return Definitions.read("sample.json", """
                {"enabled": true, "input": {"type": "input/mqtt@v1", "broker": "tcp://localhost:1883", "topics": ["a"], "next": ["one"]},
                 "stages": {"one": %s, "output": {"type": "output/file@v1", "rootDirectory": "files", "format": {"type": "json"}}}}""".formatted(stage)).pipelines()
                .getFirst().stages().getFirst();
    }

    private static Stage open(StageDefinition definition) throws InvalidStageException {
        return new Stages(ReferenceData.inMemory(), Endpoints.replacedBy(URI.create("http://localhost")), Secrets.NONE).open(definition);
    }

    private static List<Message> messages(Random random) {
        List<Message> messages = new ArrayList<>();
        Instant now = BEGIN;
        for (int i = 0; i < 200; i++) {
            now = now.plusMillis(random.nextInt(900));
            SequencedMap<String, Value> content = new LinkedHashMap<>();
            switch (random.nextInt(8)) {
                case 0 -> content.put("v", Value.of(random.nextInt(100) / 8.0));
                case 1 -> content.put("v", Value.of(random.nextLong()));
                case 2 -> content.put("v", Value.of("text " + random.nextInt(9)));
                case 3 -> content.put("v", Value.NULL);
                case 4 -> content.put("v", new Value.Binary(new byte[] {(byte) random.nextInt()}));
                case 5 -> content.put("w", Value.of(i));
                default -> content.put("x", Value.of(i));
            }
            content.put("systemProperties", Value.members(java.util.Map.of("timestamp", Value.of(now.toString()))));
            messages.add(new Message(new Value.Members(content), new Message.Partition(0, "key " + random.nextInt(3)), now));
        }
        return messages;
    }

    private Stage.Output into(List<String> results) {
        return new Stage.Output() {
            @Override
            public void emit(Message message) {
                results.add(message.received() + " " + message.partition().key() + " " + JsonText.write(message.content()));
            }

            @Override
            public void fault(String code, String message) {
                faults.add(code);
            }
        };
    }

    private static Value stored(Value state) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ValueBytes.write(state, new DataOutputStream(bytes));
        return ValueBytes.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
    }

    private void isTheSameWhereverItIsCut(String stage) throws Exception {
        StageDefinition definition = definition(stage);
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            List<Message> messages = messages(random);
            List<String> whole = new ArrayList<>();
            Stage uncut = open(definition);
            List<String> parts = new ArrayList<>();
            Stage cut = open(definition);
            for (Message message : messages) {
                uncut.accept(message, into(whole));
                if (random.nextInt(10) == 0) {
                    Value state = stored(cut.state());
                    cut = open(definition);
                    cut.restore(state);
                }
                cut.accept(message, into(parts));
            }
            uncut.advance(Instant.MAX, into(whole));
            cut.advance(Instant.MAX, into(parts));
            assertThat(parts).as("seed %d", seed).isEqualTo(whole).isNotEmpty();
        }
    }

    @Test
    void windowsGoOn() throws Exception {
        isTheSameWhereverItIsCut(WINDOWS);
        assertThat(faults).contains("InvalidValue");
    }

    @Test
    void lastKnownValuesGoOn() throws Exception {
        isTheSameWhereverItIsCut(KNOWN);
    }

    @Test
    void aWindowOfAStageThatComputedOtherThingsIsLeft() throws Exception {
        List<String> results = new ArrayList<>();
        Stage stage = open(definition(WINDOWS));
        stage.accept(messages(new Random(1)).getFirst(), into(results));
        Stage changed = open(definition(WINDOWS.replace("\"sum\", \"inputPath\": \".v\"", "\"sum\", \"inputPath\": \".w\"")));
        changed.restore(stage.state());
        assertThat(changed.due()).isEmpty();
        assertThat(stage.due()).contains(BEGIN.plusSeconds(10));
    }

    @Test
    void aWindowEndsByTimeToo() throws Exception {
        List<String> results = new ArrayList<>();
        Stage stage = open(definition(WINDOWS));
        stage.accept(messages(new Random(1)).getFirst(), into(results));
        stage.advance(BEGIN.plusSeconds(10).minusNanos(1), into(results));
        assertThat(results).isEmpty();
        stage.advance(BEGIN.plusSeconds(10), into(results));
        assertThat(results).hasSize(1).first().asString().startsWith("2024-03-05T12:00:10Z key ");
        assertThat(stage.due()).isEmpty();
        assertThat(stage.state()).isEqualTo(Value.NULL);
    }
}
