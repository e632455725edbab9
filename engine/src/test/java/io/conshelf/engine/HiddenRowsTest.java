package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows that a policy hides stay hidden whatever way is taken to them: by row-level security (table `Secured`, of which the row with
/// a = 1 is hidden from everybody) and by a restricted view (table `Restricted`, hidden from all but unrestricted viewers). Each path is
/// taken by somebody who may do everything in the database but read what is hidden.
class HiddenRowsTest {
    private static final String HIDDEN = "hidden-row";
    private static final Principal ADMIN = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "admin", false);
    private static final Principal TABLE_ADMIN = new Principal("aadapp=21111111-2222-3333-4444-555555555555;t", "table admin", false);

    @TempDir
    private static Path shared;
    private static Engine engine;
    private static int databases;

    private Path folder;
    private String mine;

    @BeforeAll
    static void open() {
        engine = Engine.open(new EngineConfig(
                Optional.empty(), shared.resolve("staging"), List.of(shared), List.of("Other"), Limits.ofThisMachine(), InstantSource.system()));
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @BeforeEach
    void fill() throws IOException {
        mine = "Mine" + ++databases;
        folder = shared.resolve(mine);
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".create database " + mine);
        local(".create table Secured (a:long, b:string)");
        local(".create table Restricted (a:long, b:string)");
        local(".create table Plain (a:long, b:string)");
        Files.createDirectories(folder.resolve("external"));
        local(".create external table SecuredFiles (a:long, b:string) kind=storage dataformat=csv (h@'" + folder.resolve("external") + "')");
        for (String table : List.of("Secured", "Restricted")) {
            local(".set-or-append " + table + " <| datatable(a:long, b:string) [1, '" + HIDDEN + "', 2, '"
                    + (table.equals("Secured") ? "shown" : "closed") + "']");
        }
        local(".export to table SecuredFiles <| print a = 1, b = '" + HIDDEN + "'");
        local(".create table Viewed (a:long, b:string)");
        local(".create materialized-view SecuredView on table Viewed { Viewed | summarize take_any(b) by a }");
        local(".set-or-append Viewed <| datatable(a:long, b:string) [1, 'below', 2, 'seen']");
        local(".set-or-append Plain <| print a = 1, b = 'plain'");
        local(".alter materialized-view SecuredView policy row_level_security enable \"SecuredView | where a > 1\"");
        local(".alter table Secured policy row_level_security enable \"Secured | where a > 1\"");
        local(".alter external table SecuredFiles policy row_level_security enable \"external_table('SecuredFiles') | where a > 1\"");
        local(".create function OfSecured() { Secured }");
        local(".create function OfRestricted() { Restricted }");
        local(".alter table Restricted policy restricted_view_access true");
        for (String role : List.of("admins", "viewers", "users")) {
            local(".add database " + mine + " " + role + " ('" + ADMIN.fullyQualifiedName() + "')");
            local(".add database Other " + role + " ('" + ADMIN.fullyQualifiedName() + "')");
        }
        local(".add database " + mine + " viewers ('" + TABLE_ADMIN.fullyQualifiedName() + "')");
        for (String table : List.of("Secured", "Restricted")) {
            local(".create table Into" + table + " (a:long, b:string)");
            local(".add table " + table + " admins ('" + TABLE_ADMIN.fullyQualifiedName() + "')");
            local(".add table Into" + table + " admins ('" + TABLE_ADMIN.fullyQualifiedName() + "')");
        }
    }

    @AfterEach
    void empty() {
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".drop database " + mine);
    }

    private void local(String text) {
        run(Principal.LOCAL_ADMINISTRATOR, mine, text);
    }

    private List<String> run(Principal principal, String database, String text) {
        var request = new Request(principal, database, "hidden", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(1), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    /// What somebody gets to see who takes these steps: the last answer, or what the refusal of any says.
    private String seen(Principal principal, String database, String... steps) {
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

    private static List<String> path(String... steps) {
        return List.of(steps);
    }

    /// The same path with a table that is open to all is no path that fails anyway. It is taken in a database of its own.
    private void requireOpen(List<String> path) {
        String hidden = mine;
        Path there = folder;
        mine = hidden + "Open";
        folder = there.resolve("open");
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".create database " + mine);
        try {
            for (String table : List.of("Plain", "Open")) {
                local(".set " + table + " <| print a = 1, b = 'plain'");
            }
            local(".alter table Open policy caching hot = 1d");
            local(".create function OfOpen() { Open }");
            local(".add database " + mine + " admins ('" + ADMIN.fullyQualifiedName() + "')");
            String[] steps = path.stream().map(step -> step.replace("{T}", "Open")).toArray(String[]::new);
            assertThat(seen(ADMIN, mine, steps)).doesNotStartWith("refused");
        } finally {
            run(Principal.LOCAL_ADMINISTRATOR, "Other", ".drop database " + mine);
            mine = hidden;
            folder = there;
        }
    }

    /// `{T}` is the table.
    static Stream<List<String>> paths() {
        return Stream.of(
                path("{T}"),
                path("table('{T}')"),
                path("union *"),
                path("union withsource=where_ {T}, Plain | where a == 1 and where_ != 'Plain'"),
                path("find in ({T}) where b has 'row'"),
                path("search in ({T}) 'hidden*'"),
                path("let t = {T}; t | join kind=inner (print a = 1) on a"),
                path("print x = toscalar({T} | where a == 1 | project b)"),
                path("Of{T}()"),
                path("datatable(a:long)[1] | lookup {T} on a"),
                path("{T} | as hint.materialized=true x | union x"),
                path("let m = materialize({T}); m | count | extend b = toscalar(m | summarize make_list(b))"),
                path("{T} | evaluate bag_unpack(pack_all())"),
                path("database('{{db}}').{T}"),
                path("cluster('localhost').database('{{db}}').{T}"),
                path("{T} | where a > 0 or strcat('row ', b) has 'nothing'"),
                path("{T} | extend x = todynamic(b), y = toint(b), z = 1 / (a - 1)"),
                path("{T} | where strcat(b) startswith 'hid' | project b"),
                path("{T} | getschema | project ColumnName"),
                path("{T} | sample 10"),
                path("{T} | sample-distinct 10 of b"),
                path("{T} | top-nested 5 of b by count()"),
                path("{T} | summarize arg_max(a, b), make_bag(bag_pack(b, a)), make_set(b), take_anyif(b, a == 1)"),
                path("{T} | evaluate pivot(b)"),
                path("{T} | facet by b"),
                path("{T} | fork (where a == 1) (project b)"),
                path("{T} | partition by a (take 1)"),
                path("{T} | serialize p = prev(b), n = next(b)"),
                path("{T} | scan with (step s: true;)"),
                path("{T} | mv-apply x = range(1, 1) to typeof(long) on (extend c = b)"),
                path("{T} | make-graph a --> a with {T} on a | graph-match (n)-[e]->(m) project n.b, e.b"),
                path("{T} | where ingestion_time() > ago(10000d) or isempty(extent_tags())"),
                path("{T} | where cursor_after('') | project b"),
                path("range a from 1 to 9 step 1 | join kind=leftouter {T} on a"),
                path("print x = iff(1 in (({T} | project a)), strcat('hidden', '-row'), 'nothing')"),
                path("print x = iff(1 in~ (({T} | project tostring(a))), strcat('hidden', '-row'), 'nothing')"),
                path("datatable(b:string)['hidden-' 'row'] | where b in (({T} | project b))"),
                path("let g = (t:(a:long, b:string)) { t | project b }; {T} | invoke g()"),
                path("let f = (t:(a:long, b:string)) { t | project b }; f({T})"),
                path("alias database d = cluster('localhost').database('{{db}}'); database('d').{T}"),
                path("restrict access to ({T}); {T}"),
                path("set query_datascope='all'; {T}"),
                path("{T} | render table"),
                path("{T} | consume"),
                path("search 'hidden*'"),
                path("find 'hidden*'"),
                path(".create function Of2(x:long) { {T} | where a == x }", "Of2(1)"),
                path(".set stored_query_result Kept with (previewCount = 5) <| {T}"),
                path(".set-or-append Copied{T} with (folder='f') <| {T} | union {T}", "Copied{T}"),
                path(".execute database script with (ThrowOnErrors=true) <|\n.set Copied{T} <| {T}", "Copied{T}"),
                path(".create external table Out (a:long, b:string) kind=storage dataformat=json (@'{{folder}}/out4')",
                        ".export to json (@'{{folder}}/out4') with (includeHeaders=none) <| {T}", "external_table('Out')"),
                path(".create external table Out (a:long, b:string) kind=storage dataformat=parquet (@'{{folder}}/out5')",
                        ".export to parquet (@'{{folder}}/out5') <| {T} | extend a = a", "external_table('Out')"),
                path(".rename table {T} to Renamed", "Renamed"),
                path(".rename table {T} to Renamed", ".create function Again() { Renamed }", "Again()"),
                path(".create-merge table {T} (c:string)", "{T}"),
                path(".alter-merge table {T} (c:string)", "{T} | project b"),
                path(".rename column {T}.b to c", "{T}"),
                path(".show table {T} schema as json"),
                path(".show table {T} cslschema"),
                path(".show database cslschema script"),
                path(".show table {T} policy row_level_security"),
                path(".show journal"),
                path(".show data operations"),
                path(".show materialized-views"),
                path(".show continuous-exports"),
                path("print x = iff(toscalar({T} | where b startswith 'hidden' | count) > 0, strcat('hidden', '-row'), 'nothing')"),
                path(".set-or-append Copied{T} <| {T}", "Copied{T}"),
                path(".set Copied{T} <| Of{T}()", "Copied{T}"),
                path(".append Plain <| {T} | extend a = 100 + a", "Plain | where a > 100"),
                path(".set-or-replace Copied{T} <| {T}", "Copied{T}"),
                path(".set stored_query_result Kept <| {T}", "stored_query_result('Kept')"),
                path(".create external table Out (a:long, b:string) kind=storage dataformat=csv (@'{{folder}}/out')",
                        ".export to csv (@'{{folder}}/out') <| {T}", "external_table('Out')"),
                path(".create external table Out (a:long, b:string) kind=storage dataformat=csv (@'{{folder}}/out2')",
                        ".export to table Out <| {T}", "external_table('Out')"),
                path(".create external table Out (a:long, b:string) kind=storage dataformat=csv (@'{{folder}}/out3')",
                        ".create-or-alter continuous-export E over ({T}) to table Out with (intervalBetweenRuns=1m) <| {T}", "external_table('Out')"),
                path(".create materialized-view V{T} on table {T} { {T} | summarize take_any(b) by a }",
                        ".append {T} <| print a = 1, b = 'hidden-row'", "V{T}"),
                path(".create table Into (a:long, b:string)", ".alter table Into policy update '[{\"Source\":\"{T}\",\"Query\":\"{T}\",\"IsEnabled\":true}]'",
                        ".append {T} <| print a = 9, b = 'x'", "Into"),
                path(".create table Into (a:long, b:string)",
                        ".alter table Into policy update '[{\"Source\":\"Plain\",\"Query\":\"Plain | project a | join kind=inner {T} on a | project a, b\",\"IsEnabled\":true}]'",
                        ".append Plain <| print a = 1, b = 'x'", "Into"),
                path(".show table {T} column statistics"),
                path(".show table {T} data statistics"),
                path(".show table {T} details"),
                path(".show table {T} extents"),
                path(".show database schema as json"),
                path(".show queryplan <| {T} | where a == 1"),
                path(".create function G() { {T} }", "G()"),
                path(".create table T2 based-on {T}", "T2"),
                path(".delete table {T} records with (whatif=true) <| {T} | where b has 'nothing'"),
                path(".show table {T} policy caching"),
                path(".show ingestion failures"),
                path(".show operations"));
    }

    @ParameterizedTest
    @MethodSource("paths")
    void aRowThatSecurityHidesIsReachedByNoPath(List<String> path) {
        requireOpen(path);
        String[] steps = path.stream().map(step -> step.replace("{T}", "Secured")).toArray(String[]::new);
        assertThat(seen(ADMIN, mine, steps)).doesNotContain(HIDDEN);
    }

    @ParameterizedTest
    @MethodSource("paths")
    void aRowOfARestrictedViewIsReachedByNoPath(List<String> path) {
        requireOpen(path);
        String[] steps = path.stream().map(step -> step.replace("{T}", "Restricted")).toArray(String[]::new);
        assertThat(seen(ADMIN, mine, steps)).doesNotContain(HIDDEN).doesNotContain("closed");
    }

    private static final String INTO = ".alter table Into policy update '[{\"Source\":\"%s\",\"SourceIsWildCard\":%s,\"Query\":\"%s\","
            + "\"IsTransactional\":true}]'";

    @Test
    void anUpdatePolicyReadsNoOtherDatabase() {
        String other = "Secret" + mine;
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".create database " + other);
        run(Principal.LOCAL_ADMINISTRATOR, other, ".set T <| print a = 1, b = '" + HIDDEN + "'");
        local(".create table Into (a:long, b:string)");
        String query = "database('" + other + "').T";
        assertThat(seen(Principal.LOCAL_ADMINISTRATOR, mine, INTO.formatted("Plain", false, query.replace("'", "\\u0027"))))
                .contains("another database");
        // No table matches yet.
        assertThat(seen(ADMIN, mine, INTO.formatted("New*", true, query.replace("'", "\\u0027")))).doesNotStartWith("refused");
        local(".create table NewOne (a:long)");
        assertThat(seen(ADMIN, mine, ".append NewOne <| print a = 1")).startsWith("refused").contains("another database");
        assertThat(seen(ADMIN, mine, "Into")).doesNotContain(HIDDEN);
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".drop database " + other);
    }

    @Test
    void aFunctionThatIsAlteredTakesAnUpdatePolicyNoFurther() {
        local(".create table Into (a:long, b:string)");
        local(".create function F() { Plain }");
        assertThat(seen(ADMIN, mine, INTO.formatted("Plain", false, "F()"))).doesNotStartWith("refused");
        local(".alter function F() { Secured }");
        assertThat(seen(ADMIN, mine, ".append Plain <| print a = 1, b = 'x'")).startsWith("refused").contains("would pass by");
        assertThat(seen(ADMIN, mine, "Into")).doesNotContain(HIDDEN);
    }

    @Test
    void anUpdatePolicyReadsNoViewAndNoFilesWithHiddenRows() {
        local(".create table Into (a:long, b:string)");
        for (String query : List.of("SecuredView", "external_table(\\u0027SecuredFiles\\u0027)")) {
            assertThat(seen(ADMIN, mine, INTO.formatted("Plain", false, query))).startsWith("refused").contains("would pass by");
        }
    }

    @Test
    void aTableThatTheQueryOfAnUpdatePolicyReadsGetsNoHiddenRows() {
        local(".create table Into (a:long, b:string)");
        local(".create table Joined (a:long, b:string)");
        local(INTO.formatted("Plain", false, "Plain | project a | join kind=inner Joined on a | project a, b"));
        assertThat(seen(ADMIN, mine, ".alter table Joined policy row_level_security enable \"Joined | where a > 1\""))
                .startsWith("refused").contains("update policy of table 'Into'");
        assertThat(seen(ADMIN, mine, ".alter table Joined policy restricted_view_access true"))
                .startsWith("refused").contains("update policy of table 'Into'");
    }

    @Test
    void fromAnotherDatabaseTheSameRowsAreHidden() {
        assertThat(seen(ADMIN, "Other", "database('{{db}}').Secured")).contains("shown").doesNotContain(HIDDEN);
        assertThat(seen(ADMIN, "Other", "database('{{db}}').OfSecured()")).contains("shown").doesNotContain(HIDDEN);
        assertThat(seen(ADMIN, "Other", "database('{{db}}').Restricted")).startsWith("refused");
        assertThat(seen(ADMIN, "Other", ".set Copy <| database('{{db}}').Restricted")).startsWith("refused");
    }

    @Test
    void aViewsAndAnExternalTablesRowsAreHiddenToo() {
        for (String text : List.of("SecuredView", "materialized_view('SecuredView')", "external_table('SecuredFiles')", "union SecuredV*",
                "toscalar(SecuredView | count)", "database('{{db}}').SecuredView")) {
            assertThat(seen(ADMIN, mine, text.startsWith("toscalar") ? "print x = " + text : text)).as(text).doesNotContain(HIDDEN).doesNotContain("below");
        }
    }

    @Test
    void whoAdministersATableAloneDoesNotMoveHiddenRowsWhereTheyAreSeen() {
        for (String table : List.of("Secured", "Restricted")) {
            String target = "Into" + table;
            assertThat(seen(TABLE_ADMIN, mine, ".move extents all from table " + table + " to table " + target)).contains("not authorized");
            assertThat(seen(TABLE_ADMIN, mine, ".replace extents in table " + target + " <| { .show table " + target + " extents }, { .show table "
                    + table + " extents }")).contains("not authorized");
            assertThat(seen(TABLE_ADMIN, mine, target)).doesNotContain(HIDDEN);
        }
    }

    @Test
    void anUnrestrictedViewerReadsARestrictedTable() {
        local(".add database " + mine + " unrestrictedviewers ('" + ADMIN.fullyQualifiedName() + "')");
        assertThat(seen(ADMIN, mine, "Restricted")).contains(HIDDEN);
        assertThat(seen(ADMIN, mine, "Secured")).doesNotContain(HIDDEN);
    }
}
