package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.function.BadArgument;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.BinaryOperator;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Binds expressions: to a value, to rows, or to whatever they stand for.
final class Expressions {
    private final Binder binder;

    Expressions(Binder binder) {
        this.binder = binder;
    }

    // ---------------------------------------------------------------- entries

    /// The value of an expression; empty after an error, which has been reported.
    Optional<Scalar> scalar(Expression expression, Env env) {
        return value(any(expression, env), expression, env);
    }

    /// An argument's name stands for that of its column: take_any(z = y) makes z, make_list(z = y) makes list_z.
    private Meaning named(Syntax.NamedExpression named, Env env) {
        Meaning value = any(named.value(), env);
        return value instanceof Scalar(Expr expr, _, _) ? Scalar.named(expr, named.name().text()) : value;
    }

    /// What a meaning is as a value.
    Optional<Scalar> value(Meaning meaning, Expression expression, Env env) {
        return switch (meaning) {
            case Scalar scalar -> Optional.of(scalar);
            case Meaning.Tuple tuple when !tuple.parts().isEmpty() -> Optional.of(tuple.parts().getFirst());
            case Meaning.Failed _ -> Optional.empty();
            case Meaning.Function function -> functionAsName(function, expression, env);
            case Meaning.Tuple _, Meaning.Rows _, Meaning.Database _, Meaning.Cluster _, Meaning.EntityGroup _, Meaning.Pattern _, Meaning.Graph _ -> {
                binder.report(Messages.scalarExpected(expression.span()));
                yield Optional.empty();
            }
        };
    }

    Optional<Expr> expr(Expression expression, Env env) {
        return scalar(expression, env).map(Scalar::expr);
    }

    /// A value that must be a bool, as it is.
    Optional<Expr> predicate(Expression expression, Env env) {
        return expr(expression, env).filter(expr -> {
            if (expr.type() == Type.BOOL) {
                return true;
            }
            binder.report(expression instanceof Syntax.NamedExpression
                    ? Messages.comparisonExpected(expression.span(), env.operator(), expr.type())
                    : Messages.typeExpected(expression.span(), env.operator(), "bool", expr.type()));
            return false;
        });
    }

    /// The rows an expression stands for; empty after an error.
    Optional<Meaning.Rows> rows(Expression expression, Scope scope) {
        return rows(any(expression, Env.of(scope)), expression.span());
    }

    Optional<Meaning.Rows> rows(Meaning meaning, Span at) {
        return switch (meaning) {
            case Meaning.Rows rows -> Optional.of(rows);
            case Meaning.Failed _ -> Optional.empty();
            case Meaning.Function function when function.missing().isEmpty() ->
                    rows(binder.functions.call(function, List.of(), at, at, Env.of(function.scope())), at);
            case Meaning.Function function -> {
                binder.report(Messages.missingArgument(at, function.name(), function.missing().orElseThrow()));
                yield Optional.empty();
            }
            case Scalar _, Meaning.Tuple _, Meaning.Database _, Meaning.Cluster _, Meaning.EntityGroup _,
                    Meaning.Pattern _, Meaning.Graph _ -> {
                binder.report(Messages.tableExpected(at));
                yield Optional.empty();
            }
        };
    }

    /// A function that needs no arguments may be named without calling it.
    private Optional<Scalar> functionAsName(Meaning.Function function, Expression at, Env env) {
        if (function.missing().isPresent()) {
            binder.report(Messages.missingArgument(at.span(), function.name(), function.missing().orElseThrow()));
            return Optional.empty();
        }
        return switch (binder.functions.call(function, List.of(), at.span(), at.span(), env)) {
            case Scalar scalar -> Optional.of(scalar);
            case Meaning.Failed _ -> Optional.empty();
            case Meaning.Rows _, Meaning.Tuple _, Meaning.Function _, Meaning.Database _, Meaning.Cluster _,
                    Meaning.EntityGroup _, Meaning.Pattern _, Meaning.Graph _ -> {
                binder.report(Messages.scalarExpected(at.span()));
                yield Optional.empty();
            }
        };
    }

    // ---------------------------------------------------------------- the switch

