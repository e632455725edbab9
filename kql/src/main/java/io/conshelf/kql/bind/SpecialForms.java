package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Calls that are no functions of values: they take a query, name an entity, or read the columns around them.
final class SpecialForms {
    private final Binder binder;
    private final Map<Occurrence, Meaning> occurrences = new HashMap<>();

    /// A `toscalar()` in the text of a function that is called.
    private record Occurrence(Scope.Body body, Span at) {}

    SpecialForms(Binder binder) {
        this.binder = binder;
    }

    /// What the call stands for, if it is one of these.
    Optional<Meaning> call(Syntax.FunctionCall call, Env env) {
        return switch (call.function().text()) {
            case "toscalar" -> Optional.of(one(call) ? toScalar(call, env) : wrongCount(call));
            case "totable" -> Optional.of(one(call) ? binder.expressions.any(call.arguments().getFirst(), Env.of(env.scope()))
                    : wrongCount(call));
            case "materialize" -> Optional.of(one(call) ? materialize(call, env) : wrongCount(call));
            case "table", "external_table", "materialized_view", "database", "cluster", "stored_query_result" ->
                    Optional.of(binder.entities.call(call, env));
            case "graph" -> Optional.of(new GraphModels(binder).call(call, env.scope().database(), env));
            case "column_ifexists", "columnifexists" -> Optional.of(columnIfExists(call, env));
            case "pack_all" -> Optional.of(packAll(call, env));
            case "column_names_of" -> Optional.of(one(call) ? columnNamesOf(call, env) : wrongCount(call));
            case "bag_pack_columns" -> Optional.of(packColumns(call, env));
            case "estimate_data_size" -> Optional.of(dataSize(call, env));
            case "bin_auto" -> Optional.of(one(call) ? binAuto(call, env) : wrongCount(call));
            default -> Optional.empty();
        };
    }

    private static boolean one(Syntax.FunctionCall call) {
        return call.arguments().size() == 1;
    }

    private Meaning wrongCount(Syntax.FunctionCall call) {
        return binder.fail(Messages.wrongArgumentCount(call.function().span(), call.function().text(), "1 argument",
                call.arguments().size()));
    }

    /// `bin_auto(x)` is `bin_at(x, size, at)` with what options say of bins.
    private Meaning binAuto(Syntax.FunctionCall call, Env env) {
        Optional<Scalar> value = binder.expressions.scalar(call.arguments().getFirst(), env);
        if (value.isEmpty()) {
            return new Meaning.Failed();
        }
        Optional<Expr> size = binder.settings.value("query_bin_auto_size", call.span());
        if (size.isEmpty()) {
            binder.refuse(call.span(), "bin_auto() without 'set query_bin_auto_size'");
        }
        List<Expr> arguments = new ArrayList<>(List.of(value.get().expr(), size.orElseGet(() -> new Expr.Constant(
                value.get().type().isNumeric() ? Type.LONG : Type.TIMESPAN, 1L))));
        binder.settings.value("query_bin_auto_at", call.span()).ifPresent(arguments::add);
        return binder.calls.builtin(arguments.size() == 2 ? "bin" : "bin_at", arguments, call.arguments().getFirst().span(), env)
                .<Meaning>map(bin -> Scalar.named(bin, value.get().name())).orElseGet(Meaning.Failed::new);
    }

