package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Limits;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A stored table of about half the engine's memory, and each way of reading all of it, most of which make more of it: it is answered, by way
/// of the disk where that is more than memory, or the query ends for want of memory. Others go on meanwhile, and the process stays within its bounds.
///
/// `-Dconshelf.full=true` does so with 5 M rows instead of 400,000, and with as much more memory: DuckDB joins and groups such texts by way of
/// its disk in a fourth of it mostly, but ends some of these questions.
@Timeout(value = 30, unit = TimeUnit.MINUTES)
class MemoryAtScaleTest {
    private static final boolean IS_FULL = Boolean.getBoolean("conshelf.full");
    private static final long ROWS = IS_FULL ? 5_000_000 : 400_000;
    private static final long MEMORY_BYTES = (IS_FULL ? 1024L : 64L) << 20;

    /// What a process may grow by while a query runs: the engine's memory, what its functions make outside of it, and the heap of the test.
    private static final long GROWN_BYTES_MAX = 2 * MEMORY_BYTES + Runtime.getRuntime().maxMemory();

    private static final long ELEMENTS_MAX = Math.min(ROWS, 1_048_576);
    private static final Duration ANSWER_AFTER_MAX = Duration.ofMinutes(IS_FULL ? 20 : 5);
    private static final String BESIDE = "print 41 + 1";
    private static final String OF_BESIDE = "[[42]]";

    private static final String LOW_MEMORY = "E_LOW_MEMORY_CONDITION";

    @TempDir
    static Path folder;

    private static Optional<Server> server = Optional.empty();

    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final ObjectMapper JSON = new ObjectMapper();

    /// @param expected  the first row of the answer, as JSON
    /// @param mayBeShort whether there may be too little memory for an answer
    record Question(String kql, String expected, boolean mayBeShort) {
        @Override
        public String toString() {
            return kql;
        }
    }

    private static Question answered(String kql, Object... row) throws IOException {
        return new Question(kql, JSON.writeValueAsString(row), false);
    }

    private static Question mayLackMemory(String kql, Object... row) throws IOException {
        return new Question(kql, JSON.writeValueAsString(row), true);
    }

