package io.conshelf.engine.sql;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.type.Type;
import java.util.List;

/// `row_window_session()`: a Java function goes through the moments of the rows in their order, which reach it as the text of a
/// block of them at a time. First it tells of all blocks, one after the other, what is known behind each; with that it tells
/// of each block by itself which of its rows begin sessions, and the rest is windows.
final class SessionsSql {
    /// Of so many rows the text is one or two megabytes.
    private static final int BLOCK_ROWS = 1 << 16;

    private final PlanWriter plans;
    private final Plan.Sessions sessions;
    private final String rows;
    private final String blocks;
    private final String states;

    private SessionsSql(PlanWriter plans, Plan.Sessions sessions) {
        this.plans = plans;
        this.sessions = sessions;
        rows = plans.alias("s");
        blocks = plans.alias("s");
        states = plans.alias("s");
    }

    static Select select(PlanWriter plans, Plan.Sessions sessions) {
        return new SessionsSql(plans, sessions).select();
    }

    private Select select() {
        List<Column> input = sessions.input().columns();
        Select numbered = plans.numbered(plans.select(sessions.input()), input);
        plans.with(rows, numbered.sqlSelecting(numbered.items(input) + ", o"));
        ExprWriter expressions = plans.expressions(Select.from(rows, PlanWriter.plain(input)));
        String moment = expressions.write(sessions.moment());
        plans.with(blocks, "SELECT (o - 1) // " + BLOCK_ROWS + " AS b, list(" + moment + " ORDER BY o) AS l, string_agg("
                + rowText(expressions, moment) + ", ',' ORDER BY o) AS x FROM " + rows + " GROUP BY 1");
        String distances = ", " + ofAll(expressions, sessions.fromFirst()) + ", " + ofAll(expressions, sessions.betweenNeighbors()) + ")";
        plans.with(states, "SELECT string_split(list_reduce(list_prepend('', list(x ORDER BY b)), lambda s, r: kql_session_states(s, r"
                + distances + "), ';') AS s FROM " + blocks);
        String starts = "SELECT b * " + BLOCK_ROWS + " AS b, l, kql_session_starts(s[b + 1], x" + distances + " AS f FROM " + blocks + ", " + states;
        String apart = "SELECT unnest(range(b + 1, b + 1 + len(l))) AS so, unnest(l) AS t, unnest(string_split(f, '')) AS f FROM ("
                + starts + ") AS " + plans.alias("q");
        String counted = "SELECT so, t, count_if(f = '1') OVER (ORDER BY so) AS g FROM (" + apart + ") AS " + plans.alias("q");
        String begins = "SELECT so, first_value(t) OVER (PARTITION BY g ORDER BY so) AS st FROM (" + counted + ") AS " + plans.alias("q");
        String joined = "SELECT " + numbered.items(input) + ", st AS " + Select.name(sessions.begin().id()) + ", o FROM " + rows
                + " JOIN (" + begins + ") AS " + plans.alias("q") + " ON o = so";
        return Select.from("(" + joined + ") AS " + plans.alias("q"), numbered.plainValues(sessions.columns())).orderedBy(List.of("o"));
    }

    /// A row in the form that the function reads.
    private String rowText(ExprWriter expressions, String moment) {
        String restart = sessions.restart() instanceof Expr.Constant(Type _, Object value) && Boolean.FALSE.equals(value)
                ? "" : "CASE WHEN " + expressions.write(sessions.restart()) + " THEN '!' ELSE '' END || ";
        String distances = isOfAll(sessions.fromFirst()) && isOfAll(sessions.betweenNeighbors()) ? ""
                : " || ':' || " + text(expressions.write(sessions.fromFirst())) + " || ':' || " + text(expressions.write(sessions.betweenNeighbors()));
        return restart + text(moment) + distances;
    }

    private static String text(String number) {
        return "coalesce(CAST(" + number + " AS VARCHAR), '')";
    }

    /// Distances that differ from row to row stand in the rows' texts.
    private static String ofAll(ExprWriter expressions, Expr distance) {
        return isOfAll(distance) ? expressions.write(distance) : "CAST(NULL AS BIGINT)";
    }

    private static boolean isOfAll(Expr distance) {
        return distance instanceof Expr.Constant || distance instanceof Expr.Null;
    }
}