    Meaning any(Expression expression, Env env) {
        return switch (expression) {
            case Syntax.Literal literal -> literal(literal, env);
            case Syntax.NameReference name -> name(name, env);
            case Syntax.Parenthesized parenthesized -> any(parenthesized.inner(), env);
            case Syntax.Path path -> path(path, env);
            case Syntax.Element element -> element(element, env);
            case Syntax.Unary unary -> unary(unary, env);
            case Syntax.Binary binary -> binary(binary, env);
            case Syntax.In in -> binder.memberships.in(in, env);
            case Syntax.Between between -> between(between, env);
            case Syntax.FunctionCall call -> binder.calls.call(call, env);
            case Syntax.NamedExpression named -> named(named, env);
            // Everything is hot here.
            case Syntax.DataScope scope -> any(scope.source(), env);
            case Syntax.Star star -> binder.fail(Messages.starNotAllowed(star.span()));
            case Syntax.FunctionLiteral literal -> binder.functions.literal("", literal, env.scope());
            case Syntax.EntityGroup group -> binder.entityGroups.group(group, env);
            case Syntax.MissingExpression _ -> new Meaning.Failed();
            case Syntax.WildcardName name ->
                    binder.fail(Messages.unresolvedScalar(name.span(), env.operator(), name.pattern()));
            case Syntax.ClientParameter parameter ->
                    binder.fail(Messages.unresolvedScalar(parameter.span(), env.operator(), "{" + parameter.name() + "}"));
            case Syntax.CompoundNamedExpression named -> binder.fail(Messages.columnNameExpected(named.span(), env.operator()));
            case Syntax.ListExpression list -> binder.fail(Messages.scalarExpected(list.span()));
            case Syntax.Pipe _, Syntax.DataTable _, Syntax.ExternalData _, Syntax.InlineExternalTable _,
                    Syntax.ContextualDataTable _, Syntax.ContextualInput _, Syntax.MaterializedViewCombine _,
                    Syntax.TabularOperator _ -> binder.pipelines.bind(expression, env.scope());
        };
    }

    private Meaning literal(Syntax.Literal literal, Env env) {
        Optional<Expr> value = switch (literal) {
            // A type is its name to the functions that take one.
            case Syntax.TypeofLiteral(Syntax.TypeName type, _, _) -> binder.functions.namedByTypeof(type).map(t -> new Expr.Constant(Type.STRING, t.kustoName()));
            case Syntax.TypeofLiteral(Syntax.RowSchema columns, _, _) -> {
                binder.report(Messages.oneTypeExpected(columns.span(), env.operator()));
                yield Optional.empty();
            }
            case Syntax.Literal other -> Literals.bind(other);
        };
        return value.<Meaning>map(Scalar::unnamed).orElseGet(Meaning.Failed::new);
    }

    // ---------------------------------------------------------------- names and parts

    private Meaning name(Syntax.NameReference reference, Env env) {
        String name = reference.name();
        Optional<Column> column = env.columns().find(name);
        if (column.isPresent()) {
            if (env.extra().kind() == Calculations.Kind.AGGREGATES) {
                return binder.fail(Messages.notAggregated(reference.span(), name));
            }
            return Scalar.column(column.get());
        }
        if (env.graph().byName().containsKey(name)) {
            return binder.pipelines.graphs().functions().element(name, env);
        }
        Optional<Meaning> known = env.scope().find(name);
        if (known.isPresent()) {
            return switch (known.get()) {
                case Scalar scalar -> new Scalar(scalar.expr(), name, true);
                case Meaning.Rows rows -> binder.entities.reference(rows);
                case Meaning.EntityGroup group -> binder.entityGroups.complete(group);
                case Meaning.Tuple _, Meaning.Function _, Meaning.Database _, Meaning.Cluster _,
                        Meaning.Pattern _, Meaning.Graph _, Meaning.Failed _ -> known.get();
            };
        }
        if (name.isEmpty()) {
            return reference.bracketed() ? binder.fail(Messages.emptyName(reference.span())) : new Meaning.Failed();
        }
        Optional<Meaning> entity = binder.entities.find(env.scope().database(), name, reference.span());
        if (entity.isPresent()) {
            return entity.get();
        }
        if (env.columns().open()) {
            return new Meaning.Failed();
        }
        boolean wantsRows = env.columns() == Columns.NONE && env.operator().isEmpty();
        return binder.fail(wantsRows
                ? Messages.unresolvedTable(reference.span(), "", name)
                : Messages.unresolvedScalar(reference.span(), env.operator(), name, env.columns()));
    }

