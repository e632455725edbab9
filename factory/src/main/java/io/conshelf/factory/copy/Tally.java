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
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/// Counts what one copy reads and writes, tells how far it is, and prints the activity's output. Safe for use by several threads.
final class Tally {
    private static final Duration BETWEEN_PROGRESS = Duration.ofMillis(200);
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSS'Z'").withZone(ZoneOffset.UTC);
    static final String INTEGRATION_RUNTIME = ActivityContext.INTEGRATION_RUNTIME;

    private final ActivityContext context;
    private final Instant start;
    private final AtomicReference<Instant> lastProgress;
    private final AtomicReference<Instant> firstByte = new AtomicReference<>();
    private volatile Duration listing = Duration.ZERO;
    private volatile Duration ingesting = Duration.ZERO;
    private volatile String stage = "listing";
    private final AtomicLong bytesTotal = new AtomicLong();
    private final AtomicLong bytesRead = new AtomicLong();
    private final AtomicLong bytesWritten = new AtomicLong();
    private final AtomicLong filesRead = new AtomicLong();
    private final AtomicLong filesWritten = new AtomicLong();
    private final AtomicLong filesSkipped = new AtomicLong();
    private final AtomicLong rowsRead = new AtomicLong();
    private final AtomicLong rowsSkipped = new AtomicLong();
    private final AtomicInteger chunksStaged = new AtomicInteger();
    private final AtomicInteger chunksIngested = new AtomicInteger();
    private final AtomicInteger reading = new AtomicInteger();
    private final AtomicInteger readingPeak = new AtomicInteger(1);
    private final List<Stage> stages = new ArrayList<>();
    private final List<String> remarks = new ArrayList<>();
    private boolean readsFiles;
    private boolean writesFiles;
    private boolean hasRows = true;
    private boolean isRepacked;
    private boolean skips;
    private OptionalLong rowsCopied = OptionalLong.empty();

    /// One of the two steps of a staged copy, or the only one.
    private record Stage(String source, String sink, Instant start, Duration took, Duration listing, Duration writing) {}

    Tally(ActivityContext context) {
        this.context = context;
        this.start = context.clock().instant();
        this.lastProgress = new AtomicReference<>(start);
    }

    /// The source has been listed.
    ///
    /// @param bytes what its files weigh together; empty where it has no files
    void listed(OptionalLong bytes) {
        listing = Duration.between(start, now());
        readsFiles = bytes.isPresent();
        bytesTotal.set(bytes.orElse(0));
    }

    void writesFiles() {
        writesFiles = true;
    }

    /// Whether bytes arrive as they are, or packed in another way.
    enum Bytes { AS_THEY_ARE, REPACKED }

    /// The copy moves bytes that are not looked at.
    void hasNoRows(Bytes moved) {
        hasRows = false;
        isRepacked = moved == Bytes.REPACKED;
    }

    /// Rows or files that do not fit are skipped, so their number is told.
    void skips() {
        skips = true;
    }

    void ingested(Instant since) {
        ingesting = ingesting.plus(Duration.between(since, now()));
    }

    /// The name of this copy, the same whenever this activity of this run is tried again.
    BatchId copy() {
        return BatchId.of(context.copyId(), List.of());
    }

    /// The name of a part of this copy.
    BatchId batch(Split... parts) {
        return BatchId.of(context.copyId(), List.of(parts).stream().map(part -> part.toJson().toString()).toList());
    }

    BatchId batch(List<String> parts) {
        return BatchId.of(context.copyId(), parts);
    }

    Instant now() {
        return context.clock().instant();
    }

    void read(long bytes) {
        firstByte.compareAndSet(null, now());
        bytesRead.addAndGet(bytes);
        Instant last = lastProgress.get();
        Instant now = now();
        if (Duration.between(last, now).compareTo(BETWEEN_PROGRESS) >= 0 && lastProgress.compareAndSet(last, now)) {
            tell();
        }
    }

    void stage(String stage) {
        this.stage = stage;
        tell();
    }

    private void tell() {
        context.progress(new ActivityContext.Progress(stage, bytesRead.get(), bytesTotal.get(), bytesWritten.get(), rowsRead.get(),
                chunksStaged.get(), chunksIngested.get()));
    }

    /// The cluster has been given a chunk.
    void stagedChunk() {
        chunksStaged.incrementAndGet();
        tell();
    }

    /// The cluster has dealt with a chunk.
    void ingestedChunk() {
        chunksIngested.incrementAndGet();
        tell();
    }

    void wrote(long bytes) {
        bytesWritten.addAndGet(bytes);
    }

    void readFile() {
        filesRead.incrementAndGet();
    }

    void wroteFile() {
        filesWritten.incrementAndGet();
    }

    void skippedFile() {
        filesSkipped.incrementAndGet();
    }

    void readRow() {
        rowsRead.incrementAndGet();
    }

    void readRows(long rows) {
        rowsRead.addAndGet(rows);
    }

    void skippedRow() {
        rowsSkipped.incrementAndGet();
    }

    long rowsRead() {
        return rowsRead.get();
    }

    long bytesWritten() {
        return bytesWritten.get();
    }

    /// What the target holds of this copy; empty when it would not say.
    void copied(OptionalLong rows) {
        rowsCopied = rows;
    }

    /// Rows that the target read by itself were read as many as it holds.
    void readTheRestOf() {
        rowsCopied.ifPresent(rowsRead::set);
    }

