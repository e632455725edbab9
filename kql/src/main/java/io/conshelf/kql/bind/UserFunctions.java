package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Parsed;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Functions written by users. A call binds the body anew with the arguments in place of the parameters.
final class UserFunctions {
    private final Binder binder;
    private Deque<Meaning.Function> beingBound = new ArrayDeque<>();

    UserFunctions(Binder binder) {
        this.binder = binder;
    }

    // ---------------------------------------------------------------- declaring

    Meaning.Function literal(String name, Syntax.FunctionLiteral literal, Scope scope) {
        return new Meaning.Function(name, literal.parameters(), literal.body(), scope, literal.view(), Optional.empty());
    }

    /// A function of a database, parsed; `at` is where it is named.
    Optional<Meaning.Function> stored(Catalog.StoredFunction stored, String database, Span at) {
        boolean whole = stored.parameters().isBlank() && stored.body().strip().startsWith("(");
        String parameters = stored.parameters().isBlank() && !whole ? "()" : stored.parameters();
        String text = parameters + " " + stored.body();
        Parsed parsed = Parser.parseFunction(text, 0);
        Optional<Diagnostic> error = parsed.diagnostics().stream().filter(Diagnostic::isError).findFirst();
        if (error.isPresent() || parsed.tree().statements().isEmpty()
                || !(parsed.tree().statements().getFirst()
                        instanceof Syntax.ExpressionStatement(Syntax.FunctionLiteral literal, _))) {
            binder.report(Messages.failedInside(at, stored.name(), error.map(Diagnostic::message).orElse("it is no function")));
            return Optional.empty();
        }
        return Optional.of(new Meaning.Function(stored.name(), literal.parameters(), literal.body(), Scope.of(database),
                stored.isView(), Optional.of(text)));
    }

    /// Checks a function where it is declared, as if called with values it knows nothing of.
    void check(Meaning.Function function) {
        boolean hasDefault = false;
        boolean hasScalar = false;
        for (Syntax.Parameter parameter : function.parameters()) {
            if (hasScalar && parameter.type() instanceof Syntax.RowSchema schema) {
                binder.report(Messages.tableAfterScalar(schema.span(), parameter.name().text()));
            }
            hasScalar |= parameter.type() instanceof Syntax.TypeName;
            if (hasDefault && parameter.defaultValue().isEmpty() && !(parameter.type() instanceof Syntax.RowSchema)) {
                binder.report(Messages.requiredAfterDefault(parameter.name().span(), parameter.name().text()));
            }
            hasDefault |= parameter.defaultValue().isPresent();
        }
        Scope inside = placeholders(function);
        // Of `(*)` no columns can be named.
        binder.declared(() -> body(function, inside));
    }

    /// Whether a call gives one value, whatever its arguments.
    boolean givesValue(Meaning.Function function) {
        return !isOpen(function) && binder.apart(() -> binder.declared(() -> body(function, placeholders(function)))).result() instanceof Scalar;
    }

    private static boolean isOpen(Meaning.Function function) {
        return function.parameters().stream().anyMatch(p -> p.type() instanceof Syntax.RowSchema schema && schema.isOpen());
    }

    private Scope placeholders(Meaning.Function function) {
        Scope inside = function.scope().inner();
        for (Syntax.Parameter parameter : function.parameters()) {
            inside.declare(parameter.name().text(), placeholder(parameter, function.scope()));
        }
        return inside;
    }

    private Meaning placeholder(Syntax.Parameter parameter, Scope scope) {
        return switch (parameter.type()) {
            case Syntax.TypeName name -> typeOf(name).map(type -> {
                parameter.defaultValue().ifPresent(value -> defaultValue(value, type, scope));
                return (Meaning) Scalar.named(new Expr.Ref(binder.placeholder(parameter.name().text(), type)),
                        parameter.name().text());
            }).orElseGet(Meaning.Failed::new);
            case Syntax.RowSchema schema -> Meaning.Rows.of(binder.nothing(columns(schema)));
        };
    }

    private Optional<Expr> defaultValue(Expression value, Type type, Scope scope) {
        Optional<Expr> expr = binder.expressions.expr(value, Env.of(scope));
        return expr.map(e -> assignDefault(e, type).orElseGet(() -> {
            binder.report(Messages.typeExpected(value.span(), "", type.toString(), e.type()));
            return new Expr.Null(type);
        }));
    }

    Optional<Type> typeOf(Syntax.TypeName name) {
        return typeOf(name, name.scalarType().map(Literals::type));
    }

    /// What `typeof(…)` names, in any case: the pages' own library of functions writes `typeof(DateTime)`, which declarations do not take.
    Optional<Type> namedByTypeof(Syntax.TypeName name) {
        return typeOf(name, name.scalarType().map(Literals::type).or(() -> Type.named(name.text())));
    }

