package io.conshelf.engine;

import io.conshelf.engine.spec.ResultText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/// Databases with rows that a policy hides, of one engine: by row-level security (table `Secured`, of which the row with a = 1 is hidden from
/// everybody) and by a restricted view (table `Restricted`, hidden from all but unrestricted viewers). `mine` is the one that is asked.
abstract class OnHiddenRows {
    static final String HIDDEN = "hidden-row";
    /// May do everything in the database but read what is hidden.
    static final Principal ADMIN = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "admin", false);
    static final Principal TABLE_ADMIN = new Principal("aadapp=21111111-2222-3333-4444-555555555555;t", "table admin", false);
    static final String MODEL = ".create-or-alter graph_model Net '{\"Definition\":{\"Steps\":[{\"Kind\":\"AddEdges\",\"Query\":\"%s\","
            + "\"SourceColumn\":\"a\",\"TargetColumn\":\"b\"}]}}'";

    @TempDir
    private static Path shared;
    private static Engine engine;
    private static int databases;

    Path folder;
    String mine;

    @BeforeAll
    static void open() {
        engine = Engine.open(new EngineConfig(
                Optional.empty(), shared.resolve("staging"), List.of(shared), List.of("Other"), Limits.ofThisMachine(), InstantSource.system()));
        for (String role : List.of("admins", "viewers", "users")) {
            run(Principal.LOCAL_ADMINISTRATOR, "Other", ".add database Other " + role + " ('" + ADMIN.fullyQualifiedName() + "')");
        }
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    /// Asks this database from now on.
    void ask(String database) {
        mine = database;
        folder = shared.resolve(mine);
    }

    void createDatabase() {
        ask("Mine" + ++databases);
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".create database " + mine);
    }

    void dropDatabase() {
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".drop database " + mine);
    }

    void fillTables() {
        local(".create table Plain (a:long, b:string)");
        for (String table : List.of("Secured", "Restricted")) {
            local(".create table " + table + " (a:long, b:string)");
            local(".set-or-append " + table + " <| datatable(a:long, b:string) [1, '" + HIDDEN + "', 2, '"
                    + (table.equals("Secured") ? "shown" : "closed") + "']");
        }
        local(".set-or-append Plain <| print a = 1, b = 'plain'");
        local(".alter table Secured policy row_level_security enable \"Secured | where a > 1\"");
        local(".create function with (view=true) OfSecured() { Secured }");
        local(".create function with (view=true) OfRestricted() { Restricted }");
        local(".alter table Restricted policy restricted_view_access true");
        for (String role : List.of("admins", "viewers", "users")) {
            local(".add database " + mine + " " + role + " ('" + ADMIN.fullyQualifiedName() + "')");
        }
    }

    /// What hides rows beside tables, and an administrator of single tables.
    void fillViewsAndFiles() {
        try {
            Files.createDirectories(folder.resolve("external"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        local(".create external table SecuredFiles (a:long, b:string) kind=storage dataformat=csv (h@'" + folder.resolve("external") + "')");
        local(".export to table SecuredFiles <| print a = 1, b = '" + HIDDEN + "'");
        local(".create table Viewed (a:long, b:string)");
        local(".create materialized-view SecuredView on table Viewed { Viewed | summarize take_any(b) by a }");
        local(".set-or-append Viewed <| datatable(a:long, b:string) [1, 'below', 2, 'seen']");
        local(".alter materialized-view SecuredView policy row_level_security enable \"SecuredView | where a > 1\"");
        local(".alter external table SecuredFiles policy row_level_security enable \"external_table('SecuredFiles') | where a > 1\"");
        local(".add database " + mine + " viewers ('" + TABLE_ADMIN.fullyQualifiedName() + "')");
        for (String table : List.of("Secured", "Restricted")) {
            local(".create table Into" + table + " (a:long, b:string)");
            local(".add table " + table + " admins ('" + TABLE_ADMIN.fullyQualifiedName() + "')");
            local(".add table Into" + table + " admins ('" + TABLE_ADMIN.fullyQualifiedName() + "')");
        }
    }

    void local(String text) {
        run(Principal.LOCAL_ADMINISTRATOR, mine, text);
    }

    static List<String> run(Principal principal, String database, String text) {
        var request = request(principal, database);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    private static Request request(Principal principal, String database) {
        return new Request(principal, database, "hidden", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
    }

    /// What an answer says beside its rows.
    List<String> warnings(Principal principal, String query) {
        try (var answer = engine.query(request(principal, mine), query)) {
            return answer.warnings();
        }
    }

    /// What somebody gets to see who takes these steps: the last answer, or what the refusal of any says.
    String seen(Principal principal, String database, String... steps) {
        String seen = "";
        for (String step : steps) {
            try {
                seen = run(principal, database, step.replace("{{folder}}", folder.toString()).replace("{{db}}", mine)).toString();
            } catch (KustoException refused) {
                return "refused: " + refused.getMessage();
            }
        }
        return seen;
    }
}