    /// What the output tells beside figures.
    void remark(String remark) {
        remarks.add(remark);
    }

    void startsReading() {
        readingPeak.accumulateAndGet(reading.incrementAndGet(), Math::max);
    }

    void endsReading() {
        reading.decrementAndGet();
    }

    /// Whether what was written is what was read; empty where the target would not say.
    Optional<Boolean> isConsistent() {
        if (!hasRows) {
            return isRepacked ? Optional.empty() : Optional.of(bytesRead.get() == bytesWritten.get());
        }
        return rowsCopied.isPresent() ? Optional.of(rowsCopied.getAsLong() + rowsSkipped.get() == rowsRead.get()) : Optional.empty();
    }

    boolean hasSkipped() {
        return rowsSkipped.get() > 0 || filesSkipped.get() > 0;
    }

    String counts() {
        return hasRows ? rowsRead + " rows were read, " + rowsSkipped + " skipped, and the sink holds " + rowsCopied.orElse(-1)
                : bytesRead + " bytes were read and " + bytesWritten + " written";
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
                wrote(1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                out.write(bytes, from, length);
                wrote(length);
            }
        };
    }

    /// One step of a staged copy has ended: what follows counts from here.
    void endStage(String source, String sink) {
        Instant since = stages.isEmpty() ? start : stages.getLast().start().plus(stages.getLast().took());
        stages.add(new Stage(source, sink, since, Duration.between(since, now()), listing, ingesting));
        listing = Duration.ZERO;
        ingesting = Duration.ZERO;
    }

    /// The second step of a staged copy, whose end is this copy's end.
    void goesOnWith(Tally second) {
        Stage first = stages.getLast();
        second.stages.forEach(step -> stages.add(new Stage(step.source(), step.sink(), first.start().plus(first.took()), step.took(), step.listing(), step.writing())));
        bytesWritten.set(second.bytesWritten.get());
        filesWritten.set(second.filesWritten.get());
        writesFiles = second.writesFiles;
        rowsCopied = second.rowsCopied;
        rowsSkipped.addAndGet(second.rowsSkipped.get());
        remarks.addAll(second.remarks);
        readingPeak.accumulateAndGet(second.readingPeak.get(), Math::max);
    }

    /// The output of a copy that succeeded, in the service's shape.
    ObjectNode output() {
        Duration took = Duration.between(start, now());
        double seconds = Math.max(took.toNanos(), 1_000_000) / 1e9;
        ObjectNode output = JsonNodeFactory.instance.objectNode();
        output.put("dataRead", bytesRead.get()).put("dataWritten", bytesWritten.get());
        if (readsFiles) {
            output.put("filesRead", filesRead.get());
        }
        if (writesFiles) {
            output.put("filesWritten", filesWritten.get());
        }
        if (skips && !hasRows) {
            output.put("filesSkipped", filesSkipped.get());
        }
        output.put("sourcePeakConnections", readingPeak.get()).put("sinkPeakConnections", readingPeak.get());
        if (hasRows) {
            output.put("rowsRead", rowsRead.get());
            rowsCopied.ifPresent(rows -> output.put("rowsCopied", rows));
            if (skips) {
                output.put("rowsSkipped", rowsSkipped.get());
            }
        }
        output.put("copyDuration", (long) Math.ceil(seconds));
        output.put("throughput", Math.round(bytesRead.get() / 1024.0 / seconds * 1000) / 1000.0);
        output.putArray("errors");
        if (!remarks.isEmpty()) {
            remarks.forEach(output.putArray("warnings")::add);
        }
        output.put("effectiveIntegrationRuntime", INTEGRATION_RUNTIME);
        output.put("usedDataIntegrationUnits", 1).put("usedParallelCopies", readingPeak.get());
        output.set("executionDetails", executionDetails());
        output.putObject("durationInQueue").put("integrationRuntimeQueue", 0);
        return output;
    }

    private ArrayNode executionDetails() {
        ArrayNode list = JsonNodeFactory.instance.arrayNode();
        for (Stage step : stages) {
            ObjectNode details = list.addObject();
            details.putObject("source").put("type", step.source());
            details.putObject("sink").put("type", step.sink());
            details.put("status", "Succeeded").put("start", TIME.format(step.start())).put("duration", seconds(step.took()))
                    .put("usedDataIntegrationUnits", 1).put("usedParallelCopies", readingPeak.get());
            ObjectNode profile = details.putObject("profile");
            profile.putObject("queue").put("status", "Completed").put("duration", 0);
            ObjectNode transfer = profile.putObject("transfer").put("status", "Completed").put("duration", seconds(step.took()));
            ObjectNode parts = transfer.putObject("details");
            if (readsFiles) {
                parts.putObject("listingSource").put("type", step.source()).put("workingDuration", seconds(step.listing()));
            }
            parts.putObject("readingFromSource").put("type", step.source()).put("workingDuration", seconds(step.took().minus(step.writing())))
                    .put("timeToFirstByte", seconds(Optional.ofNullable(firstByte.get()).map(at -> Duration.between(start, at)).orElse(Duration.ZERO)));
            parts.putObject("writingToSink").put("type", step.sink()).put("workingDuration", seconds(step.writing()));
            details.putObject("detailedDurations").put("queuingDuration", 0).put("transferDuration", seconds(step.took()));
        }
        return list;
    }

    private static double seconds(Duration duration) {
        return duration.toMillis() / 1000.0;
    }
}
