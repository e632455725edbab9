package io.conshelf.engine.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Answer;
import io.conshelf.engine.KustoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Any query ends, at the latest when its time of two seconds is over, in an answer or in an error that is told in the language's own words:
/// generated along the grammar, or put together from pieces of the specs. That is no measurement: a query that its limit ends has ended, but more
/// than one in a hundred that do tell of slow plans. A query that takes more memory than [MemoryBound] has ends the process and is named. `-Dseed=` repeats a run, `-Drounds=` and `-Dconshelf.full=true` make it longer.
class QueryFuzzTest {
    private static final long SEED = Long.getLong("seed", 1);
    private static final int ROUNDS = Integer.getInteger("rounds", Boolean.getBoolean("conshelf.full") ? 100_000 : 5_000);
    private static final int FAILURES_MAX = 20;

    /// What each query is given.
    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    /// What a machine that has much else to do may need to find out that the time is over, and to end the query's thread.
    private static final Duration GRACE = Duration.ofSeconds(30);

    /// What only somebody who knows the inside would understand.
    private static final Pattern INTERNAL = Pattern.compile("INTERNAL|Internal|java\\.|org\\.duckdb|Exception:|AssertionError|[a-z] Error: "
            + "|NullPointer|IndexOutOf|\\bkql_\\w+|stoppable_|\\bc\\d+\\b = |unordered_map|vector::");

    @TempDir
    static Path folder;

    private static FuzzCluster cluster;
    private static MemoryBound memory;

    private int endedByTheLimit;

    @BeforeAll
    static void open() {
        cluster = FuzzCluster.open(folder);
        memory = new MemoryBound();
    }

    @AfterAll
    static void close() {
        memory.close();
        cluster.close();
    }

    @Test
    void aGeneratedQueryEndsInItsAnswerOrInAnErrorInItsOwnWords() {
        var generator = new QueryGenerator(new Random(SEED));
        var failures = new ArrayList<String>();
        for (int round = 0; round < ROUNDS * 2 / 5 && failures.size() < FAILURES_MAX; round++) {
            check(generator.query(), failures);
        }
        end("generated", ROUNDS * 2 / 5, failures);
    }

    @Test
    void aMutatedQueryEndsInItsAnswerOrInAnErrorInItsOwnWords() throws IOException {
        var mutation = new QueryMutation(new Random(SEED), specs());
        var failures = new ArrayList<String>();
        for (int round = 0; round < ROUNDS * 3 / 5 && failures.size() < FAILURES_MAX; round++) {
            check(mutation.query(), failures);
        }
        end("mutated", ROUNDS * 3 / 5, failures);
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

    private void end(String kind, int rounds, List<String> failures) {
        System.out.println(kind + " queries that the limit of " + TIMEOUT.toSeconds() + " s ended: " + endedByTheLimit);
        assertThat(failures).as("queries that end otherwise; seed %d", SEED).isEmpty();
        assertThat(endedByTheLimit).as("%s queries that their limit ended; seed %d", kind, SEED).isLessThanOrEqualTo(Math.max(rounds / 100, 1));
    }

    private void check(String query, List<String> failures) {
        memory.running(query);
        long started = System.nanoTime();
        try {
            String said = outcome(query);
            Duration taken = Duration.ofNanos(System.nanoTime() - started);
            if (taken.compareTo(TIMEOUT.plus(GRACE)) > 0) {
                failures.add("given " + TIMEOUT + ", ends " + taken + " after it began\n" + query);
            }
            if (INTERNAL.matcher(said).find()) {
                failures.add(said + "\n" + query);
            }
        } catch (RuntimeException | Error e) {
            failures.add(e + " at " + List.of(e.getStackTrace()).subList(0, Math.min(4, e.getStackTrace().length)) + "\n" + query);
        }
    }

    /// What an error says; nothing of an answer.
    private String outcome(String query) {
        try (Answer answer = cluster.query(query, TIMEOUT)) {
            for (var table = answer.nextTable(); table.isPresent(); table = answer.nextTable()) {
                while (table.get().next().isPresent()) {
                    // Reading is all.
                }
            }
            return "";
        } catch (KustoException e) {
            if (e.error().httpStatus() == 504) {
                endedByTheLimit++;
            }
            return INTERNAL.matcher(e.error().message()).find() ? e.error().message() + "; " + cause(e) : e.error().message();
        }
    }

    /// What lies below it, which its sender is not told.
    private static Throwable cause(Throwable thrown) {
        return thrown.getCause() == null ? thrown : cause(thrown.getCause());
    }
}