    private Optional<Type> typeOf(Syntax.TypeName name, Optional<Type> type) {
        if (type.isEmpty() && !name.text().isEmpty()) {
            binder.report(Messages.unknownType(name.span(), name.text()));
        }
        return type;
    }

    List<Column> columns(Syntax.RowSchema schema) {
        return schema.columns().stream()
                .map(column -> binder.column(column.name().text(), typeOf(column.type()).orElse(Type.DYNAMIC)))
                .toList();
    }

    // ---------------------------------------------------------------- calling

    /// @param at   where the function's name stands
    /// @param call all of the call
    Meaning call(Meaning.Function function, List<Expression> arguments, Span at, Span call, Env env) {
        return callWith(function, Optional.empty(), arguments, at, call, env);
    }

    /// Rows that `invoke` puts before the arguments, and where they are from.
    record Invoked(Meaning.Rows rows, Span at) {}

    Meaning callWith(Meaning.Function function, Optional<Invoked> input, List<Expression> arguments, Span at,
            Span call, Env env) {
        Optional<Map<String, Meaning>> values = arguments(function, input, arguments, at, env);
        if (values.isEmpty()) {
            return new Meaning.Failed();
        }
        Scope inside = function.scope().inner(told(function, values.get()));
        values.get().forEach(inside::declare);
        return binder.deeper(call, function.source().isPresent(), function.name(), () -> {
            Binder.Apart<Meaning> bound = binder.apart(() -> binder.entities.within(function, () -> called(body(function, inside), call)));
            reportInside(function, bound, call);
            return bound.result() instanceof Scalar scalar ? Scalar.unnamed(scalar.expr()) : bound.result();
        }, Meaning.Failed::new);
    }

    /// Which body this is, with which arguments; of tables and of computed values it is not told whether they are the same.
    private static Optional<Scope.Body> told(Meaning.Function function, Map<String, Meaning> arguments) {
        Map<String, Object> values = new LinkedHashMap<>();
        for (Map.Entry<String, Meaning> argument : arguments.entrySet()) {
            Optional<Object> value = argument.getValue() instanceof Scalar scalar ? told(scalar.expr()) : Optional.empty();
            if (value.isEmpty()) {
                return Optional.empty();
            }
            values.put(argument.getKey(), value.get());
        }
        List<Object> place = function.source().isPresent()
                ? List.of(function.scope().database(), function.name(), function.source().get())
                : List.of(function.scope(), function.body().span());
        return Optional.of(new Scope.Body(place, values));
    }

    private static Optional<Object> told(Expr value) {
        return switch (value) {
            case Expr.Constant _, Expr.Null _, Expr.Ref _ -> Optional.of(value);
            case Expr.ScalarQuery query -> Optional.of(query.id());
            case Expr.Call _, Expr.InQuery _, Expr.Aggregate _ -> Optional.empty();
        };
    }

    /// What is wrong in the body of a `let` function stands at its own place; the rest is said at the call.
    private void reportInside(Meaning.Function function, Binder.Apart<Meaning> bound, Span call) {
        if (function.source().isEmpty()) {
            bound.diagnostics().forEach(binder::report);
        } else {
            bound.errors().stream().findFirst().ifPresent(error ->
                    binder.report(Messages.failedInside(call, function.name(), error.message())));
        }
    }

    /// A body that only names a function calls it, as what may read what it needs there.
    private Meaning called(Meaning meaning, Span at) {
        return meaning instanceof Meaning.Function named && named.missing().isEmpty()
                ? call(named, List.of(), at, at, Env.of(named.scope())) : meaning;
    }

    private Meaning body(Meaning.Function function, Scope inside) {
        beingBound.push(function);
        try {
            return new Statements(binder).body(function.body(), inside);
        } finally {
            beingBound.pop();
        }
    }

    /// Whether its body, or what that calls, is where binding stands.
    boolean isBeingBound(Meaning.Function function) {
        return beingBound.stream().anyMatch(other -> other == function);
    }

    /// Binds a table's own query, which means the same wherever the table is read: also in the body of a view that the query reads.
    <T> T anew(Supplier<T> work) {
        Deque<Meaning.Function> outer = beingBound;
        beingBound = new ArrayDeque<>();
        try {
            return work.get();
        } finally {
            beingBound = outer;
        }
    }