    private Meaning path(Syntax.Path path, Env env) {
        if (path.target() instanceof Syntax.NameReference(String side, _, _) && env.sides().containsKey(side)) {
            return sideColumn(side, env.sides().get(side), path.selector(), env);
        }
        if (path.target() instanceof Syntax.FunctionCall call && binder.patterns.named(call, env) instanceof Optional<Meaning.Pattern> pattern
                && pattern.isPresent()) {
            return binder.patterns.call(pattern.get(), call, Optional.of(path.selector()), env);
        }
        Meaning target = any(path.target(), env);
        return switch (target) {
            case Scalar scalar -> part(scalar, path.selector(), env);
            case Meaning.Tuple tuple when !tuple.parts().isEmpty() -> part(tuple.parts().getFirst(), path.selector(), env);
            case Meaning.Tuple _ -> binder.fail(Messages.scalarExpected(path.target().span()));
            case Meaning.Database database -> binder.entities.inDatabase(database, path.selector(), env);
            case Meaning.Cluster _ -> binder.entities.inCluster(path.selector(), env);
            case Meaning.Failed failed -> failed;
            case Meaning.Function function when function.missing().isEmpty() ->
                    functionAsName(function, path.target(), env).<Meaning>map(s -> part(s, path.selector(), env))
                            .orElseGet(Meaning.Failed::new);
            case Meaning.EntityGroup databases when path.target() instanceof Syntax.FunctionCall || path.target() instanceof Syntax.Path ->
                    binder.entities.inDatabases(databases, path.selector());
            case Meaning.Rows _, Meaning.Graph _ -> binder.fail(path.selector() instanceof Syntax.NameReference(String name, _, Span at)
                    ? Messages.unresolvedScalar(at, env.operator(), name) : Messages.scalarExpected(path.target().span()));
            case Meaning.Function _, Meaning.EntityGroup _, Meaning.Pattern _ ->
                    binder.fail(Messages.scalarExpected(path.target().span()));
        };
    }

    private Meaning sideColumn(String side, Columns columns, Syntax.Selector selector, Env env) {
        if (selector instanceof Syntax.NameReference(String name, _, Span at)) {
            return columns.find(name)
                    .<Meaning>map(column -> Scalar.named(new Expr.Ref(column), side + "_" + column.name()))
                    .orElseGet(() -> binder.fail(Messages.unresolvedScalar(at, env.operator(), name, columns)));
        }
        return binder.fail(Messages.columnNameExpected(selector.span(), env.operator()));
    }

    /// `value.name`; also `value.['name']` and `value.f()` which nothing has.
    private Meaning part(Scalar target, Syntax.Selector selector, Env env) {
        if (!(selector instanceof Syntax.NameReference(String name, _, Span at))) {
            return binder.fail(Messages.columnNameExpected(selector.span(), env.operator()));
        }
        if (target.type() != Type.DYNAMIC) {
            return binder.fail(Messages.unresolvedScalar(at, env.operator(), name));
        }
        Expr key = new Expr.Constant(Type.STRING, name);
        return binder.calls.builtin("[]", List.of(target.expr(), key), at, env)
                .<Meaning>map(expr -> Scalar.named(expr, join(target.name(), name)))
                .orElseGet(Meaning.Failed::new);
    }

