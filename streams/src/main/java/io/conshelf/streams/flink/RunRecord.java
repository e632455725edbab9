package io.conshelf.streams.flink;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.file.DurableFile;
import io.conshelf.streams.input.EventInput.Start;
import io.conshelf.streams.run.Places;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// What a start of a job decided, kept in the job's folder so that going on keeps to it.
///
/// @param read       from where inputs are read
/// @param firstTicks rows before are not written
/// @param planHash   of the query's plan: a checkpoint serves the same plan only
/// @param places     where it read and wrote when it was started last
record RunRecord(RunId id, Start read, long firstTicks, String planHash, Places places) {
    /// Only with the hash of a plan: jobs elsewhere are started at a time.
    boolean mayGoOn() {
        return !planHash.isEmpty();
    }

    RunRecord at(Places now) {
        return new RunRecord(id, read, firstTicks, planHash, now);
    }

    private static final ObjectMapper JSON = new ObjectMapper();

    void write(Path file) {
        ObjectNode json = JSON.createObjectNode().put("id", id.text()).put("firstTicks", firstTicks).put("plan", planHash);
        if (read instanceof Start.From(long ticks)) {
            json.put("readFromTicks", ticks);
        }
        ObjectNode inputs = json.putObject("inputs");
        places.inputs().forEach(inputs::put);
        ObjectNode outputs = json.putObject("outputs");
        places.outputs().forEach(outputs::put);
        try {
            DurableFile.write(file, JSON.writeValueAsBytes(json));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Optional<RunRecord> read(Path file) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            JsonNode json = JSON.readTree(Files.readAllBytes(file));
            if (!json.path("id").isTextual() || !json.path("firstTicks").isIntegralNumber() || !json.path("plan").isTextual()) {
                throw unreadable(file, new IOException("a part of it is missing"));
            }
            Start read = json.has("readFromTicks") ? new Start.From(json.get("readFromTicks").longValue()) : new Start.Earliest();
            return Optional.of(new RunRecord(new RunId(json.get("id").textValue()), read, json.get("firstTicks").longValue(), json.get("plan").textValue(),
                    new Places(texts(json.path("inputs")), texts(json.path("outputs")))));
        } catch (JsonProcessingException broken) {
            throw unreadable(file, broken);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static IllegalStateException unreadable(Path file, IOException why) {
        return new IllegalStateException("'%s' does not tell how the job was started last, so it cannot go on; start it now or at a time".formatted(file),
                why);
    }

    private static Map<String, String> texts(JsonNode json) {
        Map<String, String> texts = new TreeMap<>();
        json.properties().forEach(one -> texts.put(one.getKey(), one.getValue().textValue()));
        return texts;
    }
}