    private Meaning toScalar(Syntax.FunctionCall call, Env env) {
        Optional<Occurrence> occurrence = env.scope().body().map(body -> new Occurrence(body, call.span()));
        Optional<Meaning> before = occurrence.map(occurrences::get);
        if (before.isPresent()) {
            return before.get();
        }
        Expression argument = call.arguments().getFirst();
        Meaning inner = binder.expressions.any(argument, Env.of(env.scope()));
        if (!(inner instanceof Scalar scalar)) {
            return binder.expressions.rows(inner, argument.span()).map(this::firstCell).orElseGet(Meaning.Failed::new);
        }
        if (!ExprWalk.isIndependent(scalar.expr()) || !ExprWalk.anyAround(List.of(), scalar.expr(), ExprWalk::mayDiffer)) {
            return Scalar.unnamed(scalar.expr());
        }
        Column only = binder.column("value", scalar.type());
        Meaning value = firstCell(Meaning.Rows.of(new Plan.Rows(List.of(only), List.of(List.of(scalar.expr())))));
        // In the body of a function it is the same in each call with the same arguments. What reads rows is not: who may read which is settled where
        // each call is bound, inside of a policy otherwise than outside.
        if (!ExprWalk.anyAround(List.of(), scalar.expr(), part -> part instanceof Expr.ScalarQuery || part instanceof Expr.InQuery)) {
            occurrence.ifPresent(it -> occurrences.put(it, value));
        }
        return value;
    }

    private Meaning firstCell(Meaning.Rows rows) {
        if (rows.columns().isEmpty()) {
            return rows.open() ? new Meaning.Failed() : Scalar.unnamed(new Expr.Null(Type.DYNAMIC));
        }
        Column first = rows.columns().getFirst();
        return Scalar.unnamed(new Expr.ScalarQuery(binder.shareId(), Binder.keep(rows.plan(), List.of(first)), first.type()));
    }

    private Meaning materialize(Syntax.FunctionCall call, Env env) {
        Optional<Meaning.Rows> rows = binder.expressions.rows(call.arguments().getFirst(), env.scope());
        return rows.<Meaning>map(r -> r.with(binder.entities.shared(r.plan()))).orElseGet(Meaning.Failed::new);
    }

    /// `column_ifexists('name', default)`: the column, or the default where there is none.
    private Meaning columnIfExists(Syntax.FunctionCall call, Env env) {
        if (call.arguments().size() != 2) {
            return binder.fail(Messages.wrongArgumentCount(call.function().span(), call.function().text(), "2 arguments",
                    call.arguments().size()));
        }
        Expression first = call.arguments().getFirst();
        Optional<Scalar> name = binder.expressions.scalar(first, env);
        Optional<Scalar> fallback = binder.expressions.scalar(call.arguments().getLast(), env);
        if (name.isEmpty() || fallback.isEmpty()) {
            return new Meaning.Failed();
        }
        Optional<String> text = Literals.text(name.get().expr());
        if (text.isEmpty() && binder.isUndecided(name.get().expr())) {
            // A parameter of a function that is only being declared: which column it is shows where it is called.
            return new Meaning.Failed();
        }
        if (text.isEmpty()) {
            return binder.fail(Messages.constantArgument(first.span(), call.function().text(), "column_name"));
        }
        return env.columns().find(text.get()).map(Scalar::column)
                .orElseGet(() -> Scalar.unnamed(fallback.get().expr()));
    }

    /// `column_names_of(table)`: an array.
    private Meaning columnNamesOf(Syntax.FunctionCall call, Env env) {
        return binder.expressions.rows(call.arguments().getFirst(), env.scope()).<Meaning>map(rows -> {
            var text = new StringBuilder("[");
            for (Column column : rows.columns()) {
                DynamicText.appendString(text.length() == 1 ? text : text.append(','), column.name());
            }
            return Scalar.unnamed(new Expr.Constant(Type.DYNAMIC, text.append(']').toString()));
        }).orElseGet(Meaning.Failed::new);
    }