    private Meaning element(Syntax.Element element, Env env) {
        Meaning whole = any(element.target(), env);
        if (whole instanceof Meaning.Tuple tuple && element.index() instanceof Syntax.LongLiteral number
                && number.value() >= 0 && number.value() < tuple.parts().size()) {
            return tuple.parts().get((int) number.value());
        }
        Optional<Scalar> target = value(whole, element.target(), env);
        Optional<Scalar> index = scalar(element.index(), env);
        if (target.isEmpty() || index.isEmpty()) {
            return new Meaning.Failed();
        }
        if (target.get().type() != Type.DYNAMIC) {
            return binder.fail(Messages.noIndex(new Span(element.target().span().end(), element.span().end() - element.target().span().end()), target.get().type()));
        }
        String suffix = switch (element.index()) {
            case Syntax.StringLiteral text -> text.value();
            case Syntax.LongLiteral number when number.value() >= 0 -> number.text();
            default -> "";
        };
        return binder.calls.builtin("[]", List.of(target.get().expr(), index.get().expr()), element.index().span(), env)
                .<Meaning>map(expr -> Scalar.named(expr, join(target.get().name(), suffix)))
                .orElseGet(Meaning.Failed::new);
    }

    private static String join(String name, String part) {
        return name.isEmpty() ? "" : name + "_" + part;
    }

    // ---------------------------------------------------------------- operators

    private Meaning unary(Syntax.Unary unary, Env env) {
        Optional<Scalar> operand = scalar(unary.operand(), env);
        if (operand.isEmpty()) {
            return new Meaning.Failed();
        }
        Expr value = operand.get().expr();
        if (unary.operator() == Syntax.UnaryOperator.MINUS && Literals.negated(value) instanceof Optional<Expr> folded
                && folded.isPresent()) {
            return Scalar.unnamed(folded.get());
        }
        if (unary.operator() == Syntax.UnaryOperator.PLUS && value.type() != Type.BOOL && value.type() != Type.STRING
                && value.type() != Type.GUID) {
            return Scalar.unnamed(value instanceof Expr.Ref && value.type() == Type.INT
                    ? binder.calls.convert(value, Type.LONG) : value);
        }
        return operation(unary.operator().text(), List.of(value), new Span(unary.span().start(), 1), env);
    }

    private Meaning binary(Syntax.Binary binary, Env env) {
        try {
            return operands(binary, env);
        } catch (BadArgument bad) {
            return binder.fail(Messages.error(binary.right().span(), bad.getMessage()));
        }
    }

    private Meaning operands(Syntax.Binary binary, Env env) {
        if (binary.left() instanceof Syntax.Star) {
            return overAllColumns(binary, env);
        }
        Optional<Scalar> left = scalar(binary.left(), env);
        Optional<Scalar> right = scalar(binary.right(), env);
        if (left.isEmpty() || right.isEmpty()) {
            return new Meaning.Failed();
        }
        String sign = binary.operator() == BinaryOperator.SEARCH ? "has" : binary.operator().text();
        return operation(sign, List.of(left.get().expr(), right.get().expr()), binary.operatorSpan(), env);
    }

    /// The columns that `*` stands for; none of them stands by itself among aggregates.
    Optional<List<Column>> allColumns(Span at, Env env) {
        if (env.extra().kind() == Calculations.Kind.AGGREGATES && !env.columns().list().isEmpty()) {
            binder.report(Messages.notAggregated(at, "*"));
            return Optional.empty();
        }
        return Optional.of(env.columns().list());
    }

    /// `* has 'x'`: true where it is true of one column at least; `* !has 'x'` where it is true of all.
    private Meaning overAllColumns(Syntax.Binary binary, Env env) {
        Optional<Expr> right = expr(binary.right(), env);
        Optional<List<Column>> all = allColumns(binary.left().span(), env);
        if (right.isEmpty() || all.isEmpty()) {
            return new Meaning.Failed();
        }
        String sign = binary.operator() == BinaryOperator.SEARCH ? "has" : binary.operator().text();
        String join = binary.operator().isNegated() ? "and" : "or";
        return anyColumn(all.get(), sign, join, right.get(), binary.operatorSpan(), env)
                .<Meaning>map(Scalar::unnamed)
                .orElseGet(() -> Scalar.unnamed(new Expr.Constant(Type.BOOL, binary.operator().isNegated())));
    }

