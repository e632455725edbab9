package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// One use of a plugin whose query is written in KQL: its input becomes `_T` of that query, its arguments `_0`, `_1` …
final class PluginUse {
    /// Whose arguments may be computed from columns; those of others are columns or constants.
    private static final Set<String> OF_EXPRESSIONS = Set.of("diffpatterns_text", "rows_near");

    /// Where names stand before arguments that have no place of their own. Elsewhere a name says nothing.
    private static final Set<String> WITH_OPTIONS = Set.of("geo_line_lookup", "geo_polygon_lookup", "ipv4_lookup", "ipv6_lookup", "schema_merge", "sequence_detect");

    private final Binder binder;
    private final Syntax.Evaluate op;
    private final String name;
    private final Rows input;
    private final Scope scope;
    private final Scope inner;
    private final List<Expression> arguments = new ArrayList<>();
    private final Map<String, Expression> options = new LinkedHashMap<>();
    /// Names that stand before more than one argument.
    private final List<Syntax.Name> repeated = new ArrayList<>();
    /// The arguments that are values, in their places.
    private final List<Optional<Expr>> values = new ArrayList<>();
    private final List<Plan.Assignment> columns = new ArrayList<>();
    private final Calculations windows;
    private Optional<Rows> lookback = Optional.empty();

    PluginUse(Binder binder, Syntax.Evaluate op, Rows input, Scope scope) {
        this.binder = binder;
        this.op = op;
        this.name = op.plugin().function().text();
        this.input = input;
        this.scope = scope;
        this.inner = scope.inner();
        this.windows = Calculations.over(input.plan());
        for (Expression argument : op.plugin().arguments()) {
            if (!(argument instanceof Syntax.NamedExpression(Syntax.Name option, Expression value, _))) {
                arguments.add(argument);
            } else if (!WITH_OPTIONS.contains(name)) {
                arguments.add(value);
            } else if (options.put(option.text(), value) != null) {
                repeated.add(option);
            }
        }
    }

    String name() {
        return name;
    }

    /// Where errors are told.
    Span at() {
        return op.plugin().function().span();
    }

    Scope scope() {
        return scope;
    }

    List<Expression> arguments() {
        return arguments;
    }

    Map<String, Expression> options() {
        return options;
    }

    List<Syntax.Name> repeated() {
        return repeated;
    }

    Optional<Rows> lookback() {
        return lookback;
    }

    /// Where errors of an argument are told; those of the whole where it is not given.
    Span at(int place) {
        return place >= 0 && place < arguments.size() ? arguments.get(place).span() : at();
    }

    /// Says what is wrong with an argument.
    <T> Optional<T> failed(String message) {
        binder.report(Messages.failedInside(at(), name, message));
        return Optional.empty();
    }

    Rows input() {
        return input;
    }

    Scope inner() {
        return inner;
    }

    List<Optional<Expr>> values() {
        return values;
    }

    /// Constants become names of the query, everything else columns of its input.
    ///
    /// @param skipped arguments that are no values
    boolean bind(Set<Integer> skipped) {
        Env env = Env.of(scope, Columns.of(input), "evaluate").with(windows);
        for (int i = 0; i < arguments.size(); i++) {
            if (skipped.contains(i)) {
                values.add(Optional.empty());
                continue;
            }
            Optional<Scalar> value = binder.expressions.scalar(arguments.get(i), env);
            if (value.isEmpty()) {
                return false;
            }
            Expr expr = value.get().expr();
            values.add(Optional.of(expr));
            boolean isColumn = value.get().declared() && expr instanceof Expr.Ref;
            if (!isColumn && !ExprWalk.columns(expr).isEmpty() && !OF_EXPRESSIONS.contains(name)) {
                binder.report(Messages.columnNameExpected(arguments.get(i).span(), "evaluate"));
                return false;
            }
            if (ExprWalk.columns(expr).isEmpty()) {
                inner.declare("_" + i, Scalar.named(expr, "_" + i));
            } else {
                columns.add(new Plan.Assignment(binder.column("_" + i, expr.type()), expr));
            }
        }
        return true;
    }

    /// The named arguments, each a condition, as columns of the input.
    boolean bindConditions() {
        Env env = Env.of(scope, Columns.of(input), "evaluate").with(windows);
        int count = 0;
        for (Expression condition : options.values()) {
            Optional<Scalar> value = binder.expressions.scalar(condition, env);
            if (value.isEmpty()) {
                return false;
            }
            Expr expr = value.get().expr();
            if (expr.type() != Type.BOOL) {
                binder.report(Messages.typeExpected(condition.span(), name, "bool", expr.type()));
                return false;
            }
            columns.add(new Plan.Assignment(binder.column("_q" + count++, Type.BOOL), expr));
        }
        return true;
    }

