package io.conshelf.engine.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Principal;
import io.conshelf.engine.sql.Relations.Relation;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/// What is kept of rows that several results read, with plans made by hand: nobody sees it in an answer.
class CommonPartsTest {
    private static final Column A = new Column(1, "a", Type.LONG);
    private static final Column B = new Column(2, "b", Type.STRING);
    private static final Column A_READ = new Column(3, "a", Type.LONG);
    private static final Column B_READ = new Column(4, "b", Type.STRING);
    private static final Column A_AGAIN = new Column(5, "a", Type.LONG);
    private static final Column B_AGAIN = new Column(6, "b", Type.STRING);
    private static final Plan.Scan SCAN = new Plan.Scan(new TableId("db", "t", "T"), List.of(A, B));
    private static final Plan.Limit TAKE = new Plan.Limit(SCAN, new Expr.Constant(Type.LONG, 10L));

    private static List<String> before(Plan... results) {
        var context = new QueryContext(0, "Db", Principal.LOCAL_ADMINISTRATOR, "",
                _ -> new Relation("stored", Map.of("a", "x", "b", "y"), Map.of()), Map.of(), Cursors.at(0));
        return PlanWriter.writeAll(List.of(results), context).stream().flatMap(statement -> statement.before().stream()).toList();
    }

    private static Plan.Project only(Plan input, Column column) {
        return new Plan.Project(input, List.of(new Assignment(column, new Expr.Ref(column))));
    }

    /// Rows of which no column is read.
    private static Plan.Project ones(Plan input) {
        return new Plan.Project(input, List.of(new Assignment(new Column(9, "n", Type.LONG), new Expr.Constant(Type.LONG, 1L))));
    }

    private static Plan.Shared first(Plan definition) {
        return new Plan.Shared(7, definition, List.of(A_READ, B_READ));
    }

    private static Plan.Shared again(Plan definition) {
        return new Plan.Shared(7, definition, List.of(A_AGAIN, B_AGAIN));
    }

    @Test
    void columnsThatNoResultReadsAreNotKept() {
        assertThat(before(ones(first(TAKE)), only(again(TAKE), A_AGAIN))).singleElement().asString().contains("c1").doesNotContain("c2");
        assertThat(before(ones(first(TAKE)), ones(again(TAKE)))).singleElement().asString().doesNotContain("c1").doesNotContain("c2");
        assertThat(before(first(TAKE), ones(again(TAKE)))).singleElement().asString().contains("c1", "c2");
    }

    @Test
    void rowsThatAreTheSameEachTimeAreNotKept() {
        Plan filtered = new Plan.Filter(SCAN, new Expr.Constant(Type.BOOL, true));
        assertThat(before(first(filtered), again(filtered))).isEmpty();
        assertThat(before(first(TAKE))).isEmpty();
    }

    @Test
    void rowsThatThreadsChooseAreKeptWhateverStandsOverThem() {
        Column item = new Column(21, "item", Type.DYNAMIC);
        Plan expanded = new Plan.Expand(TAKE, List.of(new Plan.Expansion(new Expr.Ref(B), item, false)), Optional.empty(), OptionalLong.empty());
        Plan besideScan = new Plan.Union(List.of(TAKE, SCAN), List.of(new Column(22, "a", Type.LONG), new Column(23, "b", Type.STRING)));
        Plan inCondition = new Plan.Filter(SCAN, new Expr.InQuery(new Expr.Ref(A), only(TAKE, A), false));
        for (Plan plan : List.of(new Plan.Project(expanded, List.of(new Assignment(A, new Expr.Ref(A)), new Assignment(B, new Expr.Ref(B)))),
                besideScan, inCondition)) {
            assertThat(before(first(plan), again(plan))).as(plan.text()).singleElement().asString().startsWith("CREATE TEMP TABLE s7 ");
        }
    }

    @Test
    void whatIsMadeOfKeptRowsAloneIsNotKept() {
        Plan.Shared inner = new Plan.Shared(8, TAKE, List.of(new Column(11, "a", Type.LONG), new Column(12, "b", Type.STRING)));
        Plan outer = new Plan.Filter(inner, new Expr.Constant(Type.BOOL, true));
        assertThat(before(first(outer), again(outer))).singleElement().asString().startsWith("CREATE TEMP TABLE s8 ");
    }
}