    static List<Question> questions() throws IOException {
        long half = ROWS / 2;
        long ofKey = ROWS / 1000;
        return List.of(
                answered("Many | sort by note asc | extend p = prev(note) | summarize count(), countif(strcmp(p, note) >= 0)", ROWS, 0),
                answered("Many | sort by id desc | extend n = next(id) | summarize countif(id - n == 1)", ROWS - 1),
                answered("Many | sort by key asc, id asc | extend s = row_cumsum(1, key != prev(key)), r = row_cumsum(1.0, key != prev(key)),"
                        + " n = row_number(1, key != prev(key)) | summarize countif(s != n), countif(r != n), max(n)", 0, 0, ROWS / 1000),
                answered("Many | join kind=inner (Many | project note, other = id) on note | summarize count(), sum(other - id)", ROWS, 0),
                answered("Many | join kind=leftanti (Many | where id % 2 == 0 | project note) on note | count", half),
                answered("union Many, Many | distinct note | count", ROWS),
                answered("Many | summarize n = count(), max(id) by note | summarize count(), sum(n)", ROWS, ROWS),
                answered("Many | summarize arg_max(id, *) by note | count", ROWS),
                answered("Many | summarize take_any(*) by note | count", ROWS),
                answered("Many | top " + ROWS / 5 + " by note desc | summarize count()", ROWS / 5),
                answered("Many | mv-expand part = pack_array(id, key, 'x') | summarize count()", 3 * ROWS),
                answered("let R = materialize(Many | extend u = strcat(note, key)); union (R | summarize n = count() by u), (R | summarize n = count() by key)"
                        + " | summarize count(), sum(n)", ROWS + 1000, 2 * ROWS),
                answered("Many | partition hint.strategy=native by key (sort by id asc | extend p = prev(id) | summarize n = countif(id - p == 1000))"
                        + " | summarize sum(n)", ROWS - 1000),
                answered("Many | make-series n = count() on id from 0 to " + ROWS + " step 1000 by key = key % 10 | summarize count(), tolong(sum(array_sum(n)))", 10, ROWS),
                answered("Many | summarize p = percentile(id, 50) by key | summarize count()", 1000),
                answered("Many | summarize d = dcount(note) by key | summarize count()", 1000),
                answered("Many | summarize h = hll(note) | extend n = dcount_hll(h) | project abs(n - " + ROWS + ") < " + ROWS / 10, true),
                answered("Many | summarize t = tdigest(id) | extend p = percentile_tdigest(t, 50) | project abs(p - " + half + ") < " + ROWS / 10, true),
                answered("Many | project id, note, key | evaluate narrow() | count", 3 * ROWS),
                answered("Many | extend four = strcat('k', key % 4) | evaluate pivot(four, count(), note) | count", ROWS),
                answered("Many | project b = bag_pack('a', id, 'b', note) | evaluate bag_unpack(b) : (a: long, b: string) | summarize count(), max(a)", ROWS, ROWS - 1),
                answered("Many | project key = tostring(key % 4) | evaluate autocluster() | summarize max(Count)", ROWS / 4),
                answered("Many | make-graph key --> id with_node_id=n | graph-match (a)-->(b) where a.n == 7 project b.n | count", ROWS / 1000),
                answered("Many | summarize l = make_list(note, 10) by key | summarize sum(array_length(l))", 10_000),
                answered("Many | sort by note desc | summarize l = make_list(note, 10), m = make_list_if(id, id % 2 == 0, 20) by key"
                        + " | summarize sum(array_length(l)), countif(tostring(l) != tostring(array_sort_desc(l)))", 10_000, 0),
                answered("Many | sort by id desc | summarize l = make_list(note, 1000), n = count() | project array_length(l), n", 1000, ROWS),
                answered("Many | summarize l = make_list(note, 1000) | project array_length(l)", 1000),
                mayLackMemory("Many | sort by id asc | extend s = row_window_session(datetime(2020-01-01) + id * 1s, 1h, 5m, key == 7)"
                        + " | distinct s | count", ofKey + 1),
                mayLackMemory("Many | summarize l = make_list(note) | project array_length(l)", ELEMENTS_MAX),
                mayLackMemory("Many | summarize l = make_set(note, 100000000) | project array_length(l)", ELEMENTS_MAX),
                mayLackMemory("Many | summarize l = make_bag(bag_pack(note, id)) | project array_length(bag_keys(l))", ELEMENTS_MAX),
                mayLackMemory("Many | summarize l = make_list(pack_all()) by key | summarize sum(array_length(l))", ROWS),
                mayLackMemory("Many | summarize h = hll(note) by key = id % 100000 | summarize h = hll_merge(h)"
                        + " | project abs(dcount_hll(h) - " + ROWS + ") < " + ROWS / 10, true),
                mayLackMemory("Many | make-series n = count() on key from 0 to 1000 step 10 by tens = id / 10 | summarize count()", ROWS / 10),
                mayLackMemory("Many | make-graph key --> id with_node_id=n | graph-match (a)<--(b)-->(c) where b.n < 4 project a.n, b.n, c.n | count", 4 * ofKey * (ofKey - 1)));
    }

    @BeforeAll
    static void open() throws Exception {
        server = Optional.of(Server.start(ServerConfig.local().withData(folder).withEngineLimits(
                Limits.ofThisMachine().withMemoryBytes(MEMORY_BYTES).withDuckThreads(2))));
        String set = ".set Many <| range id from 0 to " + (ROWS - 1) + " step 1"
                + " | extend key = id % 1000, note = strcat('what is told of ', id * 7919 % " + ROWS + ", ' takes some room in memory, and is no number')";
        var answer = ask("mgmt", set);
        assertThat(answer.statusCode()).as(text(answer)).isEqualTo(200);
    }

    @AfterAll
    static void close() {
        server.ifPresent(Server::close);
    }

