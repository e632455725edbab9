package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.spec.ResultText;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// Small extents become one, and nobody who reads rows can tell.
class ExtentMergeTest extends OnDatabase {
    private static final int MANY = 12;
    private static final int WRITES = Boolean.getBoolean("conshelf.full") ? 60 : 25;

    @Override
    InstantSource clock() {
        return InstantSource.fixed(NOW);
    }

    private String last(String text) {
        return run(text).getLast();
    }

    private void append(int times, String properties) {
        for (int i = 0; i < times; i++) {
            run(".set-or-append T " + properties + " <| print id = " + i);
        }
    }

    private String extents() {
        return last(".show table T extents | count");
    }

    @Test
    void manySmallExtentsBecomeOneThatSumsThemUp() {
        append(MANY, "with (tags='[\"a\"]')");
        append(1, "with (tags='[\"b\", \"ingest-by:once\"]', creationTime='2026-03-10 08:00')");
        var rows = run("T | project id, ingestion_time() | order by id asc");
        var size = last(".show table T extents | summarize sum(OriginalSize)");

        engine.merges().look();

        assertThat(run(".show table T extents | project RowCount, OriginalSize = OriginalSize == " + size
                + ", MinCreatedOn, MaxCreatedOn, Tags = replace_string(Tags, '\\r\\n', ' ')").getLast())
                .contains("13", "true", "2026-03-10T08:00:00", "2026-03-10T10:00:00", "a b ingest-by:once");
        assertThat(run("T | project id, ingestion_time() | order by id asc")).isEqualTo(rows);
        assertThat(last("T | summarize dcount(extent_id())")).isEqualTo("1");
        assertThat(last("T | where extent_tags() has 'once' | count")).isEqualTo("13");
        run(".set-or-append T with (ingestIfNotExists='[\"once\"]') <| print id = 99");
        assertThat(last("T | count")).isEqualTo("13");
    }

    @Test
    void whatWasMergedIsMergedWhenTheDataIsOpenedAgainAndCanBeMovedTaggedAndDropped() {
        append(MANY, "");
        engine.merges().look();
        var merged = last(".show table T extents | project ExtentId");
        reopen();
        assertThat(last(".show table T extents | project ExtentId")).isEqualTo(merged);
        assertThat(last("T | where extent_id() == guid(" + merged + ") | count")).isEqualTo("12");
        run(".alter-merge table T extent tags ('kept') <| .show table T extents");
        assertThat(last("T | where extent_tags() has 'kept' | count")).isEqualTo("12");
        run(".delete table T records <| T | where id < 2");
        assertThat(last(".show table T extents | project RowCount")).isEqualTo("10");
        run(".create table Other (id:long)");
        run(".move extents all from table T to table Other");
        assertThat(last("Other | count")).isEqualTo("10");
        run(".drop extents from Other");
        assertThat(last("Other | count")).isEqualTo("0");
    }

    @Test
    void extentsOfOtherDropByTagsStayApart() {
        append(MANY, "with (tags='[\"drop-by:x\"]')");
        append(MANY, "with (tags='[\"drop-by:y\", \"z\"]')");
        append(2, "");
        engine.merges().look();
        assertThat(extents()).isEqualTo("4");
        run(".drop extents <| .show table T extents where tags has 'drop-by:x'");
        assertThat(last("T | count")).isEqualTo("14");
    }

    @Test
    void fewExtentsAreLeftAsTheyAre() {
        append(9, "");
        engine.merges().look();
        assertThat(extents()).isEqualTo("9");
    }

    @Test
    void thePolicyForbidsAndBounds() {
        append(MANY, "");
        run(".alter table T policy merge '{\"AllowMerge\":false,\"AllowRebuild\":false}'");
        engine.merges().look();
        assertThat(extents()).isEqualTo("12");
        run(".alter table T policy merge '{\"RowCountUpperBoundForMerge\":5}'");
        engine.merges().look();
        assertThat(extents()).isEqualTo("12");
        run(".alter table T policy merge '{\"OriginalSizeMBUpperBoundForMerge\":0}'");
        engine.merges().look();
        assertThat(extents()).isEqualTo("12");
        run(".alter table T policy merge '{\"MaxExtentsToMerge\":7}'");
        engine.merges().look();
        assertThat(extents()).isEqualTo("6");
    }

    @Test
    void extentsFarApartOrLongPastStayApart() {
        append(6, "with (creationTime='2026-03-08')");
        append(6, "with (creationTime='2026-03-09 12:00')");
        append(MANY, "with (creationTime='2026-02-01')");
        engine.merges().look();
        assertThat(extents()).isEqualTo("24");
        run(".alter table T policy merge '{\"Lookback\":{\"Kind\":\"All\"}}'");
        engine.merges().look();
        assertThat(extents()).isEqualTo("13");
        run(".alter table T policy merge '{\"MaxRangeInHours\":48}'");
        engine.merges().look();
        assertThat(extents()).isEqualTo("2");
    }

