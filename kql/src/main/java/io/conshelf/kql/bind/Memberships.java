package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.InOperator;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Binds `in`, `in~`, `has_any` and their kin: of items, of arrays, and of rows.
final class Memberships {
    /// `has_any` and `has_all` of a table take so many distinct values of it.
    private static final long LISTED_MAX = 10_000;

    private static final int SHORT_ARGUMENTS_MAX = 3;

    private static final Set<String> INFINITIES = Set.of("Infinity", "-Infinity");

    private final Binder binder;

    Memberships(Binder binder) {
        this.binder = binder;
    }

    Meaning in(Syntax.In in, Env env) {
        Optional<Scalar> left = binder.expressions.scalar(in.left(), env);
        List<Expr> items = new ArrayList<>();
        boolean failed = left.isEmpty();
        for (Expression item : in.right().items()) {
            Meaning meaning = binder.expressions.any(item, env);
            if (meaning instanceof Meaning.Rows rows && in.right().items().size() == 1) {
                return failed ? new Meaning.Failed() : inRows(in, left.get().expr(), rows, item.span(), env);
            }
            Optional<Scalar> scalar = binder.expressions.value(meaning, item, env);
            failed |= scalar.isEmpty();
            scalar.ifPresent(value -> items.add(value.expr()));
        }
        return failed ? new Meaning.Failed() : inItems(in, left.get().expr(), items, env);
    }

    private Meaning inItems(Syntax.In in, Expr left, List<Expr> items, Env env) {
        if (!isOfValues(in) && left.type() != Type.STRING && left.type() != Type.DYNAMIC) {
            return binder.fail(Messages.typeExpected(in.left().span(), env.operator(), "string or dynamic", left.type()));
        }
        return in.operator() == InOperator.HAS_ANY || in.operator() == InOperator.HAS_ALL
                ? hasTerms(in, left, items, env)
                : inLists(in, left, items, env).<Meaning>map(Scalar::unnamed).orElseGet(() -> unlike(in, left, items, env));
    }

    private Meaning hasTerms(Syntax.In in, Expr left, List<Expr> items, Env env) {
        List<Expr> terms = items.stream().flatMap(item -> Literals.arrayItems(item).orElse(List.of(item)).stream()).toList();
        if (terms.isEmpty()) {
            return Scalar.unnamed(new Expr.Constant(Type.BOOL, in.operator() == InOperator.HAS_ALL));
        }
        Optional<Expr.Ref> place = place(left, terms.size());
        Optional<Expr> found = membership(in, place.<Expr>map(ref -> ref).orElse(left), terms)
                .map(each -> place.isPresent() ? JoinedConditions.of(in.operator().text(), "", left, place.get(), List.of(each)) : each);
        return found.<Meaning>map(Scalar::unnamed).orElseGet(() -> unlike(in, left, terms, env));
    }

    /// Whether a value is one of the items, of which arrays are as their elements: those of constants become items, others are looked through.
    private Optional<Expr> inLists(Syntax.In in, Expr left, List<Expr> items, Env env) {
        boolean negated = isNegated(in);
        List<Expr> values = new ArrayList<>();
        List<Expr> lists = new ArrayList<>();
        for (Expr item : items) {
            Optional<List<Expr>> elements = Literals.arrayValues(item);
            if (elements.isPresent()) {
                values.addAll(comparable(in, left, elements.get()));
            } else if (item.type() == Type.DYNAMIC) {
                lists.add(item);
            } else {
                values.add(isOfValues(in) ? item : binder.calls.convert(item, Type.STRING));
            }
        }
        List<List<Expr>> groups = new ArrayList<>(comparedAlike(left.type(), values));
        lists.forEach(list -> groups.add(List.of(list)));
        if (groups.isEmpty()) {
            return Optional.of(new Expr.Constant(Type.BOOL, negated));
        }
        Optional<Expr.Ref> place = place(left, groups.size());
        Expr value = place.<Expr>map(ref -> ref).orElse(left);
        List<Expr> conditions = new ArrayList<>();
        for (List<Expr> group : groups) {
            Optional<Expr> one = inGroup(in, value, group);
            if (one.isEmpty()) {
                return Optional.empty();
            }
            conditions.add(one.get());
        }
        return place.isEmpty() ? junction(in, conditions, env)
                : Optional.of(JoinedConditions.of(in.operator().text(), negated ? "AND" : "OR", left, place.get(), conditions));
    }