    @ParameterizedTest
    @MethodSource("questions")
    void isAnsweredOrEndsForWantOfMemoryWhileOthersGoOn(Question question) throws Exception {
        long before = residentBytes();
        try (var beside = new Beside()) {
            var answer = ask("query", question.kql());
            String text = text(answer);
            boolean isShort = answer.statusCode() != 200 || text.contains(LOW_MEMORY);
            if (!isShort) {
                assertThat(JSON.readTree(text).at("/Tables/0/Rows/0").toString()).isEqualTo(question.expected());
            } else {
                assertThat(text).contains(LOW_MEMORY);
                assertThat(question.mayBeShort()).as("has to be answered, but: %s", text).isTrue();
            }
            wentOn(beside);
            assertThat(beside.mostBytes() - before).as("bytes that the process grew by").isLessThan(GROWN_BYTES_MAX);
        }
    }

    @ParameterizedTest
    @MethodSource("streams")
    void whatIsSortedComesAsAStream(String kql) throws Exception {
        long before = residentBytes();
        try (var beside = new Beside()) {
            long lines = 0;
            try (InputStream body = ask("query", kql).body()) {
                byte[] piece = new byte[1 << 16];
                for (int read = body.read(piece); read >= 0; read = body.read(piece)) {
                    for (int i = 0; i < read; i++) {
                        lines += piece[i] == '!' ? 1 : 0;
                    }
                }
            }
            assertThat(lines).isEqualTo(ROWS);
            wentOn(beside);
            assertThat(beside.mostBytes() - before).as("bytes that the process grew by").isLessThan(GROWN_BYTES_MAX);
        }
    }

    static List<String> streams() {
        return List.of(
                "set notruncation; Many | project-away key | extend note = strcat(note, '!') | sort by note desc",
                "set notruncation; Many | sort by note asc | extend mark = '!', n = row_number(), p = prev(note)");
    }

    /// Of so little memory one query may have all, for a moment, before it is found; but not for longer than it runs.
    private static void wentOn(Beside beside) throws Exception {
        beside.end();
        assertThat(beside.failures).as("what else was asked meanwhile").allMatch(failure -> failure.contains(LOW_MEMORY));
        assertThat(beside.answered + beside.failures.size()).as("how often something else was asked").isPositive();
        String after = text(ask("query", BESIDE));
        if (beside.answered == 0) {
            assertThat(after).contains(OF_BESIDE);
        } else {
            assertThat(after).containsAnyOf(OF_BESIDE, LOW_MEMORY);
        }
    }

    private static HttpResponse<InputStream> ask(String kind, String kql) throws IOException, InterruptedException {
        var body = JSON.writeValueAsString(Map.of("db", "NetDefaultDB", "csl", kql, "properties", Map.of("Options", Map.of("servertimeout", "00:20:00"))));
        return HTTP.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.orElseThrow().port() + "/v1/rest/" + kind))
                .timeout(ANSWER_AFTER_MAX).header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)).build(),
                HttpResponse.BodyHandlers.ofInputStream());
    }

    private static String text(HttpResponse<InputStream> answer) throws IOException {
        try (InputStream body = answer.body()) {
            return new String(body.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static long residentBytes() throws IOException {
        Path status = Path.of("/proc/self/statm");
        return Files.exists(status) ? Long.parseLong(Files.readString(status).split(" ")[1]) * 4096 : 0;
    }

    /// Somebody who asks for little again and again, and looks at the memory of the process.
    private static final class Beside implements AutoCloseable {
        private final AtomicBoolean isOver = new AtomicBoolean();
        private final AtomicLong most = new AtomicLong();
        private final ExecutorService thread = Executors.newSingleThreadExecutor();

        // Read after its end only.
        private final List<String> failures = new ArrayList<>();
        private int answered;

        private final Future<?> asking = thread.submit(this::asks);

        private Void asks() throws IOException, InterruptedException {
            do {
                most.accumulateAndGet(residentBytes(), Math::max);
                String text = text(ask("query", BESIDE));
                if (text.contains(OF_BESIDE)) {
                    answered++;
                } else {
                    failures.add(text);
                }
            } while (!isOver.get());
            return null;
        }

        /// Fails if it could not even ask.
        void end() throws Exception {
            isOver.set(true);
            asking.get();
        }

        long mostBytes() {
            return most.get();
        }

        /// Waits for what it asked last.
        @Override
        public void close() {
            isOver.set(true);
            thread.close();
        }
    }
}
