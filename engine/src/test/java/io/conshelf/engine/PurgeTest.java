package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.spec.ResultText;
import io.conshelf.engine.store.Purge;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is purged is gone: from queries at once, and from the files.
class PurgeTest {
    private static final Principal READER = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "reader", false);
    private static final String WHERE = " records in database Db with (noregrets='true') <| where ";

    @TempDir
    private Path folder;

    private Engine engine;
    private Instant now = Instant.parse("2026-03-10T10:00:00Z");

    @BeforeEach
    void open() {
        engine = Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of("Db"),
                Limits.ofThisMachine().withMemoryBytes(1L << 30), () -> now));
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> run(Principal principal, String text) {
        var request = new Request(principal, text.startsWith(".purge") ? "NetDefaultDB" : "Db", "purge", UUID.randomUUID(), Map.of(),
                Map.of(), "test", "test", now, Duration.ofMinutes(1), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private List<String> runIn(String database, String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, database, "purge", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                now, Duration.ofMinutes(1), false);
        try (var answer = engine.command(request, text)) {
            return ResultText.of(answer);
        }
    }

    private List<String> run(String text) {
        return run(Principal.LOCAL_ADMINISTRATOR, text);
    }

    private String only(String text) {
        return run(text).get(1);
    }

    private void ingest(String table, String csv) throws IOException {
        var file = Files.writeString(folder.resolve("staging").resolve("f-" + UUID.randomUUID()), csv);
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "ingest", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                now, Duration.ofMinutes(1), false);
        var source = new BatchIngestion.Source("s", file, false, 0);
        engine.ingestBatch(request, new BatchIngestion("Db", table, "csv", List.of(source), new BatchIngestion.Mapping.Identity(),
                java.util.Set.of(), java.util.Set.of(), Optional.empty(), false, BatchIngestion.Validation.NONE, Optional.empty()));
        Files.delete(file);
    }

    @Test
    void recordsGoAndTheOperationTellsSo() {
        run(".set-or-append T <| range a from 1 to 10 step 1");
        run(".set-or-append T <| range a from 11 to 20 step 1");
        assertThat(only(".purge table T" + WHERE + "a in (3, 14)")).contains("| Db | T |").contains("| Scheduled |");
        engine.purges().work();
        assertThat(run("T | summarize count(), countif(a in (3, 14))")).contains("18 | 0");
        assertThat(only(".show purges | project State, StateDetails, Retries"))
                .isEqualTo("Completed | Purge completed successfully | 0");
        assertThat(run(".show table T extents | project RowCount | sort by RowCount asc")).containsExactly("RowCount:long", "9", "9");
        assertThat(only(".show database Db purge operations | project TableName, State")).isEqualTo("T | Completed");
    }

    @Test
    void twoStepsNeedTheToken() {
        run(".set-or-append T <| range a from 1 to 10 step 1");
        var first = only(".purge table T records in database Db <| where a < 4").split(" \\| ");
        assertThat(first[0]).isEqualTo("3");
        assertThat(run("T | count")).contains("10");
        assertThatThrownBy(() -> run(".purge table T records in database Db with (verificationtoken=h'" + first[2] + "') <| where a < 5"))
                .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().message()).contains("verification token"));
        run(".purge table T records in database Db with (verificationtoken=h'" + first[2] + "') <| where a < 4");
        engine.purges().work();
        assertThat(run("T | count")).contains("7");
    }

    @Test
    void aTableIsPurgedAsAWhole() {
        run(".set-or-append T <| print a = 1");
        run(".set-or-append U <| print a = 1");
        String token = only(".purge table T in database Db allrecords");
        assertThat(token).matches("[0-9a-f]{64}");
        assertThat(run(".purge table T in database Db allrecords with (verificationtoken=h'" + token + "')"))
                .containsExactly("TableName:string | DatabaseName:string | Folder:string | DocString:string", "U | Db | \"\" | \"\"");
        assertThatThrownBy(() -> run("T")).isInstanceOf(KustoException.class);
    }

    @Test
    void onlyASimpleSelectionIsAPredicate() {
        run(".set-or-append T <| print a = 1, b = 'x'");
        for (var wrong : List.of("where a == 1 | where b == 'x'", "where a == 1 | project a", "extend c = 1", "where ingestion_time() < now()",
                "take 5", "where extent_id() == guid(null)")) {
            assertThatThrownBy(() -> run(".purge table T records in database Db <| " + wrong)).as(wrong)
                    .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().message()).contains("predicate"));
        }
    }

    @Test
    void aPredicateThatReadsAnotherTableIsRefused() {
        run(".set-or-append T <| print a = 1");
        run(".set-or-append Other <| print a = 1");
        assertThatThrownBy(() -> run(".purge table T" + WHERE + "a in (Other | project a)"))
                .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().message()).contains("'Other'", "1:13"));
        engine.purges().work();
        assertThat(run(".show purges | count")).contains("0");
        assertThat(run("T | count")).contains("1");
    }

    @Test
    void onlyAPurgeThatHasNotBegunCanBeCanceled() {
        run(".set-or-append T <| print a = 1");
        run(".purge table T" + WHERE + "a == 1");
        engine.purges().work();
        var done = only(".show purges | project OperationId");
        assertThat(only(".show purges " + done + " | project State")).isEqualTo("Completed");
        assertThat(only(".cancel purge " + done)).contains("| Completed |");
        assertThatThrownBy(() -> run(".cancel purge " + UUID.randomUUID())).isInstanceOf(KustoException.class);
        assertThat(run(".cancel all purges in database Db")).hasSize(2);
    }

    @Test
    void onlyAdministratorsOfTheDatabasePurge() {
        run(".set-or-append T <| print a = 1");
        run(".add database Db viewers ('aadapp=11111111-2222-3333-4444-555555555555;t')");
        assertThatThrownBy(() -> run(READER, ".purge table T" + WHERE + "a == 1")).isInstanceOf(KustoException.class);
        run(".purge table T" + WHERE + "a == 1");
        assertThat(run(READER, ".show purges | count")).contains("0");
    }

    @Test
    void whatWasAskedForIsDoneAfterARestart() {
        run(".set-or-append T <| range a from 1 to 5 step 1");
        run(".purge table T" + WHERE + "a == 2");
        close();
        open();
        engine.purges().work();
        assertThat(run("T | count")).contains("4");
        assertThat(only(".show purges | project State")).isEqualTo("Completed");
    }

    @Test
    void streamedRowsArePurgedAsWell() {
        run(".create table T (a:long)");
        run(".alter table T policy streamingingestion enable");
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "stream", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                now, Duration.ofMinutes(1), false);
        engine.ingestStream(request, new StreamingIngestion("Db", "T", "csv", Optional.empty(),
                new ByteArrayInputStream("1\n2\n3\n".getBytes(StandardCharsets.UTF_8)), Optional.empty()));
        run(".purge table T" + WHERE + "a == 2");
        engine.purges().work();
        assertThat(run("T | sort by a asc")).containsExactly("a:long", "1", "3");
    }

    @Test
    void theMaterializedPartOfAViewIsPurged() {
        run(".create table T (k:string, v:long)");
        run(".create materialized-view V on table T { T | summarize take_any(v) by k }");
        run(".set-or-append T <| datatable(k:string, v:long)['a', 1, 'b', 2]");
        engine.views().look();
        assertThatThrownBy(() -> run(".purge materialized-view Nope" + WHERE + "k == 'a'")).isInstanceOf(KustoException.class);
        run(".purge table T" + WHERE + "k == 'a'");
        run(".purge materialized-view V" + WHERE + "k == 'a'");
        engine.purges().work();
        assertThat(run(".show purges | project State, StateDetails")).containsExactly("State:string | StateDetails:string",
                "Completed | Purge completed successfully", "Completed | Purge completed successfully");
        assertThat(run("V")).containsExactly("k:string | v:long", "b | 2");
    }

    @Test
    void nothingOfWhatWasPurgedIsLeftInTheFiles() throws IOException {
        // Few values, and such as no compression makes shorter, so that they stand in the file as they are.
        var secrets = List.of("SECRETzqXvBnMpLkJh1", "SECRETwRtYuIoPaSdF2", "SECRETgHjKlZxCvBnM3");
        var csv = new StringBuilder();
        for (int i = 0; i < 20_000; i++) {
            csv.append(i % 50 == 7 ? secrets.get(i % 3) : "public").append(',').append(i).append('\n');
        }
        run(".create table T (who:string, n:long)");
        ingest("T", csv.toString());
        run(".create table Other (who:string)");
        ingest("Other", "kept\n");
        engine.close();
        open();
        assertThat(occurrences(secrets.getFirst())).isNotEmpty();
        run(".purge table T" + WHERE + "who startswith 'SECRET'");
        engine.purges().work();
        assertThat(run("T | count")).contains("19600");
        assertThat(only(".show purges | project StateDetails")).isEqualTo("Purge completed successfully");
        assertThat(secrets).allSatisfy(secret -> assertThat(occurrences(secret)).isEmpty());
        assertThat(run("Other | count")).contains("1");
    }

    /// A function's name in a text or before its parentheses is seen as what it is.
    @Test
    void theWordsOfAPredicateAreReadAsTheLanguageReadsThem() {
        run(".set-or-append T <| datatable(b:string)['extent_id()', 'a  b', 'a b']");
        assertThat(only(".purge table T records in database Db <| where b == 'extent_id()'")).startsWith("1 |");
        assertThatThrownBy(() -> run(".purge table T records in database Db <| where extent_id //\n() == guid(null)"))
                .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().message()).contains("system functions"));
        assertThatThrownBy(() -> run(".purge table T records in database Db <| where b in ((T | where extent_id() == guid(null)))"))
                .isInstanceOfSatisfying(KustoException.class, e -> assertThat(e.error().message()).contains("system functions"));
    }

    @Test
    void blanksInTextsMakeAnotherPurgeAndOthersDoNot() {
        run(".set-or-append T <| datatable(b:string)['a  b', 'a b']");
        String token = only(".purge table T records in database Db <| where b == 'a b'").split(" \\| ")[2];
        String again = only(".purge table T records in database Db <| where  b  ==\n'a b'").split(" \\| ")[2];
        String other = only(".purge table T records in database Db <| where b == 'a  b'").split(" \\| ")[2];
        assertThat(again).isEqualTo(token);
        assertThat(other).isNotEqualTo(token);
    }

    @Test
    void aPredicateMayNameAnAggregateInATextOnly() {
        run(".create table T (k:string, v:long)");
        run(".create materialized-view V on table T { T | summarize total = dcount(v) by k }");
        run(".set-or-append T <| datatable(k:string, v:long)['total', 1, 'b', 2]");
        engine.views().look();
        assertThatThrownBy(() -> run(".purge materialized-view V" + WHERE + "total > 1")).isInstanceOf(KustoException.class);
        run(".purge materialized-view V" + WHERE + "k == 'total'");
        engine.purges().work();
        assertThat(run("V | project k")).containsExactly("k:string", "b");
    }

    @Test
    void aRunThatFailedIsRepeatedAfterAPause() {
        var purge = new Purge(UUID.randomUUID(), "T", false, "where a == 1", now, now, now, Purge.State.SCHEDULED, "", Optional.empty(),
                Optional.empty(), Duration.ZERO, 0, "", "p", false);
        var first = purge.begun(UUID.randomUUID(), now).toRepeat("the disk is full", Duration.ofSeconds(1), now);
        assertThat(first.isPending()).isTrue();
        assertThat(first.retries()).isEqualTo(1);
        assertThat(first.notBefore()).isEqualTo(now.plus(Duration.ofMinutes(1)));
        var second = first.begun(UUID.randomUUID(), now).toRepeat("the disk is full", Duration.ofSeconds(1), now);
        assertThat(second.notBefore()).isEqualTo(now.plus(Duration.ofMinutes(2)));
        assertThat(second.retries()).isEqualTo(2);
    }

    @Test
    void theLongerRowsWaitToLeaveTheFileTheLongerQueriesAreWaitedFor() {
        assertThat(Purges.patience(Duration.ZERO)).isEqualTo(Duration.ofSeconds(5));
        assertThat(Purges.patience(Duration.ofSeconds(-30))).isEqualTo(Duration.ofSeconds(5));
        assertThat(Purges.patience(Duration.ofMinutes(20))).isEqualTo(Duration.ofMinutes(2));
        assertThat(Purges.patience(Duration.ofDays(7))).isEqualTo(Duration.ofMinutes(20));
    }

    /// The write that begins the purge of the one database fails, and that one was asked for first.
    @Test
    void aDatabaseThatCannotBeWrittenHoldsNoOtherUp() {
        run(".create database Broken ifnotexists");
        runIn("Broken", ".set-or-append T <| range a from 1 to 5 step 1");
        run(".set-or-append T <| range a from 1 to 5 step 1");
        var order = new Purge(UUID.randomUUID(), "T", false, "where a == 2", now, now, now, Purge.State.SCHEDULED, "", Optional.empty(),
                Optional.empty(), Duration.ZERO, 0, "", Principal.LOCAL_ADMINISTRATOR.fullyQualifiedName(), false);
        for (var database : List.of("Broken", "Db")) {
            engine.storage().writer(database).change(transaction -> {
                transaction.setUpkeep(upkeep -> upkeep.with(order, now));
                return order;
            });
            now = now.plusSeconds(1);
        }
        engine.storage().writer("Broken").change(transaction -> {
            try (var statement = transaction.connection().createStatement()) {
                statement.execute("ALTER TABLE " + transaction.database().id() + ".conshelf.entities RENAME TO gone");
            }
            return order;
        });
        engine.purges().work();
        assertThat(run("T | count")).contains("4");
        assertThat(only(".show database Db purge operations | project State")).isEqualTo("Completed");
        assertThat(engine.storage().snapshot().existing("Broken").upkeep().purges().getFirst().isPending()).isTrue();
    }

    @Test
    void nothingOfWhatWasPurgedIsLeftInTheCopyOfADamagedLog() throws IOException {
        run(".create table T (a:string)");
        run(".alter table T policy streamingingestion enable");
        stream("SECRET-one\n");
        stream("SECRET-two\n");
        var database = engine.storage().snapshot().existing("Db").id();
        engine.close();
        Files.writeString(folder.resolve("data/databases/" + database + ".rows.1.damaged"), "SECRET-one");
        open();
        run(".purge table T" + WHERE + "a startswith 'SECRET'");
        engine.purges().work();
        assertThat(only(".show purges | project StateDetails")).isEqualTo("Purge completed successfully");
        assertThat(occurrences("SECRET-one")).isEmpty();
        try (var files = Files.walk(folder)) {
            assertThat(files.filter(f -> f.toString().endsWith(".damaged"))).isEmpty();
        }
    }

    private void stream(String csv) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "stream", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                now, Duration.ofMinutes(1), false);
        engine.ingestStream(request, new StreamingIngestion("Db", "T", "csv", Optional.empty(),
                new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    /// Where a text stands in the files of the cluster: the file's name and the place in it.
    private List<String> occurrences(String text) throws IOException {
        var found = new ArrayList<String>();
        try (var files = Files.walk(folder)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var bytes = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
                for (int at = bytes.indexOf(text); at >= 0; at = bytes.indexOf(text, at + 1)) {
                    found.add(file.getFileName() + " at " + at + " of " + bytes.length());
                }
            }
        }
        return found;
    }
}
