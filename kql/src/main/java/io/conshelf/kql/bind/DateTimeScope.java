package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;

/// The time that a query is about: of each table that has the column, those rows are read whose moment is neither before the one nor after the
/// other, as the `query_datetimescope_…` options of the page "Request properties" have it.
final class DateTimeScope {
    private static final String COLUMN = "query_datetimescope_column";
    private static final String FROM = "query_datetimescope_from";
    private static final String TO = "query_datetimescope_to";

    private final Binder binder;

    DateTimeScope(Binder binder) {
        this.binder = binder;
    }

    Rows of(Rows table, Span at) {
        Optional<Column> column = binder.settings.text(COLUMN).flatMap(name -> table.columns().stream()
                .filter(each -> each.name().equals(name) && each.type() == Type.DATETIME).findFirst());
        if (column.isEmpty()) {
            return table;
        }
        Plan plan = limited(limited(table.plan(), column.get(), ">=", FROM, at), column.get(), "<=", TO, at);
        return new Rows(plan, table.open(), table.label());
    }

    private Plan limited(Plan plan, Column column, String sign, String option, Span at) {
        return binder.settings.moment(option, at)
                .flatMap(moment -> binder.calls.builtin(sign, List.of(new Expr.Ref(column), moment), at, Env.of(Scope.of(""))))
                .<Plan>map(within -> new Plan.Filter(plan, within))
                .orElse(plan);
    }
}