    private Optional<Map<String, Meaning>> arguments(Meaning.Function function, Optional<Invoked> input,
            List<Expression> arguments, Span at, Env env) {
        List<Syntax.Parameter> parameters = function.parameters();
        Map<String, Meaning> values = new LinkedHashMap<>();
        int next = 0;
        if (input.isPresent()) {
            if (parameters.isEmpty() || !(parameters.getFirst().type() instanceof Syntax.RowSchema schema)) {
                binder.report(Messages.wrongArgumentCount(at, function.name(), "no table argument", 1));
                return Optional.empty();
            }
            if (!tableArgument(function, parameters.getFirst(), schema, input.get().rows(), input.get().at(), values)) {
                return Optional.empty();
            }
            next = 1;
        }
        int given = next + arguments.size();
        boolean failed = false;
        for (Expression argument : arguments) {
            Optional<Syntax.Parameter> parameter;
            Expression value = argument;
            if (argument instanceof Syntax.NamedExpression(Syntax.Name name, Expression inner, _)) {
                parameter = parameters.stream().filter(p -> p.name().text().equals(name.text())).findFirst();
                value = inner;
                next++;
                if (parameter.isEmpty()) {
                    binder.report(Messages.unknownParameter(name.span(), function.name(), name.text()));
                    return Optional.empty();
                }
            } else {
                parameter = next < parameters.size() ? Optional.of(parameters.get(next++)) : Optional.empty();
            }
            if (parameter.isEmpty()) {
                boolean hasDefaults = parameters.stream().anyMatch(p -> p.defaultValue().isPresent());
                String most = Calls.plural(parameters.size());
                binder.report(Messages.wrongArgumentCount(at, function.name(), hasDefaults ? "at most " + most : most, given));
                return Optional.empty();
            }
            failed |= !argument(function, parameter.get(), value, env, values);
        }
        return failed || !defaults(function, values, at) ? Optional.empty() : Optional.of(values);
    }

    private boolean defaults(Meaning.Function function, Map<String, Meaning> values, Span at) {
        for (Syntax.Parameter parameter : function.parameters()) {
            String name = parameter.name().text();
            if (values.containsKey(name)) {
                continue;
            }
            if (parameter.defaultValue().isEmpty() || !(parameter.type() instanceof Syntax.TypeName type)) {
                binder.report(Messages.missingArgument(at, function.name(), name));
                return false;
            }
            Optional<Type> wanted = typeOf(type);
            Optional<Expr> value = wanted.flatMap(t -> defaultValue(parameter.defaultValue().get(), t, function.scope()));
            if (value.isEmpty()) {
                return false;
            }
            values.put(name, Scalar.named(value.get(), name));
        }
        return true;
    }

    private boolean argument(Meaning.Function function, Syntax.Parameter parameter, Expression value, Env env,
            Map<String, Meaning> values) {
        return switch (parameter.type()) {
            case Syntax.TypeName name -> {
                Optional<Scalar> scalar = binder.expressions.scalar(value, env);
                Optional<Type> type = typeOf(name);
                if (scalar.isEmpty() || type.isEmpty()) {
                    yield false;
                }
                Optional<Expr> converted = assign(scalar.get().expr(), type.get());
                if (converted.isEmpty()) {
                    binder.report(Messages.wrongArgument(value.span(), function.name(), parameter.name().text(),
                            type.get().toString(), scalar.get().type()));
                    yield false;
                }
                values.put(parameter.name().text(), Scalar.named(converted.get(), parameter.name().text()));
                yield true;
            }
            case Syntax.RowSchema schema -> {
                Optional<Meaning.Rows> rows = binder.expressions.rows(value, env.scope());
                yield rows.isPresent() && tableArgument(function, parameter, schema, rows.get(), value.span(), values);
            }
        };
    }

    /// A table given for a parameter must have the columns the parameter names; the body sees its other columns too.
    private boolean tableArgument(Meaning.Function function, Syntax.Parameter parameter, Syntax.RowSchema schema,
            Meaning.Rows rows, Span at, Map<String, Meaning> values) {
        Columns given = Columns.of(rows);
        List<String> missing = new ArrayList<>();
        for (Syntax.ColumnDeclaration declared : schema.columns()) {
            Optional<Type> type = declared.type().scalarType().map(Literals::type);
            Optional<Column> column = given.find(declared.name().text());
            if (column.isEmpty() || type.isEmpty() || !assignable(column.get().type(), type.get())) {
                missing.add(declared.name().text() + ":" + declared.type().text());
            }
        }
        if (!missing.isEmpty() && !rows.open()) {
            binder.report(Messages.missingColumns(at, function.name(), missing.stream().collect(Collectors.joining(", "))));
            return false;
        }
        values.put(parameter.name().text(), rows);
        return true;
    }

    private static boolean assignable(Type from, Type to) {
        return from == to || from == Type.INT && to == Type.LONG;
    }

    /// A value for a default: between dynamic and other types nothing is converted.
    Optional<Expr> assignDefault(Expr value, Type type) {
        return (value.type() == Type.DYNAMIC) == (type == Type.DYNAMIC) ? assign(value, type) : Optional.empty();
    }

    /// A value for a parameter: numbers and dynamic values are converted, others must have the type.
    Optional<Expr> assign(Expr value, Type type) {
        Type from = value.type();
        boolean converts = from == type || from.isNumeric() && type.isNumeric() || from == Type.DYNAMIC
                || type == Type.DYNAMIC;
        return converts ? Optional.of(binder.calls.convert(value, type)) : Optional.empty();
    }
}