    /// The ids of a table that is looked back at, under the name of the input's.
    boolean look(Rows rows) {
        Optional<Column> id = arguments.getFirst() instanceof Syntax.NameReference(String text, _, _)
                ? Columns.of(rows).find(text) : rows.columns().stream().findFirst();
        if (id.isEmpty()) {
            binder.report(Messages.failedInside(at(), name, "the table to look back at has no column of the ids"));
            return false;
        }
        inner.declare("_L", Rows.of(once(new Plan.Project(rows.plan(),
                List.of(new Plan.Assignment(binder.column("_0", id.get().type()), new Expr.Ref(id.get())))))));
        lookback = Optional.of(rows);
        return true;
    }

    /// The distance of a lookup where it is given by its name.
    boolean bindRadius() {
        Expression radius = options.get("radius");
        if (radius == null) {
            return true;
        }
        Optional<Expr> value = binder.expressions.expr(radius, Env.of(scope));
        value.ifPresent(expr -> inner.declare("_radius", Scalar.named(expr, "_radius")));
        return value.isPresent();
    }

    boolean isConstant(int index) {
        return index < values.size() && values.get(index).filter(expr -> ExprWalk.columns(expr).isEmpty()).isPresent();
    }

    /// Whether an argument that is given is of a type that fits; another one is told where it stands.
    boolean takes(int index, Predicate<Type> fitting, String wanted) {
        Optional<Type> type = index < values.size() ? values.get(index).map(Expr::type) : Optional.empty();
        boolean fits = type.filter(fitting.negate()).isEmpty();
        if (!fits) {
            binder.report(Messages.typeExpected(at(index), name, wanted, type.orElseThrow()));
        }
        return fits;
    }

    boolean isText(int index) {
        return index < values.size() && values.get(index).filter(expr -> expr.type() == Type.STRING).isPresent();
    }

    boolean option(String option) {
        return options.get(option) instanceof Syntax.BoolLiteral value && value.value();
    }

    /// The query, with the dimensions from an argument on.
    String text(String template, int dimensionsFrom) {
        List<String> dimensions = IntStream.range(dimensionsFrom, Math.max(dimensionsFrom, arguments.size())).mapToObj(i -> "_" + i).toList();
        return template
                .replace("{D}", dimensions.stream().map(d -> ", " + d).collect(Collectors.joining()))
                .replace("{S}", dimensions.stream().map(d -> d + " asc, ").collect(Collectors.joining()))
                .replace("{N}", dimensions.stream().map(d -> " or " + d + " != prev(" + d + ")").collect(Collectors.joining()))
                .replace("{R}", dimensions.isEmpty() ? "" : ", " + dimensions.stream().map(d -> d + " != prev(" + d + ")")
                        .collect(Collectors.joining(" or ")));
    }

    /// The input's columns, as the query knows them.
    String given() {
        return input.columns().stream().map(this::written).collect(Collectors.joining(", "));
    }

    /// A column of the input as the query knows it: by its place, as the user's name may be one of the query's own.
    String written(Column column) {
        return "_in" + input.columns().indexOf(column);
    }

    Optional<Rows> run(String query) {
        inner.declare("_T", Rows.of(once(computed())));
        return new WrittenQuery(binder, name, at()).run(query, inner);
    }

    /// The input under names that only the query knows, with the arguments that are columns beside it.
    private Plan computed() {
        List<Plan.Assignment> all = new ArrayList<>();
        for (Column column : input.columns()) {
            all.add(new Plan.Assignment(binder.column(written(column), column.type()), new Expr.Ref(column)));
        }
        all.addAll(columns);
        return new Plan.Project(columns.isEmpty() ? input.plan() : windows.windowsOver(binder, input.plan()), all);
    }

    /// A plugin reads its input once, its query perhaps several times: only a table with filters is cheap and certain enough for that.
    private Plan once(Plan plan) {
        return isTable(plan) ? plan : binder.entities.shared(plan);
    }

    private static boolean isTable(Plan plan) {
        return switch (plan) {
            case Plan.Scan _, Plan.Shared _ -> true;
            case Plan.Rows rows -> rows.rows().stream().flatMap(List::stream).allMatch(ExprWalk::isConstant);
            case Plan.Filter filter -> isTable(filter.input()) && !ExprWalk.anyAround(List.of(), filter.predicate(), PluginUse::mayDiffer);
            case Plan.Project project -> isTable(project.input())
                    && project.assignments().stream().allMatch(assignment -> assignment.value() instanceof Expr.Ref);
            case Plan other -> false;
        };
    }

    /// Queries in a predicate may take rows by chance, and are not cheap.
    private static boolean mayDiffer(Expr expr) {
        return expr instanceof Expr.ScalarQuery || ExprWalk.mayDiffer(expr);
    }
}
