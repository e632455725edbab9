package io.conshelf.kql.bind;

import io.conshelf.kql.bind.BindOptions.ParameterValue;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Parsed;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.DynamicText;
import io.conshelf.kql.value.TimeSpanText;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;

/// `declare query_parameters`: names whose values come with the request.
final class QueryParameters {
    private final Binder binder;

    QueryParameters(Binder binder) {
        this.binder = binder;
    }

    void declare(Syntax.QueryParameters parameters, Scope scope) {
        for (Syntax.Parameter parameter : parameters.parameters()) {
            String name = parameter.name().text();
            if (scope.declaresItself(name)) {
                binder.report(Messages.nameTwice(parameter.name().span(), name));
            }
            Optional<Type> type = switch (parameter.type()) {
                case Syntax.TypeName written -> binder.functions.typeOf(written);
                case Syntax.RowSchema rows -> {
                    binder.report(Messages.scalarParameter(rows.span(), name));
                    yield Optional.empty();
                }
            };
            scope.declare(name, type.<Meaning>map(t -> value(parameter, t, scope)).orElseGet(Meaning.Failed::new));
        }
    }

    private Meaning value(Syntax.Parameter parameter, Type type, Scope scope) {
        String name = parameter.name().text();
        Optional<Expr> fallback = parameter.defaultValue().flatMap(value -> binder.expressions.expr(value, Env.of(scope))
                .flatMap(expr -> {
                    Optional<Expr> assigned = binder.functions.assignDefault(expr, type);
                    if (assigned.isEmpty()) {
                        binder.report(Messages.typeExpected(value.span(), "", type.toString(), expr.type()));
                    }
                    return assigned;
                }));
        Optional<ParameterValue> given = Optional.ofNullable(binder.options().parameters().get(name));
        if (given.isEmpty()) {
            if (parameter.defaultValue().isEmpty()) {
                if (!binder.options().checkOnly()) {
                    return binder.fail(Messages.missingParameter(parameter.name().span(), name));
                }
                return Scalar.named(new Expr.Null(type), name);
            }
            return fallback.<Meaning>map(expr -> Scalar.named(expr, name)).orElseGet(Meaning.Failed::new);
        }
        return read(given.get(), type).<Meaning>map(expr -> Scalar.named(expr, name))
                .orElseGet(() -> binder.fail(Messages.badParameter(parameter.name().span(), name, type)));
    }

    private Optional<Expr> read(ParameterValue value, Type type) {
        return switch (value) {
            case ParameterValue.Bool(boolean it) -> binder.functions.assign(new Expr.Constant(Type.BOOL, it), type)
                    .or(() -> type == Type.STRING ? text(Boolean.toString(it)) : Optional.empty());
            case ParameterValue.Number(String it) -> type == Type.STRING ? text(it) : literal(it, type);
            case ParameterValue.Text(String it) -> type == Type.STRING ? quoted(it).or(() -> text(it)) : literal(it.strip(), type);
        };
    }

    /// A text that is a string literal stands for its value: the Go client sends those, the others the text itself.
    private Optional<Expr> quoted(String text) {
        return text.startsWith("\"") || text.startsWith("'") ? literal(text, Type.STRING) : Optional.empty();
    }

    private static Optional<Expr> text(String value) {
        return Optional.of(new Expr.Constant(Type.STRING, value));
    }

    /// A text as a value of the type: a bare value (`5`, `2024-01-01`), or a literal (`long(5)`, `'a'`).
    private Optional<Expr> literal(String text, Type type) {
        Optional<Expr> bare = parse(text, type);
        if (bare.isPresent()) {
            return bare;
        }
        Parsed parsed = Parser.parse("print " + text);
        if (parsed.diagnostics().stream().anyMatch(Diagnostic::isError) || parsed.tree().statements().size() != 1
                || !(parsed.tree().statements().getFirst() instanceof Syntax.ExpressionStatement(Syntax.Print print, _))
                || print.columns().size() != 1) {
            return Optional.empty();
        }
        Optional<Expr> value = switch (print.columns().getFirst()) {
            case Syntax.Literal literal -> Literals.bind(literal);
            case Syntax.Unary(Syntax.UnaryOperator operator, Syntax.Literal literal, _)
                    when operator == Syntax.UnaryOperator.MINUS -> Literals.bind(literal).flatMap(Literals::negated);
            case Syntax.Expression _ -> Optional.empty();
        };
        return value.flatMap(expr -> expr.type() == Type.STRING && type != Type.STRING
                ? parse((String) ((Expr.Constant) expr).value(), type) : binder.functions.assign(expr, type));
    }

    static Optional<Expr> parse(String text, Type type) {
        return switch (type) {
            case DATETIME -> ticks(DateTimeText.parse(text), type);
            case TIMESPAN -> ticks(TimeSpanText.parse(text), type);
            case GUID -> guid(text);
            case DYNAMIC -> DynamicText.parse(text).map(json -> json.equals("null")
                    ? new Expr.Null(type) : new Expr.Constant(type, json));
            case BOOL, INT, LONG, REAL, DECIMAL, STRING -> Optional.empty();
        };
    }

    private static Optional<Expr> ticks(OptionalLong ticks, Type type) {
        return ticks.isPresent() ? Optional.of(new Expr.Constant(type, ticks.getAsLong())) : Optional.empty();
    }

    private static Optional<Expr> guid(String text) {
        try {
            return Optional.of(new Expr.Constant(Type.GUID, UUID.fromString(text)));
        } catch (IllegalArgumentException notOne) {
            return Optional.empty();
        }
    }
}