    @Test
    void whereRowsAreKeptForAShortTimeOnlyExtentsOfAboutTheSameAgeAreMerged() {
        append(6, "with (creationTime='2026-03-10 09:00')");
        append(6, "with (creationTime='2026-03-10 07:00')");
        run(".alter-merge table T policy retention softdelete = 1d");
        engine.merges().look();
        assertThat(extents()).isEqualTo("12");
    }

    @Test
    void aCommandMergesTheExtentsItNames() {
        append(3, "");
        append(1, "with (tags='[\"drop-by:x\"]')");
        var ids = run(".show table T extents where tags !has 'drop-by:x' | project ExtentId");
        var named = ids.get(1) + ", " + ids.get(2);
        assertThat(run(".merge dryrun T (" + named + ")")).contains(ids.get(1) + " | \"\" | 00:00:00");
        assertThat(extents()).isEqualTo("4");
        var result = run(".merge T (" + named + ") with (rebuild=true)");
        assertThat(result).hasSize(3);
        assertThat(extents()).isEqualTo("3");
        assertThat(last(".show table T extents | where RowCount == 2 | project ExtentId")).isEqualTo(result.getLast().split(" \\| ")[1]);
        var tagged = last(".show table T extents where tags has 'drop-by:x' | project ExtentId");
        assertThatThrownBy(() -> run(".merge T (" + ids.get(3) + ", " + tagged + ")")).hasMessageContaining("drop-by:");
        assertThatThrownBy(() -> run(".merge T (" + named + ")")).hasMessageContaining("was not found");
        assertThatThrownBy(() -> run(".merge T (" + tagged + ")")).hasMessageContaining("two or more");
        assertThat(last("T | count")).isEqualTo("4");
    }

    @Test
    void updatePoliciesDoNotRunAgain() {
        run(".create table T (id:long)");
        run(".create table Derived (id:long)");
        run(".alter table Derived policy update '[{\"IsEnabled\":true,\"Source\":\"T\",\"Query\":\"T\"}]'");
        append(MANY, "");
        engine.merges().look();
        assertThat(extents()).isEqualTo("1");
        assertThat(last("Derived | count")).isEqualTo("12");
    }

    @Test
    void everyRowIsSeenOnceByWhoPollsWhileExtentsAreMergedTaggedAndDropped() throws Exception {
        run(".create table T (id:long)");
        var ids = new AtomicLong();
        var failures = new ArrayList<Throwable>();
        var running = new AtomicInteger(3);
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < 2; i++) {
            threads.add(write(running, failures, () -> {
                long id = ids.getAndIncrement();
                run(".append T <| print id = " + id);
            }));
        }
        threads.add(write(running, failures, () -> {
            run(".append T with (tags='[\"drop-by:gone\"]') <| print id = -1");
            run(".alter-merge table T extent tags ('seen') <| .show table T extents where tags !has 'drop-by:gone'");
            run(".drop extents <| .show table T extents where tags has 'drop-by:gone'");
        }));
        var seen = new HashMap<String, Integer>();
        String after = "";
        while (running.get() > 0) {
            engine.merges().look();
            after = poll(after, seen);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        engine.merges().look();
        poll(after, seen);
        assertThat(failures).isEmpty();
        assertThat(seen).hasSize((int) ids.get());
        assertThat(seen.values()).allMatch(times -> times == 1);
        assertThat(last(".show table T extents | summarize sum(RowCount)")).isEqualTo(Long.toString(ids.get()));
        assertThat(Integer.parseInt(extents())).isLessThan(20);
    }

    private Thread write(AtomicInteger running, List<Throwable> failures, Runnable write) {
        return Thread.ofPlatform().start(() -> {
            try {
                for (int i = 0; i < WRITES; i++) {
                    write.run();
                }
            } catch (Throwable e) {
                synchronized (failures) {
                    failures.add(e);
                }
            } finally {
                running.decrementAndGet();
            }
        });
    }

    private String poll(String after, Map<String, Integer> seen) {
        try (var answer = engine.query(request(Principal.LOCAL_ADMINISTRATOR, Map.of("notruncation", true)), "T | where cursor_after('" + after + "') | where id >= 0 | project id")) {
            String told = answer.cursor().orElseThrow();
            List<String> rows = ResultText.of(answer);
            rows.subList(1, rows.size()).forEach(id -> seen.merge(id, 1, Integer::sum));
            return told;
        }
    }
}
