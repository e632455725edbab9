package io.conshelf.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Answer;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Any query ends in an answer or in an error that is told in the language's own words: generated along the grammar, or put
/// together from pieces of the specs. `-Dseed=` repeats a run, `-Drounds=` and `-Dconshelf.full=true` make it longer.
class QueryFuzzTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = Integer.getInteger("rounds", Boolean.getBoolean("conshelf.full") ? 100_000 : 5_000);
    private static final int FAILURES_MAX = 20;

    /// A query that is out of time ends; a machine with much to do may need a while for it.
    private static final Duration HANGS = Duration.ofSeconds(20);

    /// What only somebody who knows the inside would understand.
    private static final Pattern INTERNAL = Pattern.compile("INTERNAL|Internal|java\\.|org\\.duckdb|Exception:|AssertionError|Binder Error"
            + "|Conversion Error|Parser Error|Catalog Error|NullPointer|IndexOutOf|\\bkql_\\w+|stoppable_|\\bc\\d+\\b = |unordered_map|vector::");

    @TempDir
    static Path folder;

    private static Engine engine;

    @BeforeAll
    static void open() {
        engine = Engine.open(EngineConfig.inMemory(folder).withLimits(Limits.ofThisMachine().withMemoryBytes(1L << 30)));
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @Test
    void aGeneratedQueryEndsInItsAnswerOrInAnErrorInItsOwnWords() {
        var generator = new QueryGenerator(new Random(SEED));
        var failures = new ArrayList<String>();
        for (int round = 0; round < ROUNDS * 3 / 5 && failures.size() < FAILURES_MAX; round++) {
            check(generator.query(), Duration.ofSeconds(10), failures);
        }
        assertThat(failures).as("queries that end otherwise; seed %d", SEED).isEmpty();
    }

    @Test
    void aMutatedQueryEndsInItsAnswerOrInAnErrorInItsOwnWords() throws IOException {
        var mutation = new QueryMutation(new Random(SEED), specs());
        var failures = new ArrayList<String>();
        for (int round = 0; round < ROUNDS * 2 / 5 && failures.size() < FAILURES_MAX; round++) {
            check(mutation.query(), Duration.ofSeconds(2), failures);
        }
        assertThat(failures).as("queries that end otherwise; seed %d", SEED).isEmpty();
    }

    private static List<String> specs() throws IOException {
        var queries = new ArrayList<String>();
        try (Stream<Path> files = Files.walk(Path.of("src/test/resources/spec"))) {
            for (Path file : files.filter(f -> f.toString().endsWith(".kql") && !f.toString().contains("commands")).sorted().toList()) {
                for (String part : Files.readString(file).split("\n\n")) {
                    String[] lines = part.strip().split("\n----", 2)[0].split("\n", 2);
                    if (lines.length == 2) {
                        queries.add(lines[1]);
                    }
                }
            }
        }
        return queries;
    }

    private static void check(String query, Duration timeout, List<String> failures) {
        long started = System.nanoTime();
        try {
            String said = outcome(query, timeout);
            Duration taken = Duration.ofNanos(System.nanoTime() - started);
            if (taken.compareTo(timeout.plus(HANGS)) > 0) {
                failures.add("ends " + taken + " after it began\n" + query);
            }
            if (INTERNAL.matcher(said).find()) {
                failures.add(said + "\n" + query);
            }
        } catch (RuntimeException | Error e) {
            failures.add(e + " at " + List.of(e.getStackTrace()).subList(0, Math.min(4, e.getStackTrace().length)) + "\n" + query);
        }
    }

    /// What an error says; nothing of an answer.
    private static String outcome(String query, Duration timeout) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "fuzz", UUID.randomUUID(), Map.of(), Map.of(), "fuzz",
                "fuzz", Instant.parse("2024-01-01T00:00:00Z"), timeout, false);
        try (Answer answer = engine.query(request, query)) {
            for (var table = answer.nextTable(); table.isPresent(); table = answer.nextTable()) {
                while (table.get().next().isPresent()) {
                    // Reading is all.
                }
            }
            return "";
        } catch (KustoException e) {
            return e.error().message();
        }
    }
}
