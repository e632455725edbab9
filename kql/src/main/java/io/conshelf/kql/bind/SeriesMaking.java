package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Items.Item;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.plan.Plan.Series;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// `make-series`.
final class SeriesMaking {
    /// As an array has at most so many elements.
    private static final long BINS_MAX = 1_048_576;

    private final Binder binder;
    private final Items items;
    private final Projections projections;

    SeriesMaking(Binder binder, Projections projections) {
        this.binder = binder;
        this.projections = projections;
        items = new Items(binder);
    }

    Rows make(Syntax.MakeSeries op, Rows input, Scope scope) {
        boolean nonEmpty = new Parameters(binder, "make-series", op.parameters()).word("kind", List.of("nonempty")).isPresent();
        Env env = Env.of(scope, Columns.of(input), "make-series");
        OutputNames names = new OutputNames();
        Items.Bound by = items.bind(op.by(), env);
        List<Assignment> keys = projections.assign(by.items(), "make-series", names);
        boolean failed = by.failed();
        List<Series> series = new ArrayList<>();
        for (Syntax.SeriesAggregate aggregate : op.aggregates()) {
            List<Series> some = series(aggregate, env, scope, names);
            failed |= some.isEmpty();
            series.addAll(some);
        }
        List<Item> on = items.bind(op.on(), env);
        Range range = range(op.range(), scope);
        if (failed || on.isEmpty() || range.failed) {
            return new Rows(input.plan(), true, "");
        }
        Item axis = on.getFirst();
        Type type = axis.value().type();
        if (!type.isNumeric() && type != Type.DATETIME && type != Type.TIMESPAN) {
            // The service reports this where the step stands.
            binder.report(Messages.axisType(stepAt(op.range()), type));
            return new Rows(input.plan(), true, "");
        }
        check(op.range(), range, type);
        if (!axis.name().isEmpty() && names.isWritten(axis.name())) {
            binder.report(Messages.columnTwice(axis.at(), "make-series", axis.name()));
        }
        Column axisColumn = binder.column(names.unique(axis.name().isEmpty() ? "Column1" : axis.name()), Type.DYNAMIC);
        Plan rows = range.rows.map(ends -> within(input.plan(), axis.value(), ends)).orElseGet(input::plan);
        Expr step = type.isNumeric() ? binder.calls.convert(range.step.orElseThrow(), type) : range.step.orElseThrow();
        Expr value = axis.value();
        Optional<Expr> to = range.to.map(end -> edge(end, type));
        if (type == Type.REAL && range.rows.isPresent()) {
            // Products of a real step are a little more or less than what they are the bin of: within their bins nothing is beside one.
            value = within(bin(value, step), step, 0.25);
            to = range.rows.flatMap(Range::to).map(end -> within(bin(edge(end, type), step), step, 0.5));
        }
        return Rows.of(new Plan.MakeSeries(rows, keys, series, new Assignment(axisColumn, value),
                range.from.map(from -> edge(from, type)), to, step, nonEmpty));
    }

    /// Both ends have the axis's type, and the step one that can be added to it.
    private void check(Syntax.SeriesRange written, Range range, Type axis) {
        for (Optional<Expr> end : List.of(range.from, range.to)) {
            end.filter(value -> value.type() != axis && !(value.type().isNumeric() && axis.isNumeric()))
                    .ifPresent(value -> binder.report(Messages.typeExpected(endAt(written), "make-series", axis.toString(), value.type())));
        }
        Type step = range.step.orElseThrow().type();
        if (axis.isNumeric() ? !step.isNumeric() || axis.isInteger() && !step.isInteger() : step != Type.TIMESPAN) {
            binder.report(Messages.typeExpected(stepAt(written), "make-series",
                    axis.isNumeric() ? "number" : "timespan", step));
        }
        if (Literals.isZero(range.step.orElseThrow())) {
            binder.report(Messages.zeroStep(stepAt(written), "make-series"));
        } else if (range.from.flatMap(from -> range.to.flatMap(to -> bins(from, to, range.step.orElseThrow())))
                .filter(bins -> bins.compareTo(BigDecimal.valueOf(BINS_MAX)) > 0).isPresent()) {
            binder.report(Messages.tooManyBins(stepAt(written), BINS_MAX));
        }
    }

    /// How many bins there are; empty where only the run tells.
    private static Optional<BigDecimal> bins(Expr from, Expr to, Expr step) {
        Optional<BigDecimal> by = number(step).filter(value -> value.signum() > 0);
        return number(from).flatMap(first -> number(to).flatMap(last -> by.map(
                value -> last.subtract(first).divide(value, MathContext.DECIMAL64).setScale(0, RoundingMode.CEILING))));
    }

    private static Optional<BigDecimal> number(Expr expr) {
        return expr instanceof Expr.Constant(_, Object value) ? switch (value) {
            case BigDecimal decimal -> Optional.of(decimal);
            case Double real when Double.isFinite(real) -> Optional.of(BigDecimal.valueOf(real));
            case Integer _, Long _ -> Optional.of(BigDecimal.valueOf(((Number) value).longValue()));
            default -> Optional.empty();
        } : Optional.empty();
    }

    private static io.conshelf.kql.syntax.Span endAt(Syntax.SeriesRange range) {
        return switch (range) {
            case Syntax.SeriesFromToStep given -> given.from().or(given::to).map(Expression::span).orElse(given.span());
            case Syntax.SeriesInRange given -> given.arguments().isEmpty() ? given.span() : given.arguments().getFirst().span();
        };
    }

