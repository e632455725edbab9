package io.conshelf.engine;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/// What [MergeCrashTest] runs in a process of its own and kills: it loads, merges and polls at once.
public final class MergeCrashWriter implements AutoCloseable {
    static final int ROWS_EACH = 1_000;
    private static final int MERGED_FROM = 10;
    /// Those that a merge of its own accord would take.
    private static final String SMALL = "'drop-by:0' | where RowCount < 10000 | project ExtentId";

    private final Engine engine;

    MergeCrashWriter(Path folder) {
        engine = Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of("Db"),
                Limits.ofThisMachine().withMemoryBytes(1L << 30), InstantSource.system()));
    }

    /// @param arguments the folder, the first number to use, and the cursor to poll from
    public static void main(String[] arguments) {
        var writer = new MergeCrashWriter(Path.of(arguments[0]));
        var next = new AtomicLong(Long.parseLong(arguments[1]));
        for (int i = 0; i < 2; i++) {
            always(() -> {
                long mark = next.getAndIncrement();
                writer.append(mark);
                KilledProcess.say("appended " + mark + " "
                        + writer.rows("T | where mark == " + mark + " | summarize tolong(min(ingestion_time()))").getFirst());
            });
        }
        // As the engine does by itself every minute, and as a command does.
        always(() -> writer.merge(MERGED_FROM, _ -> writer.mergeAll()));
        always(() -> writer.merge(3, writer::tryMerging));
        var cursor = new String[] {arguments.length > 2 ? arguments[2] : ""};
        always(() -> {
            var polled = writer.poll(cursor[0]);
            cursor[0] = polled.cursor();
            KilledProcess.say("polled " + polled.cursor() + " " + String.join(",", polled.marks()));
        });
    }

    private static void always(Runnable work) {
        Thread.ofPlatform().start(() -> {
            try {
                while (true) {
                    work.run();
                }
            } catch (Throwable e) {
                KilledProcess.say("broken " + e);
            }
        });
    }

    private void merge(int from, Consumer<List<String>> merge) {
        var extents = rows(".show table T extents where tags has " + SMALL);
        if (extents.size() >= from) {
            KilledProcess.say("merging");
            merge.accept(extents);
            KilledProcess.say("merged");
        }
    }

    // The other merge may have been there first.
    private void tryMerging(List<String> extents) {
        try {
            rows(".merge T (" + String.join(", ", extents) + ")");
        } catch (KustoException e) {
            if (!e.getMessage().contains("was not found")) {
                throw e;
            }
        }
    }

    void append(long mark) {
        rows(".append T with (tags='[\"ingest-by:" + mark + "\", \"drop-by:" + mark % 2 + "\"]', ingestIfNotExists='[\"" + mark
                + "\"]') <| range i from 1 to " + ROWS_EACH + " step 1 | project mark = " + mark + " + 0 * i, i");
    }

    /// What came after a cursor, and up to which.
    record Polled(String cursor, List<String> marks) {}

    /// @return the marks; one that did not come with all its rows has a sign
    Polled poll(String after) {
        try (var answer = engine.query(request(),
                "T | where cursor_after('" + after + "') | summarize n = count() by mark | project strcat(mark, iff(n == "
                        + ROWS_EACH + ", '', strcat('x', n)))")) {
            String told = answer.cursor().orElseThrow();
            var lines = ResultText.of(answer);
            return new Polled(told, List.copyOf(lines.subList(1, lines.size())));
        }
    }

    List<String> rows(String text) {
        try (var answer = text.startsWith(".") ? engine.command(request(), text) : engine.query(request(), text)) {
            var lines = ResultText.of(answer);
            return List.copyOf(lines.subList(1, lines.size()));
        }
    }

    void mergeAll() {
        engine.merges().look();
    }

    private static Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "merges", UUID.randomUUID(), Map.of("notruncation", true),
                Map.of(), "test", "test", Instant.now(), Duration.ofMinutes(30), false);
    }

    @Override
    public void close() {
        engine.close();
    }
}
