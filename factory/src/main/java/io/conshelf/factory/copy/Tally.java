package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.Split;
import io.conshelf.factory.activity.ActivityContext;
import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// Counts what one copy reads and writes, tells how far it is, and prints the activity's output.
final class Tally {
    private static final Duration BETWEEN_PROGRESS = Duration.ofMillis(200);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'").withZone(ZoneOffset.UTC);
    static final String INTEGRATION_RUNTIME = ActivityContext.INTEGRATION_RUNTIME;

    private final ActivityContext context;
    private final Instant start;
    private Instant lastProgress;
    private Optional<Instant> firstByte = Optional.empty();
    private Duration listing = Duration.ZERO;
    private Duration ingesting = Duration.ZERO;

    long bytesTotal;
    long bytesRead;
    long bytesWritten;
    long filesRead;
    long filesWritten;
    boolean readsFiles;
    boolean writesFiles;
    boolean hasRows = true;
    long rowsRead;
    /// Empty when the target would not say.
    OptionalLong rowsCopied = OptionalLong.of(0);

    Tally(ActivityContext context) {
        this.context = context;
        this.start = context.clock().instant();
        this.lastProgress = start;
    }

    void listed() {
        listing = Duration.between(start, context.clock().instant());
    }

    void ingested(Instant since) {
        ingesting = ingesting.plus(Duration.between(since, context.clock().instant()));
    }

    /// The name of a part of this copy, the same whenever this activity of this run is tried again.
    BatchId batch(Split split) {
        return BatchId.of(context.copyId(), List.of(split.toJson().toString()));
    }

    Instant now() {
        return context.clock().instant();
    }

    void read(long bytes) {
        if (firstByte.isEmpty()) {
            firstByte = Optional.of(context.clock().instant());
        }
        bytesRead += bytes;
        Instant now = context.clock().instant();
        if (Duration.between(lastProgress, now).compareTo(BETWEEN_PROGRESS) >= 0) {
            lastProgress = now;
            stage("transferring");
        }
    }

    void stage(String stage) {
        context.progress(new ActivityContext.Progress(stage, bytesRead, bytesTotal));
    }

    void copied(OptionalLong rows) {
        rowsCopied = rows.isPresent() && rowsCopied.isPresent() ? OptionalLong.of(rowsCopied.getAsLong() + rows.getAsLong()) : OptionalLong.empty();
    }

    InputStream counted(InputStream stream) {
        return new FilterInputStream(stream) {
            @Override
            public int read() throws IOException {
                int value = super.read();
                if (value >= 0) {
                    Tally.this.read(1);
                }
                return value;
            }

            @Override
            public int read(byte[] bytes, int from, int length) throws IOException {
                int count = super.read(bytes, from, length);
                if (count > 0) {
                    Tally.this.read(count);
                }
                return count;
            }
        };
    }

    OutputStream counted(OutputStream stream) {
        return new FilterOutputStream(stream) {
            @Override
            public void write(int value) throws IOException {
                out.write(value);
                bytesWritten++;
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
                bytesWritten += length;
            }
        };
    }

    /// The output of a copy that succeeded, in the service's shape.
    ObjectNode output(String sourceType, String sinkType) {
        Duration took = Duration.between(start, context.clock().instant());
        double seconds = Math.max(took.toNanos(), 1_000_000) / 1e9;
        ObjectNode output = JsonNodeFactory.instance.objectNode();
        output.put("dataRead", bytesRead).put("dataWritten", bytesWritten);
        if (readsFiles) {
            output.put("filesRead", filesRead);
        }
        if (writesFiles) {
            output.put("filesWritten", filesWritten);
        }
        output.put("sourcePeakConnections", 1).put("sinkPeakConnections", 1);
        if (hasRows) {
            output.put("rowsRead", rowsRead);
            rowsCopied.ifPresent(rows -> output.put("rowsCopied", rows));
        }
        output.put("copyDuration", (long) Math.ceil(seconds));
        output.put("throughput", Math.round(bytesRead / 1024.0 / seconds * 1000) / 1000.0);
        output.putArray("errors");
        output.put("effectiveIntegrationRuntime", INTEGRATION_RUNTIME);
        output.put("usedParallelCopies", 1);
        output.set("executionDetails", executionDetails(sourceType, sinkType, took));
        output.putObject("durationInQueue").put("integrationRuntimeQueue", 0);
        return output;
    }

    private ArrayNode executionDetails(String sourceType, String sinkType, Duration took) {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        ObjectNode details = list.addObject();
        details.putObject("source").put("type", sourceType);
        details.putObject("sink").put("type", sinkType);
        details.put("status", "Succeeded").put("start", TIME.format(start)).put("duration", seconds(took)).put("usedParallelCopies", 1);
        ObjectNode profile = details.putObject("profile");
        profile.putObject("queue").put("status", "Completed").put("duration", 0);
        ObjectNode transfer = profile.putObject("transfer").put("status", "Completed").put("duration", seconds(took));
        ObjectNode parts = transfer.putObject("details");
        if (readsFiles) {
            parts.putObject("listingSource").put("type", sourceType).put("workingDuration", seconds(listing));
        }
        parts.putObject("readingFromSource").put("type", sourceType).put("workingDuration", seconds(took.minus(ingesting)))
                .put("timeToFirstByte", seconds(firstByte.map(at -> Duration.between(start, at)).orElse(Duration.ZERO)));
        parts.putObject("writingToSink").put("type", sinkType).put("workingDuration", seconds(ingesting));
        details.putObject("detailedDurations").put("queuingDuration", 0).put("transferDuration", seconds(took));
        return list;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
