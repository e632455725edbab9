package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.function.AggregateFunction;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.function.Lowering;
import io.conshelf.kql.function.ResultName;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.value.RealText;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Binds calls of aggregates: one column, or several for `arg_max`, `take_any`, `percentiles`.
final class Aggregates {
    private final Binder binder;

    Aggregates(Binder binder) {
        this.binder = binder;
    }

    /// The columns the call makes, in order; none after an error.
    List<Scalar> bind(Syntax.FunctionCall call, Env env) {
        String name = call.function().text();
        Env inside = env.with(Calculations.none());
        Optional<AggregateFunction> declared = Catalogue.aggregate(name);
        if (declared.isEmpty()) {
            return notBuilt(call, inside, env);
        }
        AggregateFunction function = declared.get();
        return switch (function.output()) {
            case ONE -> one(function, call, inside, env);
            case OF_ONE_ROW -> ofOneRow(function, call, inside, env);
            case EXTREME_AND_OTHERS -> extreme(function, call, inside, env);
            case EACH_PERCENTILE -> percentiles(function, call, inside, env, 1);
            case EACH_WEIGHTED_PERCENTILE -> percentiles(function, call, inside, env, 2);
        };
    }

    private List<Scalar> notBuilt(Syntax.FunctionCall call, Env inside, Env env) {
        binder.refuse(call.function().span(), call.function().text() + "()");
        List<Optional<Scalar>> arguments = call.arguments().stream()
                .filter(argument -> !(argument instanceof Syntax.Star))
                .map(argument -> binder.expressions.scalar(argument, inside))
                .toList();
        if (arguments.stream().anyMatch(Optional::isEmpty)) {
            return List.of();
        }
        List<Scalar> values = arguments.stream().map(Optional::orElseThrow).toList();
        return binder.calls.documented(DocumentedFunctions.aggregate(call.function().text(), values), call,
                values.stream().map(Scalar::type).toList());
    }

    private List<Scalar> one(AggregateFunction function, Syntax.FunctionCall call, Env inside, Env env) {
        Optional<List<Scalar>> arguments = all(call.arguments(), inside);
        if (arguments.isEmpty()) {
            return List.of();
        }
        List<Expr> values = arguments.get().stream().map(Scalar::expr).toList();
        String first = arguments.get().isEmpty() ? "" : arguments.get().getFirst().name();
        if (function.name().startsWith("covariance") && arguments.get().size() > 1) {
            // The engine names both columns: covariance_x_y.
            first = first + "_" + arguments.get().get(1).name();
        }
        String name = ResultNames.of(function.resultName(), function.prefix(), first);
        return add(function, values, call, env)
                .map(expr -> List.of(Scalar.named(expr, name)))
                .orElse(List.of());
    }

    /// `take_any(a, b)`, `take_any(*)`: all of the first row, so that they belong together.
    private List<Scalar> ofOneRow(AggregateFunction function, Syntax.FunctionCall call, Env inside, Env env) {
        List<Scalar> parts = new ArrayList<>();
        for (int i = 0; i < call.arguments().size(); i++) {
            Expression argument = call.arguments().get(i);
            if (argument instanceof Syntax.Star) {
                for (Column column : others(inside, env, List.of())) {
                    parts.add(Scalar.named(ofFirstRow(function, new Expr.Ref(column), env),
                            ResultNames.of(function.resultName(), function.prefix(), column.name())));
                }
                continue;
            }
            Optional<Scalar> value = binder.expressions.scalar(argument, inside);
            if (value.isEmpty()) {
                return List.of();
            }
            String name = value.get().name().isEmpty() ? "any_arg" + i
                    : ResultNames.of(function.resultName(), function.prefix(), value.get().name());
            Optional<Expr> expr = call.arguments().size() > 1 ? Optional.of(ofFirstRow(function, value.get().expr(), env))
                    : add(function, List.of(value.get().expr()), call, env);
            if (expr.isEmpty()) {
                return List.of();
            }
            parts.add(Scalar.named(expr.get(), name));
        }
        if (call.arguments().isEmpty()) {
            binder.report(binder.calls.wrongCount(function.name(), function.signatures(), call));
        }
        return parts;
    }

    private Expr ofFirstRow(AggregateFunction function, Expr value, Env env) {
        return env.extra().add(binder, new Expr.Aggregate(function, "first({0} {order})", List.of(value), value.type()));
    }

    /// `arg_max(extreme, a, b, *)`.
    private List<Scalar> extreme(AggregateFunction function, Syntax.FunctionCall call, Env inside, Env env) {
        if (call.arguments().isEmpty()) {
            binder.report(binder.calls.wrongCount(function.name(), function.signatures(), call));
            return List.of();
        }
        Optional<Scalar> first = binder.expressions.scalar(call.arguments().getFirst(), inside);
        if (first.isEmpty()) {
            return List.of();
        }
        String prefix = function.name().endsWith("max") ? "max" : "min";
        String firstName = first.get().name();
        List<Scalar> parts = new ArrayList<>();
        Optional<Expr> extreme = add(function, List.of(first.get().expr()), call, env);
        if (extreme.isEmpty()) {
            return List.of();
        }
        parts.add(Scalar.named(extreme.get(), firstName.isEmpty() ? prefix + "_"
                : ResultNames.of(function.resultName(), function.prefix(), firstName)));
        for (int i = 1; i < call.arguments().size(); i++) {
            Expression argument = call.arguments().get(i);
            if (argument instanceof Syntax.Star) {
                for (Column column : others(inside, env, List.of(first.get().expr()))) {
                    add(function, List.of(first.get().expr(), new Expr.Ref(column)), call, env)
                            .ifPresent(expr -> parts.add(Scalar.named(expr, other(function, firstName, column.name()))));
                }
                continue;
            }
            Optional<Scalar> value = binder.expressions.scalar(argument, inside);
            if (value.isEmpty()) {
                return List.of();
            }
            String name = value.get().name().isEmpty() ? prefix + "_" + firstName + "_arg" + i
                    : other(function, firstName, value.get().name());
            Optional<Expr> expr = add(function, List.of(first.get().expr(), value.get().expr()), call, env);
            if (expr.isEmpty()) {
                return List.of();
            }
            parts.add(Scalar.named(expr.get(), name));
        }
        return parts;
    }

