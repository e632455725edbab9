package io.conshelf.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.cli.output.TerminalText;
import io.conshelf.streams.run.Diagnosed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How a run of a job went.
final class StreamReport {
    private static final ObjectMapper JSON = new ObjectMapper();

    /// Of an event that something was wrong with.
    private static final int EXAMPLE_SHOWN_MAX = 300;

    private final String job;
    private final Instant began;
    private final Map<String, Counted> outputs = new LinkedHashMap<>();
    private final List<Diagnosed> diagnostics = new ArrayList<>();
    private Map<String, Long> metrics = new LinkedHashMap<>();
    private Optional<String> failure = Optional.empty();
    private Optional<String> waited = Optional.empty();

    private record Counted(long rows, long refused) {}

    StreamReport(String job, Instant began) {
        this.job = job;
        this.began = began;
    }

    void output(String name, long rows, long refused) {
        outputs.put(name, new Counted(rows, refused));
    }

    void metrics(Map<String, Long> named) {
        metrics = new LinkedHashMap<>(named);
    }

    void diagnosed(List<Diagnosed> more) {
        diagnostics.addAll(more);
    }

    void failed(String why) {
        failure = Optional.of(why);
    }

    /// What it still waited for when it was stopped.
    void waited(String forWhat) {
        waited = Optional.of(forWhat);
    }

    boolean isFailed() {
        return failure.isPresent();
    }

    ObjectNode json() {
        Instant ended = Instant.now();
        ObjectNode json = JSON.createObjectNode().put("job", job).put("state", isFailed() ? "Failed" : "Stopped").put("startTime", began.toString())
                .put("endTime", ended.toString()).put("durationInMs", Duration.between(began, ended).toMillis());
        failure.ifPresent(why -> json.put("error", why));
        waited.ifPresent(what -> json.put("waitedFor", what));
        ObjectNode counts = json.putObject("outputs");
        outputs.forEach((name, counted) -> counts.putObject(name).put("rows", counted.rows()).put("refused", counted.refused()));
        ObjectNode named = json.putObject("metrics");
        metrics.forEach(named::put);
        ArrayNode list = json.putArray("diagnostics");
        diagnostics.forEach(one -> list.addObject().put("source", one.example().source()).put("type", one.example().type()).put("message", one.example().message())
                .put("example", one.example().example()).put("count", one.count()).put("from", one.first().toString()).put("to", one.last().toString()));
        return json;
    }

    private static String shortened(String event) {
        return event.length() <= EXAMPLE_SHOWN_MAX ? event : event.substring(0, EXAMPLE_SHOWN_MAX) + "…";
    }

    /// The same for people.
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        diagnostics.forEach(one -> lines.add(TerminalText.printable("  " + one.count() + " × " + one.example().type()
                + (one.example().source().isEmpty() ? "" : " (" + one.example().source() + ")") + ": " + one.example().message()
                + (one.example().example().isBlank() ? "" : "; the first: " + shortened(one.example().example())))));
        outputs.forEach((name, counted) -> lines.add(TerminalText.printable("  " + name) + "  " + counted.rows() + (counted.rows() == 1 ? " row" : " rows")
                + (counted.refused() > 0 ? ", " + counted.refused() + " refused" : "")));
        Duration took = Duration.between(began, Instant.now());
        lines.add(TerminalText.printable(job) + (isFailed() ? " failed after " : " ended after ") + "%.1f s".formatted(took.toMillis() / 1000.0)
                + ": " + metrics.getOrDefault("Input Events", 0L) + " events in, " + metrics.getOrDefault("Output Events", 0L) + " rows out");
        waited.ifPresent(what -> lines.add(TerminalText.printable("  it waited for " + what)));
        failure.ifPresent(why -> lines.add("  " + why));
        return lines;
    }
}
