package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
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
}
