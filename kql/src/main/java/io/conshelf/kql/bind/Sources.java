package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Rows that a query brings along: `datatable` and `range`.
final class Sources {
    private final Binder binder;

    Sources(Binder binder) {
        this.binder = binder;
    }

    Rows datatable(Syntax.DataTable table, Scope scope) {
        Set<String> names = new HashSet<>();
        for (Syntax.ColumnDeclaration column : table.schema().columns()) {
            if (!names.add(column.name().text())) {
                binder.report(Messages.columnTwice(column.name().span(), "datatable", column.name().text()));
            }
        }
        List<Column> columns = binder.functions.columns(table.schema());
        if (columns.isEmpty()) {
            return Rows.of(new Plan.Rows(columns, List.of()));
        }
        if (table.values().size() % columns.size() != 0) {
            binder.report(Messages.wrongValueCount(table.values().getFirst().span().to(table.values().getLast().span()), columns.size()));
            return Rows.of(binder.nothing(columns));
        }
        List<List<Expr>> rows = new ArrayList<>();
        for (int start = 0; start < table.values().size(); start += columns.size()) {
            List<Expr> row = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                row.add(cell(table.values().get(start + i), columns.get(i), scope));
            }
            rows.add(row);
        }
        return Rows.of(new Plan.Rows(columns, rows));
    }

    private Expr cell(Expression value, Column column, Scope scope) {
        Optional<Expr> expr = binder.expressions.expr(value, Env.of(scope, Columns.NONE, "datatable"));
        if (expr.isEmpty()) {
            return Literals.nothing(column.type());
        }
        Type type = expr.get().type();
        boolean fits = type == column.type() || column.type() == Type.STRING || column.type() == Type.DYNAMIC
                || type == Type.DYNAMIC || type.isNumeric() && column.type().isNumeric()
                || type == Type.STRING && parses(expr.get(), column.type())
                || expr.get() instanceof Expr.Null || column.type() == Type.BOOL && type.isInteger();
        if (!fits) {
            binder.report(Messages.typeExpected(value.span(), "datatable", column.type().toString(), type));
            return Literals.nothing(column.type());
        }
        return binder.calls.convert(expr.get(), column.type());
    }

    /// A string may stand for a value of a type that has no literal without a wrapper.
    private boolean parses(Expr text, Type type) {
        return switch (type) {
            case DATETIME, TIMESPAN, GUID -> QueryParameters.parse(Literals.text(text).orElse(""), type).isPresent();
            case BOOL, INT, LONG, REAL, DECIMAL, STRING, DYNAMIC -> false;
        };
    }

    /// `range x from a to b step c`. The column has the type that `from` plus `step` has.
    Optional<Rows> range(Syntax.Range op, Scope scope) {
        Env env = Env.of(scope, Columns.NONE, "range");
        Optional<Expr> from = summable(op.from(), env);
        Optional<Expr> to = summable(op.to(), env);
        Optional<Expr> step = summable(op.step(), env);
        String name = op.name().text();
        if (from.isEmpty() || to.isEmpty() || step.isEmpty()) {
            return Optional.of(new Rows(binder.nothing(List.of()), true, ""));
        }
        List<Type> types = List.of(from.get().type(), to.get().type(), step.get().type());
        Optional<Type> type = CommonType.of(types);
        Type stepType = step.get().type();
        if (type.isEmpty() && types.get(0) == Type.DATETIME && types.get(1) == Type.DATETIME && stepType == Type.TIMESPAN) {
            type = Optional.of(Type.DATETIME);
        }
        if (type.isEmpty()) {
            Expression wrong = types.get(0) == types.get(1) ? op.step() : op.to();
            binder.report(Messages.typeExpected(wrong.span(), "range", types.get(0).toString(),
                    wrong == op.step() ? stepType : types.get(1)));
            return Optional.of(new Rows(binder.nothing(List.of()), true, ""));
        }
        Type of = type.get();
        if (Literals.isZero(step.get())) {
            binder.report(Messages.zeroStep(op.step().span(), "range"));
            return Optional.of(new Rows(binder.nothing(List.of()), true, ""));
        }
        Expr last = binder.calls.convert(to.get(), of);
        Expr by = of == Type.DATETIME ? step.get() : binder.calls.convert(step.get(), of);
        return Optional.of(Rows.of(new Plan.Range(binder.column(name, of), binder.calls.convert(from.get(), of), last, by)));
    }

    private Optional<Expr> summable(Expression expression, Env env) {
        return binder.expressions.expr(expression, env).filter(expr -> {
            boolean fits = expr.type().isNumeric() || expr.type() == Type.DATETIME || expr.type() == Type.TIMESPAN;
            if (!fits) {
                binder.report(Messages.typeExpected(expression.span(), "range", "number, datetime or timespan", expr.type()));
            }
            return fits;
        });
    }

    /// A source that cannot be read yet, with the columns it names.
    Rows refused(Syntax.RowSchema schema, String construct, Span at) {
        binder.refuse(at, construct);
        return Rows.of(new Plan.Refused(construct, binder.functions.columns(schema)));
    }
}
