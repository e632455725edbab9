package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.Binary;
import io.conshelf.kql.syntax.Syntax.BinaryOperator;
import io.conshelf.kql.syntax.Syntax.DynamicArray;
import io.conshelf.kql.syntax.Syntax.DynamicLiteral;
import io.conshelf.kql.syntax.Syntax.DynamicObject;
import io.conshelf.kql.syntax.Syntax.DynamicProperty;
import io.conshelf.kql.syntax.Syntax.DynamicScalar;
import io.conshelf.kql.syntax.Syntax.DynamicValue;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.FunctionCall;
import io.conshelf.kql.syntax.Syntax.Literal;
import io.conshelf.kql.syntax.Syntax.MalformedLiteral;
import io.conshelf.kql.syntax.Syntax.MissingExpression;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.NullLiteral;
import io.conshelf.kql.syntax.Syntax.RealLiteral;
import io.conshelf.kql.syntax.Syntax.ScalarTypeName;
import io.conshelf.kql.syntax.Syntax.StringLiteral;
import io.conshelf.kql.syntax.Syntax.TypeSpec;
import io.conshelf.kql.syntax.Syntax.TypeofLiteral;
import io.conshelf.kql.syntax.Token.Kind;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Literals: of one token, of several adjacent strings, signed, `typeof(...)` and `dynamic(...)`.
abstract class LiteralReader extends NameReader {
    LiteralReader(String text, int start) {
        super(text, start);
    }

    /// True where [#literal] may be asked.
    final boolean atLiteral() {
        return atLiteralToken() || atDynamic() || at("typeof") && at(1, "(") || signedNumberLength() > 0
                || bracedNameLength(0) > 0;
    }

    final boolean atLiteralToken() {
        return switch (peek().kind()) {
            case STRING, BOOL, LONG, REAL, TIMESPAN, INT, DECIMAL, DATETIME, GUID, RAW_GUID -> true;
            case IDENTIFIER, KEYWORD, PUNCTUATION, DIRECTIVE, BAD, END -> false;
        };
    }

    final boolean atDynamic() {
        return at("dynamic") && at(1, "(");
    }

    /// A literal that is there; also `{placeholder}`, and the datetimes that depend on the clock, as calls.
    final Expression literal() {
        if (atDynamic()) {
            return dynamicLiteral();
        }
        if (at("typeof")) {
            return typeofLiteral();
        }
        if (at("{")) {
            return nameReference();
        }
        if (signedNumberLength() > 0) {
            int start = start();
            take();
            Kind kind = take().kind();
            return decoded(kind, since(start));
        }
        return literalToken();
    }

    /// A literal of one token, or of several adjacent strings.
    final Expression literalToken() {
        if (atKind(Kind.STRING)) {
            return stringLiteral();
        }
        Token token = take();
        if (token.kind() == Kind.DATETIME) {
            return datetime(token);
        }
        if (token.kind() == Kind.RAW_GUID) {
            refuse(token.span(), "write guid(" + token.text() + ")");
        }
        return decoded(token.kind(), token.span());
    }

    /// An instant, or what only the engine's clock knows: `datetime(now)`, and `datetime(8:00)`, which is today.
    private Expression datetime(Token token) {
        Span span = token.span();
        String inner = token.text().substring(token.text().indexOf('(') + 1).replace(")", "").strip();
        if (inner.toLowerCase(Locale.ROOT).equals("now")) {
            return callOn(span, "now", List.of());
        }
        if (CLOCK_TIME.matcher(inner).matches()) {
            Expression today = callOn(span, "startofday", List.of(callOn(span, "now", List.of())));
            Literal time = LiteralText.read(ScalarTypeName.TIMESPAN, "timespan(" + inner + ")", span);
            return new Binary(BinaryOperator.ADD, today, time, span, span);
        }
        return decoded(token.kind(), span);
    }

    private static final Pattern CLOCK_TIME = Pattern.compile("([01]?\\d|2[0-3]):[0-5]?\\d(:[0-5]?\\d(\\.\\d{1,7})?)?");

    private static FunctionCall callOn(Span span, String function, List<Expression> arguments) {
        return new FunctionCall(new Name(function, false, span), List.of(), arguments, span);
    }

    /// The tokens of a number with its sign, written without a blank; 0 for none.
    private int signedNumberLength() {
        if (!at("-") && !at("+") || peek(1).spaceBefore()) {
            return 0;
        }
        return switch (peek(1).kind()) {
            case LONG, REAL, TIMESPAN -> Lexer.isDigit(peek(1).text().charAt(0)) ? 2 : 0;
            default -> 0;
        };
    }

    final Literal decoded(Kind kind, Span span) {
        ScalarTypeName type = switch (kind) {
            case BOOL -> ScalarTypeName.BOOL;
            case LONG -> ScalarTypeName.LONG;
            case REAL -> ScalarTypeName.REAL;
            case TIMESPAN -> ScalarTypeName.TIMESPAN;
            case INT -> ScalarTypeName.INT;
            case DECIMAL -> ScalarTypeName.DECIMAL;
            case DATETIME -> ScalarTypeName.DATETIME;
            case GUID, RAW_GUID -> ScalarTypeName.GUID;
            case STRING, IDENTIFIER, KEYWORD, PUNCTUATION, DIRECTIVE, BAD, END ->
                throw new IllegalArgumentException("a token of kind " + kind + " is no literal of one token");
        };
        Literal literal = LiteralText.read(type, span.in(text), span);
        if (literal instanceof MalformedLiteral) {
            refuse(span, "this is no value of type " + type.text());
        }
        return literal;
    }