    /// `pack_all()`: a bag of all columns.
    private Meaning packAll(Syntax.FunctionCall call, Env env) {
        List<Expr> parts = new ArrayList<>();
        Optional<List<Column>> columns = binder.expressions.allColumns(call.span(), env);
        if (columns.isEmpty()) {
            return new Meaning.Failed();
        }
        for (Column column : columns.get()) {
            parts.add(new Expr.Constant(Type.STRING, column.name()));
            parts.add(new Expr.Ref(column));
        }
        Optional<Boolean> ignoreNulls = call.arguments().isEmpty() ? Optional.of(false)
                : binder.expressions.expr(call.arguments().getFirst(), env)
                        .map(expr -> expr.equals(new Expr.Constant(Type.BOOL, true)));
        if (ignoreNulls.isEmpty()) {
            return new Meaning.Failed();
        }
        if (parts.isEmpty()) {
            return Scalar.unnamed(new Expr.Constant(Type.DYNAMIC, "{}"));
        }
        Optional<Expr> bag = binder.calls.builtin("bag_pack", parts, call.function().span(), env);
        if (ignoreNulls.get()) {
            bag = bag.flatMap(all -> binder.calls.builtin("{-}", List.of(all), call.function().span(), env));
        }
        return bag.<Meaning>map(Scalar::unnamed).orElseGet(Meaning.Failed::new);
    }

    /// The columns that a function takes by their names; none where one is something else, which has been told.
    private Optional<List<Column>> columns(Syntax.FunctionCall call, Env env) {
        if (call.arguments().isEmpty()) {
            binder.report(Messages.wrongArgumentCount(call.function().span(), call.function().text(), "at least 1 argument", 0));
            return Optional.empty();
        }
        List<Column> columns = new ArrayList<>();
        for (Expression argument : call.arguments()) {
            Optional<Scalar> value = binder.expressions.scalar(argument, env);
            Optional<Column> column = value.flatMap(scalar -> Calls.column(scalar.expr()));
            if (value.isPresent() && column.isEmpty()) {
                binder.report(Messages.columnNameExpected(argument.span(), call.function().text()));
            }
            if (column.isEmpty()) {
                return Optional.empty();
            }
            columns.add(column.get());
        }
        return Optional.of(columns);
    }

    /// `bag_pack_columns(a, b)`: a bag of some columns.
    private Meaning packColumns(Syntax.FunctionCall call, Env env) {
        return columns(call, env).flatMap(columns -> {
            List<Expr> parts = new ArrayList<>();
            for (Column column : columns) {
                parts.add(new Expr.Constant(Type.STRING, column.name()));
                parts.add(new Expr.Ref(column));
            }
            return binder.calls.builtin("bag_pack", parts, call.function().span(), env);
        }).<Meaning>map(Scalar::unnamed).orElseGet(Meaning.Failed::new);
    }

    /// `estimate_data_size(a, b)`, `estimate_data_size(*)`: the bytes of the columns' values.
    private Meaning dataSize(Syntax.FunctionCall call, Env env) {
        boolean isAll = call.arguments().size() == 1 && call.arguments().getFirst() instanceof Syntax.Star;
        Optional<List<Column>> columns = isAll ? binder.expressions.allColumns(call.arguments().getFirst().span(), env) : columns(call, env);
        return columns.flatMap(some -> {
            Optional<Expr> sum = Optional.of(new Expr.Constant(Type.LONG,
                    some.stream().mapToLong(column -> bytes(column.type())).sum()));
            for (Column column : some) {
                if (column.type() == Type.STRING || column.type() == Type.DYNAMIC) {
                    Span at = call.function().span();
                    sum = sum.flatMap(before -> binder.calls.builtin("tostring", List.of(new Expr.Ref(column)), at, env)
                            .flatMap(text -> binder.calls.builtin("string_size", List.of(text), at, env))
                            .flatMap(size -> binder.calls.builtin("+", List.of(before, size), at, env)));
                }
            }
            return sum;
        }).<Meaning>map(Scalar::unnamed).orElseGet(Meaning.Failed::new);
    }

    /// What a value takes apart from its text. Of a dynamic it is told only that it takes more than its text.
    private static long bytes(Type type) {
        return switch (type) {
            case BOOL -> 1;
            case INT -> 4;
            case LONG, REAL, DATETIME, TIMESPAN, DYNAMIC -> Long.BYTES;
            case DECIMAL, GUID -> 2 * Long.BYTES;
            case STRING -> 0;
        };
    }
}
