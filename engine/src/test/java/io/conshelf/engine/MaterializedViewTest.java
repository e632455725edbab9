package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A view is what its query gives over all rows that ever came, whatever of it is materialized.
class MaterializedViewTest {
    private static final List<String> QUERIES = List.of(
            "summarize count(), countif(v > 0), sum(v), avg(v), min(v), max(v), sumif(v, v > 0), avgif(v, v > 0) by k",
            "summarize n = count(), avg(r), sum(r), min(r), max(s), avg(d), avg(t), sum(t), sum(m), avg(m) by k, day = bin(d, 1d)",
            "where v > 3 | extend w = v * 2 | summarize arg_max(id, *) by k",
            "summarize arg_min(id, s, r), count() by k",
            "summarize dcount(s), dcountif(s, v > 0), dcount(v), count(), avg(v), max(d) by k",
            "summarize percentiles(v, 5, 50, 95), percentile(r, 33.3), percentile(d, 99), dcount(k) by k, s",
            "summarize count(), sum(v), dcount(s), percentile(v, 50)",
            "summarize count(), avg(t)");
    /// Compared in another order: their elements come in any.
    private static final List<String> COLLECTED = List.of(
            "summarize make_set(s), make_list(v), make_list(id, 1000), take_anyif(k, v > 1000) by k");

    private static final int STEPS = Integer.getInteger("views.steps", Boolean.getBoolean("conshelf.full") ? 24 : 12);

