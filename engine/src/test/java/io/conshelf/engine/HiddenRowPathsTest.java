package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Rows that a policy hides stay hidden whatever way is taken to them. Each path is taken by somebody who may do everything in the database but
/// read what is hidden.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HiddenRowPathsTest extends OnHiddenRows {
    private enum Kind { HIDING, OPEN }

    /// Databases for paths that only read, each filled once. What changes something has one of its own.
    private final Map<Kind, String> kept = new EnumMap<>(Kind.class);

    private static List<String> path(String... steps) {
        return List.of(steps);
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
                path("{T} | project all_ = pack_all() | evaluate bag_unpack(all_)"),
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
                path("print x = iff('1' in~ (({T} | project tostring(a))), strcat('hidden', '-row'), 'nothing')"),
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
                path("union Of{T}*"),
                path("search in (Of*) 'hidden*'"),
                path("find in (Of*) where b has 'hidden'"),
                path("union database('{{db}}').Of*"),
                path("restrict access to (Of{T}); union *"),
                path(".create function with (view=true) All() { union * }", "union withsource=from All*"),
                path(".create function Of2(x:long) { {T} | where a == x }", "Of2(1)"),
                path(".set stored_query_result Kept with (previewCount = 5) <| {T}"),
                path(MODEL.replace("%s", "{T}"), ".make graph_snapshot S from Net", "graph('Net') | graph-to-table edges"),
                path(MODEL.replace("%s", "{T}"), "graph('Net', true) | graph-to-table edges"),
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
    void aRowThatSecurityOrARestrictedViewHidesIsReachedByNoPath(List<String> path) {
        // With a table that is open to all the same path leads somewhere.
        assertThat(seen(Kind.OPEN, "Open", path)).as("with a table that is open to all").doesNotStartWith("refused");
        assertThat(seen(Kind.HIDING, "Secured", path)).as("with row-level security").doesNotContain(HIDDEN);
        assertThat(seen(Kind.HIDING, "Restricted", path)).as("with a restricted view").doesNotContain(HIDDEN).doesNotContain("closed");
    }

    private String seen(Kind kind, String table, List<String> path) {
        String[] steps = path.stream().map(step -> step.replace("{T}", table)).toArray(String[]::new);
        if (path.stream().allMatch(HiddenRowPathsTest::onlyReads)) {
            Optional.ofNullable(kept.get(kind)).ifPresentOrElse(this::ask, () -> {
                create(kind);
                if (kind == Kind.HIDING) {
                    fillViewsAndFiles();
                }
                kept.put(kind, mine);
            });
            return seen(ADMIN, mine, steps);
        }
        create(kind);
        try {
            return seen(ADMIN, mine, steps);
        } finally {
            dropDatabase();
        }
    }

    private static boolean onlyReads(String step) {
        return !step.startsWith(".") || step.startsWith(".show ");
    }

    private void create(Kind kind) {
        createDatabase();
        switch (kind) {
            case HIDING -> fillTables();
            case OPEN -> {
                for (String table : List.of("Plain", "Open")) {
                    local(".set " + table + " <| print a = 1, b = 'plain'");
                }
                local(".alter table Open policy caching hot = 1d");
                local(".create function with (view=true) OfOpen() { Open }");
                local(".add database " + mine + " admins ('" + ADMIN.fullyQualifiedName() + "')");
            }
        }
    }
}