    /// `column1 sign right or column2 sign right …` over the columns for which the operator is defined.
    private Optional<Expr> anyColumn(List<Column> columns, String sign, String join, Expr right, Span at, Env env) {
        Optional<Expr> all = Optional.empty();
        for (Column column : columns) {
            Optional<Expr> one = ofAllColumns(column, right.type()).flatMap(value -> binder.calls.tryBuiltin(sign, List.of(value, right)));
            if (one.isEmpty() && column.type() != Type.STRING && (right.type() == Type.STRING || right.type() == Type.DYNAMIC)) {
                one = binder.calls.tryBuiltin("tostring", List.of(new Expr.Ref(column)))
                        .flatMap(text -> binder.calls.tryBuiltin(sign, List.of(text, right)));
            }
            if (one.isPresent()) {
                Expr here = one.get();
                all = all.isEmpty() ? one : binder.calls.builtin(join, List.of(all.get(), here), at, env);
            }
        }
        return all;
    }

    /// What `*` stands for in a column that is compared with a value of a type: with a text its text, and else the column where it is no text, which
    /// is not asked what it may say. A text and a guid are compared as guids.
    Optional<Expr> ofAllColumns(Column column, Type other) {
        Expr ref = new Expr.Ref(column);
        boolean isAsItIs = (column.type() == Type.STRING) == (other == Type.STRING) || column.type() == Type.DYNAMIC || other == Type.DYNAMIC
                || column.type() == Type.GUID || other == Type.GUID;
        return isAsItIs ? Optional.of(ref) : other == Type.STRING ? binder.calls.tryBuiltin("tostring", List.of(ref)) : Optional.empty();
    }

    private Meaning between(Syntax.Between between, Env env) {
        Optional<Scalar> operand = scalar(between.operand(), env);
        Optional<Scalar> from = scalar(between.from(), env);
        Optional<Scalar> to = scalar(between.to(), env);
        if (operand.isEmpty() || from.isEmpty() || to.isEmpty()) {
            return new Meaning.Failed();
        }
        List<Expr> operands = List.of(operand.get().expr(), from.get().expr(), to.get().expr());
        return operation(between.negated() ? "!between" : "between", operands, blamed(between, operands), env);
    }

    /// Where the service says that the three do not go together.
    private static Span blamed(Syntax.Between between, List<Expr> operands) {
        Type operand = operands.get(0).type();
        List<Type> bounds = List.of(operands.get(1).type(), operands.get(2).type());
        if ((operand.isNumeric() || operand == Type.DYNAMIC) && !ofTime(bounds.get(0)) && !ofTime(bounds.get(1))) {
            List<Boolean> wrong = bounds.stream().map(bound -> !bound.isNumeric() && bound != Type.DYNAMIC).toList();
            if (wrong.get(0) != wrong.get(1) || wrong.get(0) && operand == Type.DYNAMIC) {
                return wrong.get(0) ? between.from().span() : between.to().span();
            }
        }
        if (bounds.getFirst() == operand && ofTime(operand)) {
            return between.to().span();
        }
        boolean ofTime = ofTime(operand) || ofTime(bounds.get(0)) || ofTime(bounds.get(1));
        return bounds.contains(Type.DYNAMIC) && !operand.isNumeric() ? between.operand().span()
                : ofTime ? between.from().span() : between.operatorSpan();
    }

    private static boolean ofTime(Type type) {
        return type == Type.DATETIME || type == Type.TIMESPAN;
    }

    private Meaning operation(String sign, List<Expr> operands, Span at, Env env) {
        Optional<Expr> call = binder.calls.tryBuiltin(sign, operands);
        if (call.isPresent()) {
            return Scalar.unnamed(call.get());
        }
        // What is not built compares texts: like and its kin.
        if (!binder.calls.isBuiltin(sign) && operands.stream().allMatch(o -> o.type() == Type.STRING || o.type() == Type.DYNAMIC)) {
            binder.refuse(at, sign);
            return Scalar.unnamed(new Expr.Null(OperatorTypes.guess(sign, operands)));
        }
        return binder.fail(Messages.noSuchOperator(at, env.operator(), sign, operands.stream().map(Expr::type).toList()));
    }
}
