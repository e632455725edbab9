package io.conshelf.processor.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.conshelf.processor.value.Value;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// Messages of a file, played back: JSON lines with `topic`, `qos`, `payload` as text or `payloadBase64`, and `at`, the time of receipt, which is the only time
/// that passes. Lines without a time come when they are read.
public final class RecordedSource implements Source {
    private static final int MESSAGES_MAX = 256;
    private static final ObjectReader JSON = new ObjectMapper().reader();

    private final Path file;
    private final BufferedReader lines;
    private long line;
    private Instant time = Instant.MIN;
    private List<Arrival> ahead = List.of();
    private Instant aheadTime = Instant.MIN;
    private Optional<SourceException> later = Optional.empty();
    private boolean isEnded;

    private record Recorded(Instant at, Arrival arrival) {}

    private RecordedSource(Path file, BufferedReader lines) {
        this.file = file;
        this.lines = lines;
    }

    public static RecordedSource open(Path file) throws SourceException {
        try {
            return new RecordedSource(file, Files.newBufferedReader(file, StandardCharsets.UTF_8));
        } catch (IOException unreadable) {
            throw new SourceException("the messages of " + file + " cannot be read: " + unreadable.getMessage(), unreadable);
        }
    }

    @Override
    public List<Arrival> next() throws SourceException {
        if (later.isPresent()) {
            SourceException wrong = later.get();
            later = Optional.empty();
            throw wrong;
        }
        List<Arrival> arrivals = new ArrayList<>(ahead);
        Instant at = aheadTime;
        ahead = List.of();
        while (!isEnded && arrivals.size() < MESSAGES_MAX) {
            Recorded recorded;
            try {
                recorded = read();
            } catch (SourceException wrong) {
                if (arrivals.isEmpty()) {
                    throw wrong;
                }
                // what stands before it comes before it is told
                later = Optional.of(wrong);
                break;
            }
            if (recorded == null) {
                isEnded = true;
            } else if (arrivals.isEmpty() || recorded.at().equals(at)) {
                at = recorded.at();
                arrivals.add(recorded.arrival());
            } else {
                ahead = List.of(recorded.arrival());
                aheadTime = recorded.at();
                break;
            }
        }
        if (!arrivals.isEmpty()) {
            time = at;
        }
        return arrivals;
    }

    // null at the end
    private Recorded read() throws SourceException {
        String text;
        do {
            try {
                text = lines.readLine();
            } catch (IOException unreadable) {
                isEnded = true;
                throw new SourceException(place() + " cannot be read: " + unreadable.getMessage(), unreadable);
            }
            line++;
        } while (text != null && text.isBlank());
        if (text == null) {
            return null;
        }
        try {
            JsonNode json = JSON.readTree(text);
            Instant at = json.hasNonNull("at") ? OffsetDateTime.parse(json.get("at").asText()).toInstant() : Instant.now();
            byte[] payload = json.has("payloadBase64") ? Base64.getDecoder().decode(json.get("payloadBase64").asText())
                    : (json.path("payload").isTextual() ? json.get("payload").asText() : json.path("payload").toString()).getBytes(StandardCharsets.UTF_8);
            return new Recorded(at, new Arrival(payload, envelope(json), Delivery.ONCE));
        } catch (JsonProcessingException | DateTimeParseException | IllegalArgumentException wrong) {
            throw new SourceException(place() + " is no message: " + wrong.getMessage().lines().findFirst().orElse(""), wrong);
        }
    }

    private String place() {
        return "line " + line + " of " + file;
    }

    private static SequencedMap<String, Value> envelope(JsonNode json) {
        LinkedHashMap<String, Value> envelope = new LinkedHashMap<>();
        if (json.has("topic")) {
            envelope.put("topic", Value.of(json.get("topic").asText()));
            envelope.put("qos", Value.of(json.path("qos").asLong(1)));
            if (json.has("packetId")) {
                envelope.put("packetId", Value.of(json.get("packetId").asLong()));
            }
            envelope.put("properties", properties(json.path("properties")));
            envelope.put("userProperties", userProperties(json.path("userProperties")));
        }
        return envelope;
    }

    private static Value properties(JsonNode json) {
        LinkedHashMap<String, Value> properties = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> property : json.properties()) {
            String text = property.getValue().asText();
            properties.put(property.getKey(), property.getValue().isIntegralNumber() ? Value.of(property.getValue().asLong())
                    : text.startsWith("base64::") ? new Value.Binary(Base64.getDecoder().decode(text.substring("base64::".length()))) : Value.of(text));
        }
        return new Value.Members(properties);
    }

    private static Value userProperties(JsonNode json) {
        List<Value> properties = new ArrayList<>();
        for (JsonNode property : json) {
            LinkedHashMap<String, Value> pair = new LinkedHashMap<>();
            pair.put("key", Value.of(property.path("key").asText()));
            pair.put("value", Value.of(property.path("value").asText()));
            properties.add(new Value.Members(pair));
        }
        return Value.items(properties);
    }

    @Override
    public InstantSource clock() {
        return () -> time;
    }

    @Override
    public void close() {
        try {
            lines.close();
        } catch (IOException notClosed) {
            System.getLogger(RecordedSource.class.getName()).log(System.Logger.Level.DEBUG, "closing", notClosed);
        }
    }
}
