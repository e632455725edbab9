package io.conshelf.server.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/// Batches of rows on every way into a cluster, and what became of each. A batch is there whole or not at all, and never twice;
/// one that was acknowledged is there.
final class RowLoad {
    private static final int ROWS = 20;
    private static final int ROWS_SUM = ROWS * (ROWS - 1) / 2;
    static final List<String> TABLES = List.of("Rows", "Wide");

    private final AtomicLong next = new AtomicLong(1);
    private final Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
    /// Batches whose client got no answer and that are sent again, by a way that knows them.
    private final ConcurrentLinkedQueue<Repeatable> unanswered = new ConcurrentLinkedQueue<>();

    private sealed interface Repeatable {
        long batch();

        record Streamed(long batch, String table, UUID source) implements Repeatable {}

        record Appended(long batch) implements Repeatable {}
    }

    static void prepare(Wire wire) throws IOException {
        for (String table : TABLES) {
            wire.command(".create-merge table " + table + " (Batch:long, N:int, Text:string)");
            wire.command(".alter table " + table + " policy ingestionbatching "
                    + "'{\"MaximumBatchingTimeSpan\":\"00:00:10\",\"MaximumNumberOfItems\":4}'");
        }
        wire.command(".alter database " + ServedFolder.DATABASE + " policy streamingingestion enable");
    }

    /// Sends again what had no answer.
    void repeat(Wire wire) throws IOException {
        for (Repeatable again = unanswered.peek(); again != null; again = unanswered.peek()) {
            send(wire, again);
            acknowledge(again.batch());
            unanswered.remove();
        }
    }

    void stream(Wire wire) throws IOException {
        for (int i = 0; ; i++) {
            sendNew(wire, new Repeatable.Streamed(next.getAndIncrement(), TABLES.get(i % TABLES.size()), UUID.randomUUID()));
        }
    }

    void append(Wire wire) throws IOException {
        while (true) {
            sendNew(wire, new Repeatable.Appended(next.getAndIncrement()));
        }
    }

    void enqueue(Wire wire) throws IOException {
        Wire.Ways ways = wire.ways();
        for (int i = 0; ; i++) {
            enqueue(wire, ways, TABLES.get(i % TABLES.size()), i % 3 == 0);
        }
    }

    /// Closes the batches that queued sources wait in.
    void flush(Wire wire) throws IOException {
        Wire.Ways ways = wire.ways();
        for (String table : TABLES) {
            enqueue(wire, ways, table, true);
        }
    }

    private void enqueue(Wire wire, Wire.Ways ways, String table, boolean isFlushed) throws IOException {
        long batch = next.getAndIncrement();
        wire.enqueue(ways, table, csv(batch), isFlushed);
        acknowledge(batch);
    }

    private void sendNew(Wire wire, Repeatable batch) throws IOException {
        try {
            send(wire, batch);
            acknowledge(batch.batch());
        } catch (IOException e) {
            unanswered.add(batch);
            throw e;
        }
    }

    private static void send(Wire wire, Repeatable repeatable) throws IOException {
        switch (repeatable) {
            case Repeatable.Streamed(long batch, String table, UUID source) -> wire.stream(table, source, csv(batch));
            case Repeatable.Appended(long batch) -> wire.command(
                    ".set-or-append Rows with (tags='[\"ingest-by:" + batch + "\"]', ingestIfNotExists='[\"" + batch
                            + "\"]') <| range N from 0 to " + (ROWS - 1) + " step 1 | project Batch = long(" + batch
                            + "), N = toint(N), Text = strcat('row ', N)");
        }
    }

    private static String csv(long batch) {
        var text = new StringBuilder();
        for (int n = 0; n < ROWS; n++) {
            text.append(batch).append(',').append(n).append(",row ").append(n).append('\n');
        }
        return text.toString();
    }

    /// What was acknowledged by a moment.
    record Mark(Set<Long> acknowledged) {
        Mark {
            acknowledged = Set.copyOf(acknowledged);
        }
    }

    Mark mark() {
        return new Mark(acknowledged);
    }

    /// The batches that are acknowledged and not there.
    Set<Long> missing(Wire wire) throws IOException {
        return missing(wire, mark());
    }

    Set<Long> missing(Wire wire, Mark mark) throws IOException {
        var missing = new HashSet<>(mark.acknowledged());
        missing.removeAll(found(wire).keySet());
        return missing;
    }

    /// That all is there once.
    void check(Wire wire) throws IOException {
        check(wire, mark());
    }

    /// That what was acknowledged by then is there, and all that is there is whole and there once.
    void check(Wire wire, Mark mark) throws IOException {
        Map<Long, List<String>> found = found(wire);
        var wrong = new ArrayList<String>();
        found.forEach((batch, cells) -> {
            if (!cells.equals(List.of(Integer.toString(ROWS), Integer.toString(ROWS_SUM), Integer.toString(ROWS)))) {
                wrong.add(batch + " " + cells);
            }
        });
        assertThat(wrong).as("batches with rows twice or not whole").isEmpty();
        assertThat(mark.acknowledged()).as("acknowledged batches").isSubsetOf(found.keySet());
    }

    private Map<Long, List<String>> found(Wire wire) throws IOException {
        var found = new HashMap<Long, List<String>>();
        for (String table : TABLES) {
            for (List<String> row : wire.query(table + " | summarize n = count(), s = sum(N), t = countif(Text == strcat('row ', N)) by Batch")) {
                List<String> cells = row.subList(1, row.size());
                found.merge(Long.parseLong(row.getFirst()), cells, (a, b) -> List.of("in both tables"));
            }
        }
        return found;
    }

    /// Waits for so many further acknowledgements, for some time.
    void awaitMore(int batches, long milliseconds) throws InterruptedException {
        int wanted = acknowledged.size() + batches;
        long end = System.nanoTime() + Duration.ofMillis(milliseconds).toNanos();
        while (acknowledged.size() < wanted && System.nanoTime() < end) {
            synchronized (acknowledged) {
                acknowledged.wait(10);
            }
        }
    }

    private void acknowledge(long batch) {
        acknowledged.add(batch);
        synchronized (acknowledged) {
            acknowledged.notifyAll();
        }
    }

    int count() {
        return acknowledged.size();
    }
}
