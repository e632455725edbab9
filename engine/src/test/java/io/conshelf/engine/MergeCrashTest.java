package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Kills a process that merges extents while others load and poll, and looks at what it left.
/// `-Dconshelf.full=true` does so thirty times.
class MergeCrashTest {
    private static final int ROUNDS = Boolean.getBoolean("conshelf.full") ? 30 : 2;
    private static final long MARKS_A_ROUND = 1_000_000;

    @TempDir
    private Path folder;

    /// The ingestion time of each mark, of what was acknowledged and of what was seen.
    private final Map<Long, Long> times = new HashMap<>();
    private final Set<Long> polled = new HashSet<>();
    private String cursor = "";
    private final AtomicInteger mergesBegun = new AtomicInteger();
    private int mergesEnded;

    @Test
    void everyRowIsThereOnceWithItsTimeTagsAndCursorAfterAKill() throws Exception {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        try (var cluster = new MergeCrashWriter(folder)) {
            cluster.rows(".create table T (mark:long, i:long)");
        }
        for (int round = 0; round < ROUNDS; round++) {
            String when = "seed " + seed + ", round " + round;
            KilledProcess.run(
                    MergeCrashWriter.class, List.of(folder.toString(), Long.toString(round * MARKS_A_ROUND), cursor),
                    40 + random.nextInt(160), () -> whileMerging(random.nextLong(15_000_000)), line -> listen(line, when));
            try (var cluster = new MergeCrashWriter(folder)) {
                check(cluster, when);
                if (random.nextBoolean()) {
                    // Else the cursor has to serve after the next kill as well.
                    poll(cluster.poll(cursor), when);
                    assertThat(polled).as(when).isEqualTo(times.keySet());
                }
                cluster.mergeAll();
                check(cluster, when + ", merged");
                long again = times.keySet().stream().skip(random.nextInt(times.size())).findFirst().orElseThrow();
                cluster.append(again);
                assertThat(cluster.rows("T | where mark == " + again + " | count")).as("%s: ingested again", when)
                        .containsExactly(Integer.toString(MergeCrashWriter.ROWS_EACH));
            }
        }
        try (var cluster = new MergeCrashWriter(folder)) {
            poll(cluster.poll(cursor), "seed " + seed + ", at last");
            assertThat(polled).as("seed %d", seed).isEqualTo(times.keySet());
        }
        System.out.println("merges begun: " + mergesBegun.get() + ", cut off: " + (mergesBegun.get() - mergesEnded) + ", loads: " + times.size());
        assertThat(mergesEnded).isPositive();
    }

    private void whileMerging(long nanoseconds) {
        int begun = mergesBegun.get();
        Await.until("another merge", () -> mergesBegun.get() > begun);
        LockSupport.parkNanos(nanoseconds);
    }

    private void listen(String line, String when) {
        var words = line.split(" ");
        switch (words[0]) {
            case "appended" -> times.put(Long.parseLong(words[1]), Long.parseLong(words[2]));
            case "polled" -> poll(new MergeCrashWriter.Polled(
                    words[1], words.length > 2 ? List.of(words[2].split(",")) : List.of()), when);
            case "merging" -> mergesBegun.incrementAndGet();
            case "merged" -> mergesEnded++;
            default -> throw new AssertionError(when + ": the writer says '" + line + "'");
        }
    }

    private void poll(MergeCrashWriter.Polled found, String when) {
        cursor = found.cursor();
        for (String mark : found.marks()) {
            assertThat(mark).as("%s: rows of a mark that came by a cursor", when).doesNotContain("x");
            assertThat(polled.add(Long.parseLong(mark))).as("%s: %s came by a cursor for the first time", when, mark).isTrue();
        }
    }

    private void check(MergeCrashWriter cluster, String when) {
        var known = Map.copyOf(times);
        var marks = new HashSet<Long>();
        cluster.rows("T | summarize n = count(), distinct = count_distinct(i), times = count_distinct(ingestion_time()),"
                + " at = tolong(min(ingestion_time())) by mark").forEach(row -> {
            var cells = row.split(" \\| ");
            long mark = Long.parseLong(cells[0]);
            marks.add(mark);
            assertThat(List.of(cells[1], cells[2], cells[3])).as("%s: rows, different rows and times of %d", when, mark)
                    .containsExactly(
                            Integer.toString(MergeCrashWriter.ROWS_EACH), Integer.toString(MergeCrashWriter.ROWS_EACH), "1");
            times.putIfAbsent(mark, Long.parseLong(cells[4]));
            assertThat(times.get(mark)).as("%s: ingestion time of %d", when, mark).isEqualTo(Long.parseLong(cells[4]));
        });
        assertThat(marks).as("%s: acknowledged loads", when).containsAll(known.keySet());

        assertThat(cluster.rows("T | summarize extents = count_distinct(extent_id()) by mark | where extents != 1"))
                .as("%s: marks whose rows are not in one extent", when).isEmpty();
        // So one row of each mark stands for all: a merged extent has thousands of tags.
        assertThat(cluster.rows("T | where i == 1 | where array_index_of(extent_tags(), strcat('ingest-by:', mark)) < 0"
                + " or array_index_of(extent_tags(), strcat('drop-by:', mark % 2)) < 0"
                + " or array_index_of(extent_tags(), strcat('drop-by:', 1 - mark % 2)) >= 0 | count"))
                .as("%s: rows whose extent has not their tags", when).containsExactly("0");
        var extents = cluster.rows(".show table T extents | project strcat(ExtentId, ' ', RowCount) | sort by Column1 asc");
        assertThat(extents).as("%s: extents and their rows", when).isEqualTo(
                cluster.rows("T | summarize n = count() by e = extent_id() | project strcat(e, ' ', n) | sort by Column1 asc"));
        var tags = new ArrayList<String>();
        cluster.rows(".show table T extents | project replace_string(Tags, '\\r\\n', ' ')")
                .forEach(row -> tags.addAll(List.of(row.replace("\"", "").strip().split("\\s+"))));
        assertThat(tags.stream().filter(tag -> tag.startsWith("ingest-by:")).sorted().toList()).as("%s: tags of all extents", when)
                .isEqualTo(marks.stream().map(mark -> "ingest-by:" + mark).sorted().collect(Collectors.toList()));
    }
}