    /// The items that one list of SQL can hold: those with which the value is compared as one type.
    private Collection<List<Expr>> comparedAlike(Type left, List<Expr> values) {
        return switch (left) {
            case STRING -> grouped(values, value -> value.type() == Type.INT ? Type.LONG : value.type());
            case DYNAMIC -> grouped(values, value -> value.type().isNumeric() ? Type.REAL : value.type());
            case BOOL -> grouped(values.stream().map(value -> value.type() == Type.STRING ? binder.calls.convert(value, left) : value).toList(), Expr::type);
            case INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, GUID -> {
                Type type = left == Type.INT ? Type.LONG : left;
                // Texts in it say values of the type, and true is 1.
                yield grouped(values.stream()
                        .map(value -> value.type() == Type.STRING || value.type() == Type.BOOL && left.isNumeric() ? binder.calls.convert(value, type) : value)
                        .toList(), value -> CommonType.of(List.of(type, value.type())).orElse(value.type()));
            }
        };
    }

    private static Collection<List<Expr>> grouped(List<Expr> values, Function<Expr, Type> type) {
        return values.stream().collect(Collectors.groupingBy(type, LinkedHashMap::new, Collectors.toList())).values();
    }

    /// `s in (1, 2)` of a text is as `==` compares it with each, and so it is of a bool.
    private Optional<Expr> inGroup(Syntax.In in, Expr left, List<Expr> group) {
        Type type = group.getFirst().type() == Type.INT ? Type.LONG : group.getFirst().type();
        boolean isRead = isOfValues(in) && type != left.type()
                && (left.type() == Type.STRING && type != Type.DYNAMIC || left.type() == Type.BOOL && type.isNumeric());
        return membership(in, isRead ? binder.calls.convert(left, type) : left, group);
    }

    /// Whether it is as well to have it in the tree several times. What is longer would double with each list around it.
    private static boolean isShort(Expr left) {
        return isAtomic(left) || left instanceof Expr.Call call && call.arguments().size() <= SHORT_ARGUMENTS_MAX && !ExprWalk.mayDiffer(call)
                && call.arguments().stream().allMatch(Memberships::isAtomic);
    }

    /// What stands for a value in the conditions on it that become one call.
    private Optional<Expr.Ref> place(Expr value, int conditions) {
        return conditions == 1 || isShort(value) ? Optional.empty() : Optional.of(new Expr.Ref(binder.column("value", value.type())));
    }

    private static boolean isAtomic(Expr expr) {
        return expr instanceof Expr.Ref || ExprWalk.isConstant(expr);
    }

    private static boolean isNegated(Syntax.In in) {
        return in.operator() == InOperator.NOT_IN || in.operator() == InOperator.NOT_IN_TILDE;
    }

    private Optional<Expr> junction(Syntax.In in, List<Expr> conditions, Env env) {
        Optional<Expr> all = Optional.of(conditions.getFirst());
        for (Expr condition : conditions.subList(1, conditions.size())) {
            all = all.flatMap(before -> binder.calls.builtin(isNegated(in) ? "and" : "or", List.of(before, condition), in.operatorSpan(), env));
        }
        return all;
    }

    private Optional<Expr> membership(Syntax.In in, Expr left, List<Expr> items) {
        List<Expr> operands = new ArrayList<>(List.of(left));
        operands.addAll(items);
        return binder.calls.tryBuiltin(in.operator().text(), operands);
    }

    private Meaning unlike(Syntax.In in, Expr left, List<Expr> items, Env env) {
        List<Type> types = Stream.concat(Stream.of(left), items.stream()).map(Expr::type).distinct().toList();
        return binder.fail(Messages.noSuchOperator(in.operatorSpan(), env.operator(), in.operator().text(), types));
    }

    /// The elements of a constant array without those whose type the value is never of.
    private List<Expr> comparable(Syntax.In in, Expr left, List<Expr> elements) {
        var known = new EnumMap<Type, Boolean>(Type.class);
        return elements.stream()
                .map(element -> written(left.type(), element))
                .filter(element -> known.computeIfAbsent(element.type(), _ -> membership(in, left, List.of(element)).isPresent()))
                .toList();
    }

