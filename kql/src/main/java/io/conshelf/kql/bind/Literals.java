package io.conshelf.kql.bind;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Literal;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicText;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// From literals to constants.
final class Literals {
    private static final JsonFactory JSON = new JsonFactory();

    private Literals() {}

    /// The constant a literal stands for; empty where it is none (`typeof`, a malformed one).
    static Optional<Expr> bind(Literal literal) {
        return switch (literal) {
            case Syntax.BoolLiteral it -> constant(Type.BOOL, it.value());
            case Syntax.IntLiteral it -> constant(Type.INT, it.value());
            case Syntax.LongLiteral it -> constant(Type.LONG, it.value());
            case Syntax.RealLiteral it -> constant(Type.REAL, it.value());
            case Syntax.DecimalLiteral it -> constant(Type.DECIMAL, it.value());
            case Syntax.DatetimeLiteral it -> constant(Type.DATETIME, it.ticks());
            case Syntax.TimespanLiteral it -> constant(Type.TIMESPAN, it.ticks());
            case Syntax.GuidLiteral it -> constant(Type.GUID, it.value());
            case Syntax.StringLiteral it -> constant(Type.STRING, it.value());
            case Syntax.NullLiteral it -> Optional.of(nothing(type(it.type())));
            case Syntax.DynamicLiteral it -> Optional.of(dynamic(it.value()));
            case Syntax.TypeofLiteral _, Syntax.MalformedLiteral _ -> Optional.empty();
        };
    }

    /// The constant that a text of one literal stands for.
    static Optional<Expr> read(String text) {
        List<Syntax.Statement> statements = Parser.parse("print " + text).tree().statements();
        return statements.size() == 1 && statements.getFirst() instanceof Syntax.ExpressionStatement(Syntax.Print print, _)
                && print.columns().size() == 1 && print.columns().getFirst() instanceof Literal literal ? bind(literal) : Optional.empty();
    }

    private static Optional<Expr> constant(Type type, Object value) {
        return Optional.of(new Expr.Constant(type, value));
    }

    /// The null of a type; a string has none but the empty one.
    static Expr nothing(Type type) {
        return type == Type.STRING ? new Expr.Constant(Type.STRING, "") : new Expr.Null(type);
    }

    static Type type(Syntax.ScalarTypeName name) {
        return switch (name) {
            case BOOL -> Type.BOOL;
            case DATETIME -> Type.DATETIME;
            case DECIMAL -> Type.DECIMAL;
            case DYNAMIC -> Type.DYNAMIC;
            case GUID -> Type.GUID;
            case INT -> Type.INT;
            case LONG -> Type.LONG;
            case REAL -> Type.REAL;
            case STRING -> Type.STRING;
            case TIMESPAN -> Type.TIMESPAN;
        };
    }

    /// The negative of a constant; empty for what is no constant or has no negative of its type.
    static Optional<Expr> negated(Expr expr) {
        if (!(expr instanceof Expr.Constant(Type type, Object value))) {
            return Optional.empty();
        }
        return switch (type) {
            case INT -> constant(type, -(Integer) value);
            case LONG, TIMESPAN -> constant(type, -(Long) value);
            case REAL -> constant(type, -(Double) value);
            case DECIMAL -> constant(type, ((BigDecimal) value).negate());
            case BOOL, DATETIME, STRING, GUID, DYNAMIC -> Optional.empty();
        };
    }

    private static Expr dynamic(Syntax.DynamicValue value) {
        var text = new StringBuilder();
        DynamicLiterals.write(value, text);
        return new Expr.Constant(Type.DYNAMIC, text.toString());
    }

    /// The items of a constant dynamic array, each as the constant it is; empty for anything else, and where some are arrays, bags or nulls.
    static Optional<List<Expr>> arrayItems(Expr expr) {
        return items(expr, false);
    }

    /// The same with the items of arrays in it, and without nulls.
    static Optional<List<Expr>> arrayValues(Expr expr) {
        return items(expr, true);
    }

    private static Optional<List<Expr>> items(Expr expr, boolean flat) {
        if (!(expr instanceof Expr.Constant(Type type, String text)) || type != Type.DYNAMIC || !text.startsWith("[")) {
            return Optional.empty();
        }
        List<Expr> items = new ArrayList<>();
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            int depth = 1;
            while (depth > 0) {
                switch (json.nextToken()) {
                    case VALUE_STRING -> items.add(ofString(json.getText()));
                    case VALUE_NUMBER_INT -> items.add(new Expr.Constant(Type.LONG, json.getLongValue()));
                    case VALUE_NUMBER_FLOAT -> items.add(new Expr.Constant(Type.REAL, json.getDoubleValue()));
                    case VALUE_TRUE, VALUE_FALSE -> items.add(new Expr.Constant(Type.BOOL, json.getBooleanValue()));
                    case VALUE_NULL, START_ARRAY -> {
                        if (!flat) {
                            return Optional.empty();
                        }
                        depth += json.currentToken() == JsonToken.START_ARRAY ? 1 : 0;
                    }
                    case END_ARRAY -> depth--;
                    case null, default -> {
                        return Optional.empty();
                    }
                }
            }
            return Optional.of(items);
        } catch (IOException notSimple) {
            return Optional.empty();
        }
    }

    /// What stands as a string in an array, as some values do that are none.
    private static Expr ofString(String text) {
        String dynamic = '"' + text + '"';
        return switch (DynamicText.tag(dynamic)) {
            case 't' -> new Expr.Constant(Type.DATETIME, Long.parseLong(DynamicText.payload(dynamic)));
            case 's' -> new Expr.Constant(Type.TIMESPAN, Long.parseLong(DynamicText.payload(dynamic)));
            case 'g' -> new Expr.Constant(Type.GUID, UUID.fromString(DynamicText.payload(dynamic)));
            case 'd' -> new Expr.Constant(Type.DECIMAL, new BigDecimal(DynamicText.payload(dynamic)));
            default -> new Expr.Constant(Type.STRING, text.startsWith(Character.toString(DynamicText.MARK)) ? text.substring(1) : text);
        };
    }

    /// The value of a constant whole number.
    static Optional<Long> integer(Expr expr) {
        return expr instanceof Expr.Constant(Type type, Object value) && type.isInteger()
                ? Optional.of(((Number) value).longValue()) : Optional.empty();
    }

    /// The value of a constant number.
    static Optional<Double> number(Expr expr) {
        return expr instanceof Expr.Constant(Type type, Number value) && type.isNumeric()
                ? Optional.of(value.doubleValue()) : Optional.empty();
    }

    /// Whether it is the constant zero of a number or timespan.
    static boolean isZero(Expr expr) {
        return expr instanceof Expr.Constant(Type type, Number value) && (type.isNumeric() || type == Type.TIMESPAN)
                && value.doubleValue() == 0;
    }

    static Optional<String> text(Expr expr) {
        return expr instanceof Expr.Constant(Type type, String value) && type == Type.STRING
                ? Optional.of(value) : Optional.empty();
    }
}