    /// The old names of these aggregates put theirs and the first column's before the others'.
    private static String other(AggregateFunction function, String first, String name) {
        return function.resultName() == ResultName.PREFIX_AND_FIRST_ARGUMENT && !function.prefix().isEmpty()
                ? function.prefix() + "_" + first + "_" + name : name;
    }

    /// `percentiles(value, 5, 95)`; `fixed` arguments stand before the percentages.
    private List<Scalar> percentiles(AggregateFunction function, Syntax.FunctionCall call, Env inside, Env env, int fixed) {
        Optional<List<Scalar>> arguments = all(call.arguments(), inside);
        if (arguments.isEmpty()) {
            return List.of();
        }
        if (arguments.get().size() <= fixed) {
            binder.report(binder.calls.wrongCount(function.name(), function.signatures(), call));
            return List.of();
        }
        List<Expr> head = arguments.get().subList(0, fixed).stream().map(Scalar::expr).toList();
        List<Scalar> parts = new ArrayList<>();
        for (int i = fixed; i < arguments.get().size(); i++) {
            Expr percentage = arguments.get().get(i).expr();
            Optional<Expr> known = binder.constant(percentage);
            if (known.isPresent() && known.get() instanceof Expr.Null || known.flatMap(Literals::number).filter(percent -> !(percent >= 0 && percent <= 100)).isPresent()) {
                binder.report(Messages.percentageExpected(call.arguments().get(i).span(), function.name()));
                return List.of();
            }
            List<Expr> values = new ArrayList<>(head);
            values.add(percentage);
            List<Expression> written = new ArrayList<>(call.arguments().subList(0, fixed));
            written.add(call.arguments().get(i));
            Optional<Expr> expr = add(function, values, new Syntax.FunctionCall(call.function(), List.of(), written, call.span()), env);
            if (expr.isEmpty()) {
                return List.of();
            }
            parts.add(Scalar.named(expr.get(), "percentile_" + arguments.get().getFirst().name() + "_" + rank(known.orElse(percentage)).replace('.', '_')));
        }
        return parts;
    }

    /// A percentage in the name of a column: `5` of `5.0` too, and of a constant that is called otherwise.
    private static String rank(Expr percentage) {
        return switch (percentage) {
            case Expr.Constant(_, Double number) -> RealText.format(number, false);
            case Expr.Constant(_, Number number) -> number.toString();
            case Expr _ -> "";
        };
    }

    /// The columns that `*` means: neither group keys nor the extreme itself.
    private static List<Column> others(Env inside, Env env, List<Expr> except) {
        return inside.columns().list().stream()
                .filter(column -> !env.extra().isKey(column) && !except.contains(new Expr.Ref(column)))
                .toList();
    }

    private Optional<List<Scalar>> all(List<Expression> arguments, Env inside) {
        List<Scalar> values = new ArrayList<>();
        boolean failed = false;
        for (Expression argument : arguments) {
            Optional<Scalar> value = binder.expressions.scalar(argument, inside);
            value.ifPresent(values::add);
            failed |= value.isEmpty();
        }
        return failed ? Optional.empty() : Optional.of(values);
    }

    private Optional<Expr> add(AggregateFunction function, List<Expr> arguments, Syntax.FunctionCall call, Env env) {
        return switch (binder.calls.choose(function.signatures(), arguments)) {
            case Calls.Chosen chosen -> Optional.of(env.extra().add(binder, lower(function, chosen, call.function().span())));
            case Calls.WrongCount _ -> {
                binder.report(binder.calls.wrongCount(function.name(), function.signatures(), call));
                yield Optional.empty();
            }
            case Calls.WrongArgument wrong when wrong.constantMissing()
                    && binder.isUndecided(arguments.get(wrong.index())) -> Optional.empty();
            case Calls.UnlikeTypes unlike -> {
                binder.report(Calls.unlike(function.name(), unlike, call));
                yield Optional.empty();
            }
            case Calls.WrongArgument wrong -> {
                binder.report(binder.calls.wrongArgument(function.name(), wrong, call,
                        arguments.stream().map(Expr::type).toList()));
                yield Optional.empty();
            }
        };
    }

    private Expr lower(AggregateFunction function, Calls.Chosen chosen, Span at) {
        return switch (chosen.signature().lowering()) {
            case Lowering.Sql(String template) ->
                    new Expr.Aggregate(function, template, chosen.arguments(), chosen.type());
            case Lowering.Rewrite(Lowering.Rewriter rewriter) -> rewriter.rewrite(chosen.arguments());
            case Lowering.Window _, Lowering.Intrinsic _, Lowering.Columns _, Lowering.Form _ -> {
                binder.refuse(at, function.name() + "()");
                yield new Expr.Null(chosen.type());
            }
        };
    }
}
