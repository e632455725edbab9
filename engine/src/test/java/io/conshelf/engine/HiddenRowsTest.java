package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Rows that a policy hides come out through nothing that is made of them, changed or told beside them. The ways that only lead to them are in
/// [HiddenRowPathsTest].
class HiddenRowsTest extends OnHiddenRows {
    @BeforeEach
    void fill() {
        createDatabase();
        fillTables();
        fillViewsAndFiles();
    }

    @AfterEach
    void empty() {
        dropDatabase();
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

    private static final String VIEW = ".create materialized-view with (dimensionTables=dynamic(['%s'])) V on table Plain { Plain | project a | lookup kind=inner (%s) on a "
            + "| summarize take_any(b) by a }";

    @Test
    void aMaterializedViewReadsNoOtherDatabase() {
        String other = "Secret" + mine;
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".create database " + other);
        run(Principal.LOCAL_ADMINISTRATOR, other, ".set T <| print a = 1, b = '" + HIDDEN + "'");
        local(".create table T (a:long, b:string)");
        String body = "{ database('" + other + "').T }";
        // The name that a view states beside its source is also that of a table of its own database.
        assertThat(seen(ADMIN, mine, ".create function with (skipvalidation=true) Beyond() " + body)).doesNotStartWith("refused");
        assertThat(seen(ADMIN, mine, VIEW.formatted("T", "Beyond()"))).startsWith("refused").contains("another database");
        assertThat(seen(ADMIN, mine, VIEW.formatted("T", "database//\n('" + other + "').T"))).startsWith("refused");
        // Nor when a function that it calls comes to mean another.
        assertThat(seen(ADMIN, mine, ".create function Near() { T }", VIEW.formatted("T", "Near()"), ".append Plain <| print a = 1, b = 'x'"))
                .doesNotStartWith("refused");
        assertThat(seen(ADMIN, mine, ".alter function with (skipvalidation=true) Near() " + body, "V")).startsWith("refused").contains("another database");
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".drop database " + other);
    }

    @Test
    void aNameWithStarsLeavesOutAStoredViewOverWhatOneMayNotRead() {
        local(".create function with (view=true, skipvalidation=true) OfBoth() { union Plain, Restricted }");
        assertThat(seen(ADMIN, mine, "union withsource=from Of*")).contains("OfSecured", "shown").doesNotContain(HIDDEN, "plain");
        assertThat(warnings(ADMIN, "union Of*")).hasSize(2)
                .anySatisfy(warning -> assertThat(warning).contains("'OfBoth' is left out", "'Restricted'"))
                .anySatisfy(warning -> assertThat(warning).contains("'OfRestricted' is left out", "'Restricted'"));
        assertThat(seen(ADMIN, mine, "OfBoth")).startsWith("refused").contains("'Restricted'");
    }

    @Test
    void anUpdatePolicyReadsNoHiddenRowsByNamesWithStars() {
        local(".create table Into (a:long, b:string)");
        assertThat(seen(ADMIN, mine, INTO.formatted("Plain", false, "union Plain, OfS*"))).startsWith("refused").contains("would pass by");
        assertThat(seen(ADMIN, mine, ".create function with (view=true) LaterPlain() { Plain }", INTO.formatted("Plain", false, "union Later*")))
                .doesNotStartWith("refused");
        local(".create function with (view=true) LaterSecured() { Secured }");
        assertThat(seen(ADMIN, mine, ".append Plain <| print a = 1, b = 'x'")).startsWith("refused").contains("would pass by");
        assertThat(seen(ADMIN, mine, "Into")).doesNotContain(HIDDEN);
    }

    @Test
    void aMaterializedViewReadsNoViewWithHiddenRows() {
        assertThat(seen(ADMIN, mine, VIEW.formatted("SecuredView", "SecuredView"))).startsWith("refused").contains("would pass by");
        local(".create materialized-view Once on table Viewed { Viewed | summarize take_any(*) by a }");
        local(".create materialized-view Above on materialized-view Once { Once | summarize take_any(b) by a }");
        local(".create table Into (a:long, b:string)");
        String secure = ".alter materialized-view Once policy row_level_security enable \"Once | where a > 1\"";
        assertThat(seen(ADMIN, mine, secure)).startsWith("refused").contains("'Above'");
        local(".drop materialized-view Above");
        local(INTO.formatted("Plain", false, "Plain | project a | join kind=inner Once on a | project a, b"));
        assertThat(seen(ADMIN, mine, secure)).startsWith("refused").contains("update policy of table 'Into'");
        local(".delete table Into policy update");
        assertThat(seen(ADMIN, mine, secure)).doesNotStartWith("refused");
        assertThat(seen(ADMIN, mine, ".create materialized-view Above on materialized-view Once { Once | summarize take_any(b) by a }"))
                .startsWith("refused").contains("would pass by");
    }

    private static final String SNAPSHOT = ".make graph_snapshot S from Net";

    @Test
    void aGraphSnapshotReadsNoRowsThatAreHiddenFromItsReaders() {
        String other = "Secret" + mine;
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".create database " + other);
        run(Principal.LOCAL_ADMINISTRATOR, other, ".set T <| print a = 1, b = '" + HIDDEN + "'");
        local(".set stored_query_result Mine <| print a = 1, b = '" + HIDDEN + "'");
        local(".add database " + mine + " unrestrictedviewers ('" + ADMIN.fullyQualifiedName() + "')");
        for (String query : List.of("OfSecured()", "OfRestricted()", "SecuredView", "external_table(\\\\\"SecuredFiles\\\\\")")) {
            assertThat(seen(ADMIN, mine, MODEL.formatted(query), SNAPSHOT)).startsWith("refused").contains("would pass by");
        }
        assertThat(seen(Principal.LOCAL_ADMINISTRATOR, mine, MODEL.formatted("database(\\\\\"" + other + "\\\\\").T"), SNAPSHOT))
                .startsWith("refused").contains("another database");
        assertThat(seen(Principal.LOCAL_ADMINISTRATOR, mine, MODEL.formatted("stored_query_result(\\\\\"Mine\\\\\")"), SNAPSHOT))
                .startsWith("refused").contains("would show to others");
        run(Principal.LOCAL_ADMINISTRATOR, "Other", ".drop database " + other);
    }

    @Test
    void whatAGraphSnapshotHasReadGetsNoHiddenRows() {
        local(".create materialized-view Once on table Viewed { Viewed | summarize take_any(b) by a }");
        local(".create function F() { Plain | union Once }");
        assertThat(seen(ADMIN, mine, MODEL.formatted("F()"), SNAPSHOT, MODEL.replace(" Net ", " Above ").formatted("graph(\\\\\"Net\\\\\") | graph-to-table edges"),
                ".make graph_snapshot S from Above", ".drop graph_model Net")).doesNotStartWith("refused");
        // Neither when the function comes to mean another, nor by another name.
        assertThat(seen(ADMIN, mine, ".alter function F() { print a = 1, b = 'x' }", ".rename table Plain to Renamed",
                ".rename materialized-view Once to Twice")).doesNotStartWith("refused");
        var policies = List.of(
                ".alter table Renamed policy row_level_security enable \"Renamed | where a > 1\"", ".alter table Renamed policy restricted_view_access true",
                ".alter materialized-view Twice policy row_level_security enable \"Twice | where a > 1\"");
        for (String policy : policies) {
            assertThat(seen(ADMIN, mine, policy)).startsWith("refused").contains("snapshot 'S' of the graph model 'Above'");
        }
        local(".drop materialized-view Twice");
        assertThat(seen(ADMIN, mine, ".alter table Viewed policy row_level_security enable \"Viewed | where a > 1\"")).startsWith("refused");
        local(".drop graph_snapshot Above.S");
        assertThat(seen(ADMIN, mine, policies.getFirst())).doesNotStartWith("refused");
    }

    @Test
    void aGraphModelIsAlteredByItsAdministrators() {
        local(".add database " + mine + " users ('" + TABLE_ADMIN.fullyQualifiedName() + "')");
        local(MODEL.formatted("Plain"));
        assertThat(seen(TABLE_ADMIN, mine, MODEL.formatted("Viewed"))).startsWith("refused").contains("'Net'");
        assertThat(seen(TABLE_ADMIN, mine, MODEL.replace(" Net ", " Own ").formatted("Plain"), MODEL.replace(" Net ", " Own ").formatted("Viewed"),
                ".make graph_snapshot S from Own")).doesNotStartWith("refused");
        local(".add graph_model Net admins ('" + TABLE_ADMIN.fullyQualifiedName() + "')");
        assertThat(seen(TABLE_ADMIN, mine, MODEL.formatted("Viewed"))).doesNotStartWith("refused");
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
        local(".delete external table SecuredFiles policy row_level_security");
        local(INTO.formatted("Plain", false, "external_table(\\u0027SecuredFiles\\u0027)"));
        assertThat(seen(ADMIN, mine, ".alter external table SecuredFiles policy row_level_security enable \"external_table('SecuredFiles') | where a > 1\""))
                .startsWith("refused").contains("update policy of table 'Into'");
    }

    /// Whoever writes a condition that fails on some row learns whether there is such a row, if it is asked before the row is hidden.
    @Test
    void noConditionIsAskedOfARowThatIsHidden() {
        local(".set Permitted <| print b = 'shown', n = 1");
        local(".create table Guarded (a:long, b:string)");
        local(".set-or-append Guarded <| range a from 1 to 5000 step 1 | extend b = iff(a == 1, 'hidden-row', 'shown')");
        String times = "strrep('x', iff(a == 1, 1000, 1))";
        for (String failing : List.of("strlen(replace_string(replace_string(" + times + ", 'x', " + times + "), 'x', " + times + ")) > 0",
                "format_datetime(datetime(2024-01-01), iff(a == 1, 'no format', 'yyyy')) == '2024'")) {
            local(".alter table Guarded policy row_level_security disable \"Guarded\"");
            assertThat(seen(ADMIN, mine, "Guarded | where " + failing + " | count")).as(failing).startsWith("refused");
            for (String policy : List.of("where b matches regex '^s.*n$'", "where a > 1", "where not(b has 'hidden') and strcat(b, current_principal()) !startswith 'hid'",
                    "where b in ('shown', current_principal()) and a != 1", "where a !in (1, -1)", "where not(a == 1)", "where not(a in (1, long(null)))",
                    "extend x = a == 1 | where x == false | project a, b",
                    "where b in ('" + String.join("', '", "shown,k1,k2,k3,k4,k5,k6,k7,k8,k9,k10,k11,k12,k13,k14".split(",")) + "')",
                    "where hash_sha256(strcat(b, b, b)) != hash_sha256(strcat(b, 'x')) and strcat(reverse(b), reverse(b), reverse(b)) matches regex '^nwohs'",
                    "where b in ((print 'shown'))", "where b in ((range x from 1 to 3 step 1 | project s = strcat('show', 'n')))",
                    "where a > toscalar(Permitted | summarize min(n))", "join kind=inner Permitted on b | project a, b", "lookup kind=inner Permitted on b | project a, b",
                    "extend x = reverse(b) | where x == 'nwohs' | project a, b", "summarize take_any(a) by b | where b == 'shown' | project a, b")) {
                local(".alter table Guarded policy row_level_security enable \"Guarded | " + policy + "\"");
                for (String query : List.of("Guarded | where F | count", "Guarded | extend x = F | summarize count(), countif(x)", "Guarded | where a < 3000 and F | summarize count() by b",
                        "Guarded | summarize count() by x = F", "Guarded | join kind=inner (Guarded | where F) on a | count", "Guarded | sort by F asc | take 3",
                        "Guarded | where a == 1 | extend x = F | project x")) {
                    assertThat(seen(ADMIN, mine, query.replace("F", failing))).as(policy + ": " + query).doesNotStartWith("refused");
                }
            }
        }
    }

    /// What looks like a comparison may be written as a function, and is asked behind what DuckDB takes for cheaper.
    @Test
    void noConditionIsAskedOfARowBeforeAComparisonThatIsAFunction() {
        local(".create table Compared (a:long, b:string, c:string, r:real, s:real, d:decimal, f:string, Readers:dynamic)");
        local(".set-or-append Compared <| range a from 1 to 50000 step 1 | extend h = a == 40000 | project a, b = iff(h, 'hidden-row', 'shown'), c = 'shown', "
                + "r = iff(h, 1.5, 2.5), s = 2.5, d = iff(h, decimal(999999999999999999999.9), decimal(1)), f = iff(h, 'no format', 'yyyy'), "
                + "Readers = iff(h, dynamic([]), dynamic(['" + ADMIN.fullyQualifiedName() + "']))");
        var told = new ArrayList<String>();
        for (String failing : List.of("format_datetime(now(), f) == ''", "format_datetime(now(), f) != '2024'", "d * decimal(900000000000000000000) > 0",
                "d + decimal(900000000000000000000) > 0", "-d - decimal(900000000000000000000) < 0", "round(d, 0) > 0", "ceiling(d) > 0")) {
            local(".alter table Compared policy row_level_security disable \"Compared\"");
            assertThat(seen(ADMIN, mine, "Compared | where " + failing + " | count")).as(failing).startsWith("refused");
            for (String policy : List.of("current_principal() in (Readers)", "r == s", "not(r != s)", "r > 2.0", "r == 2.5", "a != 40000", "a < 40000", "b == 'shown'", "b == c",
                    "b == 'shown' and a != 40000", "not(b == 'hidden-row')", "b in ('shown', current_principal())", "a between (2 .. 30000)", "a in (2, 3, 4)", "a == 2 or a == 3",
                    "array_length(Readers) > 0", "b in (c, 'x', 'y')", "b in ('shown', 'k1', 'k2', 'k3', 'k4', 'k5')", "b == c and c != 'x' and b != 'y'", "b == c or b == 'x'", "c in (b, c, 'x', 'y', 'z', current_principal()) and a != 40000", "strlen(b) == 5")) {
                local(".alter table Compared policy row_level_security enable \"Compared | where " + policy + "\"");
                for (String query : List.of("Compared | where F | count", "Compared | extend x = F | where x | count", "Compared | where a > 0 and F | summarize count() by b")) {
                    String asked = query.replace("F", failing);
                    if (seen(ADMIN, mine, asked).startsWith("refused")) {
                        told.add(policy + ": " + asked);
                    }
                }
            }
        }
        assertThat(told).as("what is asked of hidden rows").isEmpty();
    }

    /// The storage knows the least and the largest of all values, and plans a query that cannot find any as one of nothing.
    @Test
    void thePlanOfAQueryTellsNothingOfTheValuesOfHiddenRows() {
        local(".create table Paid (salary:long, b:string)");
        local(".set-or-append Paid <| range i from 1 to 5000 step 1 | project salary = i, b = iff(i > 4990, '" + HIDDEN + "', 'shown')");
        assertThat(seen(ADMIN, mine, ".show queryplan <| Paid | where salary > 6000")).contains("Empty Result");
        local(".alter table Paid policy row_level_security enable \"Paid | where b == 'shown'\"");
        local(".create function OfPaid() { Paid }");
        for (String query : List.of("Paid | where salary > X", "OfPaid | where salary > X", "database('{{db}}').Paid | where salary > X", "union Plain, (Paid | where salary > X)",
                "union Pai* | where salary > X", "print x = toscalar(Paid | where salary > X | count)", "Plain | where a in ((Paid | where salary > X | project salary))",
                "let t = Paid | where salary > X; t | join kind=inner Plain on b", "Paid | where salary > X | make-graph salary --> salary | graph-match (a)-[e]->(b) project a = 1",
                "SecuredView | where a > X", "external_table('SecuredFiles') | where a > X", "print 1; Paid | where salary > X")) {
            String below = seen(ADMIN, mine, ".show queryplan <| " + query.replace("X", "4000"));
            assertThat(below).as(query).contains("RelopTree", "row-level security hides rows").doesNotContain("Seq Scan", "Empty Result");
            assertThat(seen(ADMIN, mine, ".show queryplan <| " + query.replace("X", "6000"))).as(query).isEqualTo(below.replace("4000", "6000"));
        }
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