    @TempDir
    private Path folder;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);
    private Engine engine;
    private long id;

    @BeforeEach
    void open() {
        engine = Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of(),
                Limits.ofThisMachine().withMemoryBytes(1L << 30), java.time.InstantSource.system()));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private static Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "view", UUID.randomUUID(), Map.of(),
                Map.of("notruncation", true), "test", "test", Instant.now(), Duration.ofMinutes(1), false);
    }

    private List<String> run(String text) {
        try (var answer = text.startsWith(".") ? engine.command(request(), text) : engine.query(request(), text)) {
            return ResultText.of(answer);
        }
    }

    private List<String> sorted(String text) {
        var rows = run(text);
        var sorted = new ArrayList<>(rows.subList(1, rows.size()));
        sorted.sort(null);
        sorted.addFirst(rows.getFirst());
        return sorted;
    }

    /// Where even the failure cannot be written down.
    @Test
    void aViewThatFailsHoldsNoOtherUp() {
        run(".create database ABroken ifnotexists");
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "ABroken", "view", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.now(), Duration.ofMinutes(1), false);
        for (String text : List.of(".create table T (k:string)", ".create materialized-view V on table T { T | summarize count() by k }",
                ".set-or-append T <| print k = 'a'")) {
            engine.command(request, text).close();
        }
        run(".create table T (k:string)");
        run(".create materialized-view V on table T { T | summarize count() by k }");
        run(".set-or-append T <| print k = 'a'");
        engine.storage().writer("ABroken").change(transaction -> {
            try (var statement = transaction.connection().createStatement()) {
                statement.execute("ALTER TABLE " + transaction.database().id() + ".conshelf.views RENAME TO gone");
            }
            return transaction;
        });
        engine.views().look();
        assertThat(run("materialized_view('V') | count").getLast()).isEqualTo("1");
        assertThat(engine.storage().snapshot().existing("ABroken").view("V").orElseThrow().isEnabled()).isTrue();
    }

    @Test
    void rowsThatWereReplacedHideNoOthersFromTheFirst() {
        run(".create table Large (k:long, v:long)");
        run(".create materialized-view Latest on table Large { Large | summarize arg_max(v, *) by k }");
        for (String rows : List.of("range k from 1 to 400000 step 1 | extend v = k", "print k = 400001, v = -1000000", "print k = 400001, v = 400001")) {
            run(".append Large <| " + rows);
            engine.views().look();
        }
        for (String view : List.of("Latest", "materialized_view('Latest')")) {
            assertThat(run(view + " | top 2 by v asc | project v")).as(view).containsExactly("v:long", "1", "2");
            assertThat(run(view + " | sort by v desc | take 1 | project v")).as(view).containsExactly("v:long", "400001");
        }
    }

    private void createTables() {
        String schema = "(id:long, k:string, v:long, r:real, d:datetime, t:timespan, s:string, m:decimal)";
        run(".create table T " + schema);
        // What ever came: it loses nothing that the source loses.
        run(".create table Ever " + schema);
        run(".alter database policy streamingingestion enable");
    }

    private String rows(int count) {
        var csv = new StringBuilder();
        for (int i = 0; i < count; i++) {
            // Halves add up exactly in any order.
            csv.append(id++).append(",k").append(random.nextInt(6)).append(',')
                    .append(random.nextInt(9) == 0 ? "" : String.valueOf(random.nextInt(50) - 10)).append(',')
                    .append(random.nextInt(200) / 2.0).append(',')
                    .append("2026-0").append(1 + random.nextInt(3)).append("-1").append(random.nextInt(3)).append("T00:00:00Z,")
                    .append("0").append(random.nextInt(3)).append(":00:00,")
                    .append("s").append(random.nextInt(9)).append(',').append(random.nextInt(100)).append(".5\n");
        }
        return csv.toString();
    }

    private void stream(String table, String csv) {
        engine.ingestStream(request(), new StreamingIngestion("NetDefaultDB", table, "csv", Optional.empty(),
                new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    private void ingest(String csv) {
        run(".ingest inline into table T <|\n" + csv);
        run(".ingest inline into table Ever <|\n" + csv);
    }

    @Test
    void aViewIsWhatItsQueryGivesOverAllRowsThatEverCame() {
        createTables();
        for (int i = 0; i < QUERIES.size(); i++) {
            run(".create materialized-view V" + i + " on table T { T | " + QUERIES.get(i) + " }");
        }
        for (int i = 0; i < COLLECTED.size(); i++) {
            run(".create materialized-view C" + i + " on table T { T | " + COLLECTED.get(i) + " }");
        }
        run(".create materialized-view A on table T { T | summarize take_any(*) by k, v }");
        check("nothing");
        for (int step = 0; step < STEPS; step++) {
            String done = step();
            if (step % 4 == 3) {
                check("step " + step + " " + done);
            }
        }
        check("the end");
    }

    private String step() {
        switch (random.nextInt(8)) {
            case 0, 1 -> ingest(rows(1 + random.nextInt(20)));
            case 2, 3 -> {
                String csv = rows(1 + random.nextInt(5));
                stream("T", csv);
                stream("Ever", csv);
            }
            case 4, 5 -> {
                engine.views().look();
                return "materialized";
            }
            case 6 -> {
                // What is materialized stays; what is not would be missing.
                engine.views().look();
                run(".delete table T records <| T | where id % 3 == " + random.nextInt(3));
                return "deleted";
            }
            default -> {
                if (random.nextInt(3) == 0) {
                    engine.views().look();
                    run(".drop extents from T");
                    return "dropped";
                }
                engine.close();
                open();
                return "reopened";
            }
        }
        return "ingested";
    }

    private void check(String when) {
        for (int i = 0; i < QUERIES.size(); i++) {
            assertThat(sorted("V" + i)).as("seed %d, %s: %s", seed, when, QUERIES.get(i))
                    .isEqualTo(sorted("Ever | " + QUERIES.get(i)));
        }
        for (int i = 0; i < COLLECTED.size(); i++) {
            String sort = " | extend set_s = array_sort_asc(set_s), list_v = array_sort_asc(list_v), list_id = array_sort_asc(list_id)";
            assertThat(sorted("C" + i + sort)).as("seed %d, %s: %s", seed, when, COLLECTED.get(i))
                    .isEqualTo(sorted("Ever | " + COLLECTED.get(i) + sort));
        }
        assertThat(sorted("A | project k, v")).as("seed %d, %s", seed, when).isEqualTo(sorted("Ever | distinct k, v"));
        assertThat(run("A | join kind=inner Ever on id | where k == k1 and s == s1 and r == r1 | count").getLast())
                .as("seed %d, %s: rows are whole", seed, when).isEqualTo(run("A | count").getLast());
    }

    @Test
    void theMaterializedPartIsReadAlone() {
        createTables();
        run(".create materialized-view V on table T { T | summarize count() by k }");
        ingest("1,a,1,1,2026-01-01,0,s,1\n");
        assertThat(run("materialized_view('V') | count").getLast()).isEqualTo("0");
        assertThat(run("V")).containsExactly("k:string | count_:long", "a | 1");
        engine.views().look();
        ingest("2,a,1,1,2026-01-01,0,s,1\n");
        assertThat(run("materialized_view('V')")).containsExactly("k:string | count_:long", "a | 1");
        assertThat(run("materialized_view('V', 1h)")).containsExactly("k:string | count_:long", "a | 1");
        assertThat(run("materialized_view('V', 1tick)")).containsExactly("k:string | count_:long", "a | 2");
        assertThat(run("V")).containsExactly("k:string | count_:long", "a | 2");
    }

    @Test
    void aBackfillTakesWhatIsThereOnce() throws Exception {
        createTables();
        ingest(rows(50));
        stream("T", "1000,z,1,1,2026-01-01,0,s,1\n");
        run(".create async materialized-view with (backfill=true, updateExtentsCreationTime=true) V on table T"
                + " { T | summarize count(), dcount(s) by k, bin(d, 1d) }");
        Await.until("the view", () -> !run(".show materialized-views | count").getLast().equals("0"));
        ingest(rows(5));
        assertThat(sorted("V")).isEqualTo(sorted("T | summarize count(), dcount(s) by k, bin(d, 1d)"));
        assertThat(run("materialized_view('V') | summarize sum(count_)").getLast()).isEqualTo("51");
        assertThat(run(".show materialized-view V extents | distinct MaxCreatedOn | count").getLast())
                .isEqualTo(run("T | where id < 50 or id == 1000 | distinct bin(d, 1d) | count").getLast());
        engine.views().look();
        assertThat(sorted("materialized_view('V')")).isEqualTo(sorted("T | summarize count(), dcount(s) by k, bin(d, 1d)"));
    }

    @Test
    void onlyRowsFromTheEffectiveTimeOnAreBackfilled() {
        run(".set-or-append T <| print a = 1");
        String until = run("print now() + 1ms").getLast();
        Await.until("the effective time", () -> run("print now() > datetime(" + until + ")").getLast().equals("true"));
        run(".append T <| print a = 2");
        run(".create-or-alter materialized-view with (backfill=true, effectiveDateTime=datetime(" + until
                + ")) V on table T { T | summarize sum(a) }");
        assertThat(run("V").getLast()).isEqualTo("2");
    }

    @Test
    void aViewFollowsItsSourcesColumnsWhereItIsToldTo() {
        run(".create table T (k:string, v:long)");
        run(".create materialized-view with (autoUpdateSchema=true) F on table T { T | summarize arg_max(v, *) by k }");
        run(".create materialized-view S on table T { T | summarize arg_max(v, *) by k }");
        run(".append T <| print k = 'a', v = 1");
        engine.views().look();
        run(".alter-merge table T (w:long)");
        run(".append T <| print k = 'b', v = 1, w = 5");
        engine.views().look();
        engine.views().look();
        assertThat(sorted("F")).containsExactly("k:string | v:long | w:long", "a | 1 | null", "b | 1 | 5");
        assertThat(sorted("S")).containsExactly("k:string | v:long", "a | 1", "b | 1");
        assertThat(run(".show materialized-view S | project IsEnabled, LastRunResult").getLast()).isEqualTo("false | Failed");
        assertThat(run(".show materialized-view S failures | project FailureKind").getLast()).isEqualTo("Permanent");
        run(".alter materialized-view S on table T { T | summarize arg_max(v, *) by k }");
        run(".enable materialized-view S");
        engine.views().look();
        assertThat(sorted("S")).containsExactly("k:string | v:long | w:long", "a | 1 | null", "b | 1 | 5");
    }

    @Test
    void aViewOverADeduplicatingViewTakesEachGroupOnce() {
        run(".create table T (k:string, v:long)");
        run(".create materialized-view D on table T { T | summarize take_any(*) by k }");
        run(".create materialized-view S on materialized-view D { D | summarize n = count(), s = sum(v) }");
        for (int i = 0; i < 40; i++) {
            run(".append T <| print k = 'k" + random.nextInt(12) + "', v = 7");
            if (random.nextInt(4) == 0) {
                engine.views().look();
            }
            String groups = run("T | distinct k | count").getLast();
            assertThat(run("S | project n").getLast()).as("seed %d", seed).isEqualTo(groups);
            assertThat(run("D | count").getLast()).as("seed %d", seed).isEqualTo(groups);
        }
    }

    @Test
    void manyRunsLeaveFewExtents() {
        run(".create table T (k:string, v:long)");
        run(".create materialized-view V on table T { T | summarize sum(v) by k }");
        for (int i = 0; i < 50; i++) {
            run(".append T <| print k = 'k" + i + "', v = 1");
            engine.views().look();
        }
        assertThat(Integer.parseInt(run(".show materialized-view V extents | count").getLast())).isLessThan(38);
        assertThat(run("materialized_view('V') | summarize count(), sum(sum_v)").getLast()).isEqualTo("50 | 50");
    }
}