    /// One or more string tokens; what they say is joined.
    final StringLiteral stringLiteral() {
        int start = start();
        StringBuilder value = new StringBuilder();
        boolean obfuscated = false;
        while (atKind(Kind.STRING)) {
            StringForm form = StringForm.at(text, take().start());
            value.append(form.decode(text));
            obfuscated |= form.obfuscated();
        }
        Span span = since(start);
        return new StringLiteral(value.toString(), obfuscated, span.in(text), span);
    }

    final TypeofLiteral typeofLiteral() {
        int start = start();
        take();
        TypeSpec type = typeofArgument();
        Span span = since(start);
        return new TypeofLiteral(type, span.in(text), span);
    }

    // ------------------------------------------------------------------ dynamic

    final Expression dynamicLiteral() {
        int start = start();
        take();
        take();
        boolean present = atDynamicValue();
        DynamicValue value = present ? dynamicValue() : missingDynamicValue();
        expect(")");
        Span span = since(start);
        if (!present) {
            return new MissingExpression(span);
        }
        return value instanceof DynamicScalar(NullLiteral _, _)
                ? new NullLiteral(ScalarTypeName.DYNAMIC, span.in(text), span)
                : new DynamicLiteral(value, span.in(text), span);
    }

    private boolean atDynamicValue() {
        return switch (peek().kind()) {
            case LONG, REAL, BOOL, DATETIME, TIMESPAN, GUID, RAW_GUID, DECIMAL, STRING -> true;
            case KEYWORD -> at("null") || atDynamic();
            case PUNCTUATION -> at("[") || at("{") || at("-") && isNumber(peek(1));
            case INT, IDENTIFIER, DIRECTIVE, BAD, END -> false;
        };
    }

    private static boolean isNumber(Token token) {
        return token.kind() == Kind.LONG || token.kind() == Kind.REAL;
    }

    private DynamicValue dynamicValue() {
        return nested(this::readDynamicValue, this::missingDynamicValue);
    }

    private DynamicValue readDynamicValue() {
        int start = start();
        if (at("[")) {
            take();
            List<DynamicValue> items = list(dynamicValues, Length.ANY, this::atEnd);
            expect("]");
            return new DynamicArray(items, since(start));
        }
        if (at("{")) {
            take();
            List<DynamicProperty> properties = list(dynamicProperties, Length.ANY, this::atEnd);
            expect("}");
            return new DynamicObject(properties, since(start));
        }
        if (atDynamic()) {
            return innerDynamic();
        }
        return new DynamicScalar(dynamicScalar(), since(start));
    }

    /// `dynamic(...)` inside a dynamic is its content.
    private DynamicValue innerDynamic() {
        take();
        take();
        DynamicValue value = atDynamicValue() ? dynamicValue() : missingDynamicValue();
        expect(")");
        return value;
    }

    private Literal dynamicScalar() {
        int start = start();
        if (tryTake("null")) {
            return new NullLiteral(ScalarTypeName.DYNAMIC, "null", since(start));
        }
        if (atKind(Kind.STRING)) {
            return stringLiteral();
        }
        tryTake("-");
        Token token = take();
        Span span = since(start);
        if (token.kind() == Kind.LONG) {
            return dynamicNumber(span);
        }
        if (token.kind() == Kind.DECIMAL) {
            refuse(span, "a dynamic value holds no decimal");
        }
        return decoded(token.kind(), span);
    }

    /// A JSON number: an integer that no long holds is a real.
    private Literal dynamicNumber(Span span) {
        Literal number = LiteralText.read(ScalarTypeName.LONG, span.in(text), span);
        if (number instanceof MalformedLiteral
                && LiteralText.read(ScalarTypeName.REAL, span.in(text), span) instanceof RealLiteral real) {
            return real;
        }
        return number;
    }

    private DynamicValue missingDynamicValue() {
        Span span = here();
        missing("a value of a dynamic: a literal, [...] or {...}");
        return new DynamicScalar(new NullLiteral(ScalarTypeName.DYNAMIC, "", span), span);
    }

    private final Item<DynamicValue> dynamicValues =
            new Item<>("a value of a dynamic", this::atDynamicValue, this::dynamicValue);

    private final Item<DynamicProperty> dynamicProperties =
            new Item<>("a property such as \"name\": value", () -> atKind(Kind.STRING) || at(":"), this::dynamicProperty);

    private DynamicProperty dynamicProperty() {
        int start = start();
        String name = "";
        if (atKind(Kind.STRING)) {
            name = StringForm.at(text, take().start()).decode(text);
        } else {
            missing("the name of a property");
        }
        expect(":");
        DynamicValue value = atDynamicValue() ? dynamicValue() : missingDynamicValue();
        return new DynamicProperty(name, value, since(start));
    }
}
