package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a principal without, or with few, roles may do: asked in one place, before work starts.
class AccessTest {
    private static final Principal READER = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "reader", false);

    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Mine", "Other")));
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".set-or-append T <| print a = 1");
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".set-or-append Secret <| print a = 1");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> run(Principal principal, String database, String text) {
        var request = new Request(principal, database, "access", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private void grant(String database, String role) {
        run(Principal.LOCAL_ADMINISTRATOR, database,
                ".add database " + database + " " + role + " ('aadapp=11111111-2222-3333-4444-555555555555;t')");
    }

    private void assertForbidden(String database, String text) {
        assertThatThrownBy(() -> run(READER, database, text))
                .isInstanceOfSatisfying(KustoException.class, e -> {
                    assertThat(e.error().httpStatus()).as(e.getMessage()).isEqualTo(403);
                    assertThat(e.error().code()).isEqualTo("Forbidden");
                });
    }

    @Test
    void withoutARoleNothingIsSeen() {
        assertForbidden("Mine", "T");
        assertForbidden("Mine", ".show tables");
        assertForbidden("Mine", ".create table U (a:long)");
        assertThat(run(READER, "Mine", ".show databases | project DatabaseName")).containsExactly("DatabaseName:string");
    }

    @Test
    void aViewerReadsAndDoesNotWrite() {
        grant("Mine", "viewers");
        assertThat(run(READER, "Mine", "T")).containsExactly("a:long", "1");
        assertForbidden("Mine", ".create table U (a:long)");
        assertForbidden("Mine", ".append T <| print a = 2");
        assertForbidden("Mine", ".drop table T");
        assertForbidden("Mine", ".add database Mine admins ('aadapp=11111111-2222-3333-4444-555555555555;t')");
    }

    @Test
    void anotherDatabaseIsAsIfItWereNotThere() {
        grant("Mine", "viewers");
        assertThatThrownBy(() -> run(READER, "Mine", "database('Other').Secret"))
                .isInstanceOf(KustoException.class)
                .hasMessageContaining("Other");
        assertThat(run(READER, "Mine", ".show databases | project DatabaseName")).containsExactly("DatabaseName:string", "Mine");
    }

    @Test
    void onlyAdministratorsAreShownWhatAnEntityGroupNames() {
        grant("Mine", "viewers");
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".create entity_group Group (database('Mine'), database('Other'))");
        assertForbidden("Mine", ".show entity_group Group");
        assertForbidden("Mine", ".show entity_groups");
        List<String> shows = List.of(".show database schema as csl script", ".show databases entities", ".show database Mine entity Group");
        assertThat(shows).allSatisfy(show -> assertThat(run(READER, "Mine", show).toString()).doesNotContain("Other"));
        assertThat(shows).allSatisfy(show -> assertThat(run(Principal.LOCAL_ADMINISTRATOR, "Mine", show).toString()).contains("database('Other')"));
        grant("Mine", "admins");
        assertThat(shows).allSatisfy(show -> assertThat(run(READER, "Mine", show).toString()).contains("database('Other')"));
    }

    @Test
    void aNameWithStarsMeansTheDatabasesThatOneMayRead() {
        assertThat(run(Principal.LOCAL_ADMINISTRATOR, "Mine", "union withsource=t T, database('O*').Sec* | sort by t asc"))
                .containsExactly("t:string | a:long", "\"database(\\\"Mine\\\").T\" | 1", "\"database(\\\"Other\\\").Secret\" | 1");
        assertThat(run(Principal.LOCAL_ADMINISTRATOR, "Mine", "find in (database('*').*) where a == 1 | count")).containsExactly("Count:long", "2");
        assertThat(run(Principal.LOCAL_ADMINISTRATOR, "Mine", "database('*').Secret | count")).containsExactly("Count:long", "1");
        grant("Mine", "viewers");
        assertThat(run(READER, "Mine", "find in (database('*').*) where a == 1")).containsExactly("source_:string | a:long", "T | 1");
        assertThatThrownBy(() -> run(READER, "Mine", "union database('O*').*")).isInstanceOf(KustoException.class).hasMessageContaining("O*");
    }

    /// It would be asked later by others, or as the administrator, to whom it means other databases.
    @Test
    void aQueryThatIsKeptNamesEachDatabase() {
        var admin = Principal.LOCAL_ADMINISTRATOR;
        run(admin, "Mine", ".create table Target (a:long)");
        run(admin, "Mine", ".create function All() { find in (database('*').*) where a == 1 | project a }");
        for (String query : List.of("T | union database('O*').Sec* | project a", "T | project a | union (All())")) {
            assertThatThrownBy(() -> run(admin, "Mine", ".alter table Target policy update @'[{\"IsEnabled\":true,\"Source\":\"T\",\"Query\":\""
                    + query.replace("'", "''") + "\"}]'")).as(query).hasMessageContaining("has a star");
            assertThatThrownBy(() -> run(admin, "Mine", ".alter table T policy row_level_security enable \"" + query + "\"")).as(query).hasMessageContaining("has a star");
        }
        assertThatThrownBy(() -> run(admin, "Mine", ".create materialized-view V on table T { T | where a in (All()) | summarize count() by a }"))
                .hasMessageContaining("has a star");
        // Whoever changes a function later is not asked: then it is refused when it is read.
        run(admin, "Mine", ".create-or-alter function All() { T | project a }");
        run(admin, "Mine", ".alter table T policy row_level_security enable \"All()\"");
        run(admin, "Mine", ".create-or-alter function All() { union T, database('O*').Sec* | project a }");
        assertThatThrownBy(() -> run(admin, "Mine", "T")).hasMessageContaining("has a star");
        run(admin, "Mine", ".delete table T policy row_level_security");
        assertThat(run(admin, "Mine", "All() | count")).containsExactly("Count:long", "2");
    }

    @Test
    void theDatabaseThatACommandNamesIsTheOneThatCounts() {
        grant("Mine", "admins");
        assertForbidden("Mine", ".show database Other cslschema");
        assertForbidden("Mine", ".show database Other ingestion mappings");
        assertForbidden("Mine", ".show databases (Other) schema");
        assertForbidden("Mine", ".show databases (Mine, Other) extents");
        assertForbidden("Mine", ".drop extents <| .show database Other extents");
        assertForbidden("Other", ".drop extents <| print ExtentId = new_guid()");
    }

    @Test
    void anIngestorAppendsAndDoesNotRead() {
        grant("Mine", "ingestors");
        assertForbidden("Mine", "T");
        assertThat(run(READER, "Mine", ".ingest inline into table T <| 2")).hasSize(2);
    }

    @Test
    void aRestrictedViewIsForUnrestrictedViewersOnly() {
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".alter table T policy restricted_view_access true");
        grant("Mine", "viewers");
        assertThatThrownBy(() -> run(READER, "Mine", "T")).isInstanceOf(KustoException.class);
        assertThatThrownBy(() -> run(READER, "Mine", "union *")).isInstanceOf(KustoException.class);
        grant("Mine", "admins");
        assertThatThrownBy(() -> run(READER, "Mine", ".set-or-append U <| T")).isInstanceOf(KustoException.class);
        grant("Mine", "unrestrictedviewers");
        assertThat(run(READER, "Mine", "T")).containsExactly("a:long", "1");
    }

    @Test
    void everyDatabaseThatACommandNamesMustGrantIt() {
        grant("Mine", "viewers");
        assertForbidden("Mine", ".show databases (Mine, Other) extents");
        assertForbidden("Mine", ".show databases (Other) extents");
    }

    @Test
    void anIngestorDoesNotChangeTheSchema() {
        grant("Mine", "ingestors");
        grant("Mine", "viewers");
        assertForbidden("Mine", ".append T with (extend_schema=true) <| print a = 2, b = 'more'");
        assertThat(run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".show table T cslschema | project Schema"))
                .containsExactly("Schema:string", "a:long");
    }

    @Test
    void hiddenStringsAreNotShownOfWhatRan() {
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", "print h'topsecret', h@\"topsecret\", h```topsecret```");
        assertThat(run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".show queries | project Text").toString())
                .contains("print h'*****'")
                .doesNotContain("topsecret");
    }

    @Test
    void aLongHiddenStringCostsNoStack() {
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".create function F() { print h'" + "x".repeat(400_000) + "' }");
        assertThat(run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".show functions | project Body").toString())
                .contains("h'*****'");
    }

    @Test
    void aReadOnlyRequestWritesNothing() {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Mine", "ro", UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), true);
        assertThatThrownBy(() -> engine.command(request, ".drop table T")).hasMessageContaining("read-only");
        assertThat(run(Principal.LOCAL_ADMINISTRATOR, "Mine", "T")).hasSize(2);
    }

    private void grantCluster(String role) {
        run(Principal.LOCAL_ADMINISTRATOR, "Mine",
                ".add cluster " + role + " ('aadapp=11111111-2222-3333-4444-555555555555;t')");
    }

    @Test
    void aRoleOnTheClusterHoldsForAllDatabases() {
        grantCluster("viewers");
        assertThat(run(READER, "Mine", "T")).containsExactly("a:long", "1");
        assertThat(run(READER, "Other", "Secret")).containsExactly("a:long", "1");
        assertForbidden("Mine", ".drop table T");
        assertForbidden("Mine", ".show cluster principals");
        grantCluster("alldatabasesadmins");
        assertThat(run(READER, "Mine", ".show cluster principals | count")).containsExactly("Count:long", "3");
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".set cluster admins none");
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".set cluster viewers none skip-results");
        assertForbidden("Mine", "T");
    }

    @Test
    void aMonitorOfTheClusterSeesNoRows() {
        grantCluster("alldatabasesmonitors");
        assertThat(run(READER, "Mine", ".show tables | project TableName")).containsExactly("TableName:string", "T");
        assertForbidden("Mine", "T");
    }

    @Test
    void aDatabaseCreatorAdministersWhatItCreates() {
        assertForbidden("Mine", ".create database Made");
        grantCluster("databasecreators");
        run(READER, "Mine", ".create database Made");
        assertThat(run(READER, "Made", ".create table U (a:long)")).isNotEmpty();
    }

    @Test
    void whoMakesSomethingAdministersIt() {
        grant("Mine", "users");
        run(READER, "Mine", ".create table U (a:long)");
        run(READER, "Mine", ".create function F() { T }");
        assertThat(run(READER, "Mine", ".show table U principals | project Role")).containsExactly("Role:string", "Table U Admin");
        assertThat(run(READER, "Mine", ".alter function F() { T | count }")).hasSize(2);
        assertThat(run(READER, "Mine", ".drop table U")).isNotEmpty();
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".create function G() { T }");
        assertForbidden("Mine", ".alter function G() { print 1 }");
        assertForbidden("Mine", ".create-or-alter function G() { print 1 }");
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".add function G admins ('11111111-2222-3333-4444-555555555555')");
        assertThat(run(READER, "Mine", ".alter function G() { print 1 }")).hasSize(2);
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".drop function G");
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".create function G() { T }");
        assertForbidden("Mine", ".alter function G() { print 1 }");
    }

    @Test
    void anAdministratorOfAViewIsNoneOfItsDatabase() {
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".create materialized-view V on table T { T | summarize count() by a }");
        assertForbidden("Mine", ".disable materialized-view V");
        run(Principal.LOCAL_ADMINISTRATOR, "Mine",
                ".add materialized-view V admins ('aadapp=11111111-2222-3333-4444-555555555555;t') 'on duty'");
        assertThat(run(READER, "Mine", ".disable materialized-view V")).hasSize(2);
        assertForbidden("Mine", ".create materialized-view W on table T { T | summarize count() by a }");
        assertThat(run(READER, "Mine", ".show principal access | project Scope, Role"))
                .containsExactly("Scope:string | Role:string", "MaterializedView V | Admin");
    }

    @Test
    void whoHasNoRoleIsNotToldWhatThereIs() {
        String asked = ".show principal access with (accesstype='ingest', database='%s', table='%s') | project Database, Table, IsAllowed";
        String aboutAnother = ".show principal access with (principal='aadapp=99999999-2222-3333-4444-555555555555;t', accesstype='ingest', database='%s')";
        for (String database : List.of("Mine", "NoSuchDatabase")) {
            assertThat(run(READER, "Mine", asked.formatted(database, "T")).getLast()).isEqualTo(database + " | T | false");
            assertForbidden("Mine", aboutAnother.formatted(database));
        }
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".create table U (a:long)");
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".add table T ingestors ('aadapp=11111111-2222-3333-4444-555555555555;t')");
        assertThat(run(READER, "Mine", asked.formatted("Mine", "T")).getLast()).isEqualTo("Mine | T | true");
        for (String table : List.of("U", "NoSuchTable")) {
            assertThat(run(READER, "Mine", asked.formatted("Mine", table)).getLast()).isEqualTo("Mine | " + table + " | false");
        }
        grant("Mine", "viewers");
        assertThatThrownBy(() -> run(READER, "Mine", asked.formatted("Mine", "NoSuchTable"))).hasMessageContaining("is no table");
    }

    /// The refusal of what there is, is that of what there is not.
    @Test
    void whoHasNoRoleIsToldTheSameOfWhatThereIsAndOfWhatThereIsNot() {
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".create function F() { T }");
        for (String text : List.of(".ingest inline into table {T} <| 1", ".set-or-append {T} <| print a = 1", ".append {T} <| print a = 1", ".drop table {T}", ".drop table {T} ifexists",
                ".alter table {T} policy caching hot = 1d", ".show table {T} principals", ".show table {T} cslschema", ".show table {T} extents",
                ".add table {T} admins ('aadapp=11111111-2222-3333-4444-555555555555;t')", ".create-or-alter function {F}() { print 1 }", ".drop function {F}",
                ".show function {F} principals", ".show function {F}", "{T}", "{F}()", "table('{T}')")) {
            String there = refusal(text.replace("{T}", "T").replace("{F}", "F"));
            assertThat(there).as(text).contains("not authorized").isEqualTo(refusal(text.replace("{T}", "Nope").replace("{F}", "Nope")));
        }
        for (String text : List.of(".show table {T} principal roles", ".show function {T} principal roles", ".show table {T} principal 'aadapp=99999999-2222-3333-4444-555555555555;t' roles")) {
            assertThat(refusal(text.replace("{T}", text.contains("function") ? "F" : "T"))).as(text).isEqualTo(refusal(text.replace("{T}", "Nope")));
        }
        for (BiConsumer<Engine, String> ingestion : List.<BiConsumer<Engine, String>>of((to, table) -> to.requireIngestor(READER, "Mine", table),
                (to, table) -> to.requireIngestorOrViewer(READER, "Mine", table), (to, table) -> to.requireFutureIngestor(READER, "Mine", table))) {
            String there = refusal(() -> ingestion.accept(engine, "T"));
            assertThat(there).contains("not authorized").isEqualTo(refusal(() -> ingestion.accept(engine, "Nope")));
        }
    }

    private static String refusal(Runnable asking) {
        return assertThatThrownBy(asking::run).actual().getMessage();
    }

    private String refusal(String text) {
        try {
            return "answered with " + run(READER, "Mine", text);
        } catch (KustoException refused) {
            return refused.getMessage();
        }
    }

    @Test
    void whoOnlyIngestsIsNotToldWhoElseIsThere() {
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".add database Mine admins ('aadapp=99999999-2222-3333-4444-555555555555;t')");
        run(Principal.LOCAL_ADMINISTRATOR, "Mine", ".add table T ingestors ('aadapp=11111111-2222-3333-4444-555555555555;t')");
        for (String text : List.of(".show databases details", ".show databases policies")) {
            assertThat(run(READER, "Mine", text).toString()).as(text).contains("Mine").doesNotContain("99999999");
        }
        grant("Mine", "viewers");
        assertThat(run(READER, "Mine", ".show databases details").toString()).contains("99999999");
    }
}
