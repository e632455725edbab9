package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Who polls with cursors gets every row once, however rows come.
class CursorTest {
    private static final int WRITES = Boolean.getBoolean("conshelf.full") ? 40 : 15;

    @TempDir
    private Path folder;

    private final long seed = new Random().nextLong();

    private Engine open() {
        // A clock that stands still: after a restart only what is stored keeps numbers from being given again.
        return Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of(),
                Limits.ofThisMachine().withMemoryBytes(1L << 30), InstantSource.fixed(Instant.parse("2026-03-01T10:00:00Z"))));
    }

    private static Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "cursor", UUID.randomUUID(), Map.of(),
                Map.of("notruncation", true), "test", "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
    }

    private static List<String> run(Engine engine, String text) {
        try (var answer = text.startsWith(".") ? engine.command(request(), text) : engine.query(request(), text)) {
            return ResultText.of(answer);
        }
    }

    private static void stream(Engine engine, String csv) {
        engine.ingestStream(request(), new StreamingIngestion("NetDefaultDB", "T", "csv", Optional.empty(),
                new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    private static String cursor(Engine engine) {
        return run(engine, "print cursor_current()").getLast();
    }

    /// Adds the rows after a cursor, and says which one comes next.
    private static String poll(Engine engine, String after, Map<String, Integer> seen, boolean isBounded) {
        String until = isBounded ? cursor(engine) : "";
        var request = request();
        try (var answer = engine.query(request, "T | where cursor_after('" + after + "')"
                + (isBounded ? " and cursor_before_or_at('" + until + "')" : "") + " | project id")) {
            String told = answer.cursor().orElseThrow();
            List<String> rows = ResultText.of(answer);
            rows.subList(1, rows.size()).forEach(id -> seen.merge(id, 1, Integer::sum));
            return isBounded ? until : told;
        }
    }

    @Test
    void everyRowIsSeenOnceByWhoPollsWhileOthersWrite() throws Exception {
        var ids = new AtomicLong();
        try (Engine engine = open()) {
            run(engine, ".create table T (id:long)");
            run(engine, ".alter database policy streamingingestion enable");
            var failures = new ArrayList<Throwable>();
            var running = new AtomicInteger();
            var threads = new ArrayList<Thread>();
            for (int writer = 0; writer < 4; writer++) {
                var random = new Random(seed + writer);
                int kind = writer;
                running.incrementAndGet();
                threads.add(Thread.ofPlatform().start(() -> {
                    try {
                        for (int i = 0; i < WRITES; i++) {
                            write(engine, kind, ids, random);
                        }
                    } catch (Throwable e) {
                        synchronized (failures) {
                            failures.add(e);
                        }
                    } finally {
                        running.decrementAndGet();
                    }
                }));
            }
            var bounded = new HashMap<String, Integer>();
            var unbounded = new HashMap<String, Integer>();
            String lastBounded = "";
            String lastUnbounded = "";
            while (running.get() > 0) {
                lastBounded = poll(engine, lastBounded, bounded, true);
                lastUnbounded = poll(engine, lastUnbounded, unbounded, false);
            }
            for (Thread thread : threads) {
                thread.join();
            }
            poll(engine, lastBounded, bounded, true);
            poll(engine, lastUnbounded, unbounded, false);
            assertThat(failures).as("seed %d", seed).isEmpty();
            assertAllOnce(ids.get(), bounded);
            assertAllOnce(ids.get(), unbounded);
        }
    }

    private void assertAllOnce(long count, Map<String, Integer> seen) {
        assertThat(seen.values()).as("seed %d", seed).allMatch(times -> times == 1);
        assertThat(seen).as("seed %d", seed).hasSize((int) count);
    }

    /// One writer streams, one seals, the others load few rows or many.
    private static void write(Engine engine, int kind, AtomicLong ids, Random random) {
        switch (kind) {
            case 0 -> {
                long first = ids.getAndAdd(2);
                stream(engine, first + "\n" + (first + 1) + "\n");
            }
            // Deleting seals what was streamed.
            case 1 -> run(engine, ".delete table T records <| T | where id < 0");
            default -> {
                int count = kind == 2 ? 1 + random.nextInt(3) : 1 + random.nextInt(60_000);
                long first = ids.getAndAdd(count);
                run(engine, ".append T <| range id from " + first + " to " + (first + count - 1) + " step 1");
            }
        }
    }

    @Test
    void aCursorOutlivesTheProcess() {
        String before;
        try (Engine engine = open()) {
            run(engine, ".create table T (id:long)");
            run(engine, ".alter database policy streamingingestion enable");
            run(engine, ".append T <| print id = 1");
            stream(engine, "2\n");
            before = cursor(engine);
        }
        try (Engine engine = open()) {
            var seen = new HashMap<String, Integer>();
            poll(engine, before, seen, false);
            assertThat(seen).isEmpty();
            stream(engine, "3\n");
            run(engine, ".append T <| print id = 4");
            poll(engine, before, seen, true);
            assertThat(seen.keySet()).containsExactlyInAnyOrder("3", "4");
        }
    }

    @Test
    void noNumberIsGivenAgainAfterItsRowsWereDropped() {
        String before;
        try (Engine engine = open()) {
            run(engine, ".create table T (id:long)");
            run(engine, ".append T <| print id = 1");
            before = cursor(engine);
            run(engine, ".drop extents from T");
        }
        try (Engine engine = open()) {
            run(engine, ".append T <| print id = 2");
            var seen = new HashMap<String, Integer>();
            poll(engine, before, seen, true);
            assertThat(seen.keySet()).containsExactly("2");
        }
    }

    @Test
    void aCursorIsToldWhereRowsAreChosenByOne() {
        try (Engine engine = open()) {
            run(engine, ".create table T (id:long)");
            try (var answer = engine.query(request(), "T | count")) {
                assertThat(answer.cursor()).isEmpty();
            }
            try (var answer = engine.query(request(), "T | where cursor_after('') | count")) {
                assertThat(answer.cursor()).contains(cursor(engine));
            }
        }
    }
}