    /// What an array has for a value of a type that JSON has not: the ticks of a timespan, and the text of an infinity.
    private static Expr written(Type type, Expr element) {
        return switch (element) {
            case Expr.Constant(Type of, Number ticks) when type == Type.TIMESPAN && of.isNumeric() && ticks.doubleValue() == ticks.longValue() ->
                new Expr.Constant(Type.TIMESPAN, ticks.longValue());
            case Expr.Constant(Type of, String text) when type == Type.REAL && of == Type.STRING && INFINITIES.contains(text) ->
                new Expr.Constant(Type.REAL, Double.valueOf(text));
            case Expr other -> other;
        };
    }

    /// `x in (T | project a)`.
    private Meaning inRows(Syntax.In in, Expr left, Meaning.Rows rows, Span at, Env env) {
        if (rows.columns().isEmpty()) {
            // As of the rows of any columns that a function is declared for.
            return rows.open() ? new Meaning.Failed() : Scalar.unnamed(new Expr.Constant(Type.BOOL, isNegated(in)));
        }
        Column column = rows.columns().getFirst();
        if (!isOfValues(in) && left.type() != Type.STRING && left.type() != Type.DYNAMIC) {
            return binder.fail(Messages.typeExpected(in.left().span(), env.operator(), "string or dynamic", left.type()));
        }
        return switch (in.operator()) {
            case IN -> Scalar.unnamed(inQuery(left, rows.plan(), column, false));
            case IN_TILDE -> Scalar.unnamed(inQuery(left, rows.plan(), column, true));
            case NOT_IN, NOT_IN_TILDE -> binder.calls.builtin("not",
                            List.of(inQuery(left, rows.plan(), column, in.operator() == InOperator.NOT_IN_TILDE)), at, env)
                    .<Meaning>map(Scalar::unnamed).orElseGet(Meaning.Failed::new);
            case HAS_ANY, HAS_ALL -> inItems(in, left, List.of(list(rows.plan(), column, in.operator())), env);
        };
    }

    /// The texts of a column as one array, each once.
    private Expr list(Plan plan, Column column, InOperator operator) {
        Column text = binder.column(column.name(), Type.STRING);
        Plan distinct = new Plan.Aggregate(plan, List.of(new Plan.Assignment(text, binder.calls.convert(new Expr.Ref(column), Type.STRING))), List.of());
        Plan some = new Plan.Limit(distinct, new Expr.Constant(Type.LONG, LISTED_MAX + 1));
        Column texts = binder.column(column.name(), Type.DYNAMIC);
        String template = "CASE WHEN count(*) > " + LISTED_MAX + " THEN error('" + operator.text() + ": the table has more than " + LISTED_MAX
                + " distinct values') ELSE coalesce(CAST(to_json(list({0})) AS VARCHAR), '[]') END";
        Expr all = new Expr.Aggregate(Catalogue.aggregate("make_set").orElseThrow(), template, List.of(new Expr.Ref(text)), Type.DYNAMIC);
        return new Expr.ScalarQuery(binder.shareId(), new Plan.Aggregate(some, List.of(), List.of(new Plan.Assignment(texts, all))), Type.DYNAMIC);
    }

    private Expr inQuery(Expr left, Plan plan, Column column, boolean ignoreCase) {
        Plan values = Binder.keep(plan, List.of(column));
        if (column.type() == left.type()) {
            return new Expr.InQuery(left, withoutNan(values, column), ignoreCase);
        }
        Type common = CommonType.of(List.of(left.type(), column.type())).orElse(Type.STRING);
        Column converted = binder.column(column.name(), common);
        Plan as = new Plan.Project(values, List.of(new Plan.Assignment(converted,
                binder.calls.convert(new Expr.Ref(column), common))));
        return new Expr.InQuery(binder.calls.convert(left, common), withoutNan(as, converted), ignoreCase);
    }

    /// NaN is equal to nothing, though DuckDB finds it among others.
    private Plan withoutNan(Plan values, Column column) {
        if (column.type() != Type.REAL) {
            return values;
        }
        Expr isNumber = binder.calls.tryBuiltin("isnan", List.of(new Expr.Ref(column)))
                .flatMap(isNan -> binder.calls.tryBuiltin("not", List.of(isNan))).orElseThrow();
        return new Plan.Filter(values, isNumber);
    }

    private static boolean isOfValues(Syntax.In in) {
        return in.operator() == InOperator.IN || in.operator() == InOperator.NOT_IN;
    }
}
