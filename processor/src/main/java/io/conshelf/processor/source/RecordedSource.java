package io.conshelf.processor.source;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import io.conshelf.connectors.definition.Spelling;
import io.conshelf.processor.value.Value;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.MalformedInputException;
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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Messages of a file, played back: JSON lines with `topic`, `qos`, `payload` or `payloadBase64`, and `at`, the time of receipt, which is the only time that passes.
/// A line without a time comes with the line before it; where the first has none, none has, and all come when they are read. A line that is no message ends it:
/// whoever made the file mends it.
public final class RecordedSource implements Source {
    private static final Logger LOG = LoggerFactory.getLogger(RecordedSource.class);
    private static final int MESSAGES_MAX = 256;
    private static final ObjectReader JSON = new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).reader();
    private static final List<String> MEMBERS = List.of("at", "topic", "qos", "packetId", "payload", "payloadBase64", "properties", "userProperties");

    private final Path file;
    private final BufferedReader lines;
    private final List<TopicFilter> filters;
    private long line;
    private volatile long unasked;
    private Times times = Times.UNKNOWN;
    private Instant before = Instant.MIN;
    private Instant time = Instant.MIN;
    private List<Arrival> ahead = List.of();
    private Instant aheadTime = Instant.MIN;
    private Optional<SourceException> later = Optional.empty();
    private boolean isEnded;

    private record Recorded(Instant at, Arrival arrival) {}

    private enum Times { UNKNOWN, RECORDED, OF_READING }

    private RecordedSource(Path file, BufferedReader lines, List<String> topics) {
        this.file = file;
        this.lines = lines;
        this.filters = topics.stream().map(TopicFilter::of).toList();
    }

    /// @param topics as a broker would be asked for: messages of other topics are left out; empty where all are wanted
    public static RecordedSource open(Path file, List<String> topics) throws IOException {
        if (Files.isDirectory(file)) {
            throw new IOException("the messages of " + file + " cannot be read: it is a folder");
        }
        return new RecordedSource(file, Files.newBufferedReader(file, StandardCharsets.UTF_8), topics);
    }

    /// Messages that were left out, because nobody asked for their topic.
    public long unasked() {
        return unasked;
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
        while (true) {
            String text;
            line++;
            try {
                text = lines.readLine();
            } catch (MalformedInputException binary) {
                throw wrong("is no text in UTF-8", binary);
            } catch (IOException unreadable) {
                throw wrong("cannot be read: " + unreadable.getMessage(), unreadable);
            }
            if (text == null) {
                return null;
            }
            if (!text.isBlank()) {
                JsonNode json = json(text);
                Instant at = at(json);
                Arrival arrival = arrival(json);
                if (isAsked(json)) {
                    return new Recorded(at, arrival);
                }
                unasked = unasked + 1;
            }
        }
    }

    private JsonNode json(String text) throws SourceException {
        JsonNode json;
        try {
            json = JSON.readTree(text);
        } catch (JsonProcessingException broken) {
            throw wrong("is no JSON: " + broken.getOriginalMessage(), broken);
        }
        if (!json.isObject()) {
            throw wrong("is no object with " + String.join(", ", MEMBERS));
        }
        for (Map.Entry<String, JsonNode> member : json.properties()) {
            if (!MEMBERS.contains(member.getKey())) {
                throw wrong("has '" + member.getKey() + "', which is not known" + Spelling.hint(MEMBERS, member.getKey()));
            }
        }
        return json;
    }

    private Instant at(JsonNode json) throws SourceException {
        boolean isTimed = json.hasNonNull("at");
        if (times == Times.UNKNOWN) {
            times = isTimed ? Times.RECORDED : Times.OF_READING;
        }
        if (times == Times.OF_READING) {
            if (isTimed) {
                throw wrong("has a time, and those before it have none: write 'at' in the first line too");
            }
            return Instant.now();
        }
        if (isTimed) {
            try {
                before = OffsetDateTime.parse(json.get("at").asText()).toInstant();
            } catch (DateTimeParseException noTime) {
                throw wrong("has " + json.get("at") + " as 'at', which is to be a time such as \"2026-01-31T08:00:00.000Z\"", noTime);
            }
        }
        return before;
    }

    private Arrival arrival(JsonNode json) throws SourceException {
        if (json.has("payload") == json.has("payloadBase64")) {
            throw wrong(json.has("payload") ? "has both 'payload' and 'payloadBase64'" : "has no 'payload', nor 'payloadBase64'");
        }
        try {
            byte[] payload = json.has("payloadBase64") ? Base64.getDecoder().decode(json.get("payloadBase64").asText())
                    : (json.get("payload").isTextual() ? json.get("payload").asText() : json.get("payload").toString()).getBytes(StandardCharsets.UTF_8);
            return new Arrival(payload, envelope(json), Delivery.ONCE);
        } catch (IllegalArgumentException noBase64) {
            throw wrong("has something as Base64 that is none: " + noBase64.getMessage(), noBase64);
        }
    }

    private boolean isAsked(JsonNode json) {
        return filters.isEmpty() || !json.has("topic") || filters.stream().anyMatch(filter -> filter.takes(json.get("topic").asText()));
    }

    private SourceException wrong(String what) {
        isEnded = true;
        return new SourceException(SourceException.Lasting.PERMANENT, place() + " " + what);
    }

    private SourceException wrong(String what, Throwable cause) {
        isEnded = true;
        return new SourceException(SourceException.Lasting.PERMANENT, place() + " " + what, cause);
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
            LOG.debug("Recorded messages did not close", notClosed);
        }
    }
}