    private static io.conshelf.kql.syntax.Span stepAt(Syntax.SeriesRange range) {
        return switch (range) {
            case Syntax.SeriesFromToStep given -> given.step().span();
            case Syntax.SeriesInRange given -> given.arguments().isEmpty() ? given.span() : given.arguments().getLast().span();
        };
    }

    private Expr edge(Expr edge, Type type) {
        return binder.calls.convert(edge, type);
    }

    /// One series, or one of each column of an aggregate that makes several; none after an error.
    private List<Series> series(Syntax.SeriesAggregate aggregate, Env env, Scope scope, OutputNames names) {
        Calculations calculations = Calculations.aggregates();
        List<Item> bound = items.bind(aggregate.aggregate(), env.with(calculations));
        Optional<Expr> missing = aggregate.defaultValue().flatMap(value -> binder.expressions.expr(value, Env.of(scope)));
        if (bound.isEmpty() || aggregate.defaultValue().isPresent() && missing.isEmpty()) {
            return List.of();
        }
        List<Series> series = new ArrayList<>();
        for (Item item : bound) {
            if (item.written() && names.isWritten(item.name())) {
                binder.report(Messages.columnTwice(item.at(), "make-series", item.name()));
                return List.of();
            }
            series.add(series(item, missing, calculations, names));
        }
        return series;
    }

    private Series series(Item item, Optional<Expr> missing, Calculations calculations, OutputNames names) {
        Type type = item.value().type();
        Expr fallback = missing.map(value -> binder.calls.convert(value, type)).orElseGet(() -> ofNothing(item, type));
        String name = item.name().isEmpty() ? names.next() : item.written() ? names.write(item.name()) : names.unique(item.name());
        Expr value = ExprWalk.map(item.value(), part -> part instanceof Expr.Ref(Column column)
                ? calculations.assignments().stream().filter(a -> a.column().equals(column)).findFirst()
                        .map(Assignment::value).orElse(part) : part);
        return new Series(binder.column(name, Type.DYNAMIC), value, fallback);
    }

    /// What a bin without rows has: zero for numbers, else null.
    private Expr ofNothing(Item item, Type type) {
        return type.isNumeric() ? binder.calls.convert(new Expr.Constant(Type.LONG, 0L), type) : Literals.nothing(type);
    }

    /// @param rows the ends within which rows are taken, where they are not those of the axis
    private record Range(Optional<Expr> from, Optional<Expr> to, Optional<Expr> step, boolean failed, Optional<Range> rows) {
        Range(Optional<Expr> from, Optional<Expr> to, Optional<Expr> step, boolean failed) {
            this(from, to, step, failed, Optional.empty());
        }
    }

    private Expr bin(Expr value, Expr step) {
        return binder.calls.tryBuiltin("bin", List.of(value, step)).orElse(value);
    }

    /// A part of a step behind the beginning of a bin.
    private Expr within(Expr start, Expr step, double part) {
        return binder.calls.tryBuiltin("*", List.of(step, new Expr.Constant(Type.REAL, part)))
                .flatMap(behind -> binder.calls.tryBuiltin("+", List.of(start, behind))).orElse(start);
    }

    /// The input's rows whose axis lies between two ends, both included.
    private Plan within(Plan input, Expr axis, Range ends) {
        return binder.calls.tryBuiltin("between", List.of(axis, ends.from.orElseThrow(), ends.to.orElseThrow()))
                .<Plan>map(between -> new Plan.Filter(input, between)).orElse(input);
    }

    private Range range(Syntax.SeriesRange range, Scope scope) {
        return switch (range) {
            case Syntax.SeriesFromToStep given -> range(given.from(), given.to(), Optional.of(given.step()), scope);
            // The old form has both ends within and bins as bin() makes them; the new one begins where it is told and ends before its end.
            case Syntax.SeriesInRange given when given.arguments().size() == 3 -> {
                Range found = range(Optional.of(given.arguments().get(0)), Optional.of(given.arguments().get(1)),
                        Optional.of(given.arguments().get(2)), scope);
                if (found.failed) {
                    yield found;
                }
                Expr step = found.step.orElseThrow();
                Expr last = bin(found.to.orElseThrow(), step);
                yield new Range(Optional.of(bin(found.from.orElseThrow(), step)),
                        binder.calls.tryBuiltin("+", List.of(last, step)).or(() -> found.to), found.step, false, Optional.of(found));
            }
            case Syntax.SeriesInRange given -> {
                binder.report(Messages.wrongArgumentCount(given.span(), "range", "3 arguments", given.arguments().size()));
                yield new Range(Optional.empty(), Optional.empty(), Optional.empty(), true);
            }
        };
    }

    private Range range(Optional<Expression> from, Optional<Expression> to, Optional<Expression> step, Scope scope) {
        Env env = Env.of(scope, Columns.NONE, "make-series");
        Optional<Expr> first = from.flatMap(e -> binder.expressions.expr(e, env));
        Optional<Expr> last = to.flatMap(e -> binder.expressions.expr(e, env));
        Optional<Expr> by = step.flatMap(e -> binder.expressions.expr(e, env));
        boolean failed = from.isPresent() && first.isEmpty() || to.isPresent() && last.isEmpty() || by.isEmpty();
        return new Range(first, last, by, failed);
    }
}
