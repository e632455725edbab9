package io.conshelf.connectors.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/// The tree of one template expression: `concat(parameters('a'), '/b').c[0]`. `at` is the index of the node's first character in its text.
sealed interface ArmExpression {
    int at();

    record Literal(JsonNode value, int at) implements ArmExpression {}

    record Call(String function, List<ArmExpression> arguments, int at) implements ArmExpression {
        public Call {
            arguments = List.copyOf(arguments);
        }
    }

    record Property(ArmExpression target, String name, int at) implements ArmExpression {}

    /// An item of an array by number, a property of an object by name.
    record Index(ArmExpression target, ArmExpression index, int at) implements ArmExpression {}

    /// Reads what stands between the brackets of `[…]`.
    ///
    /// @param text the whole text, brackets and all
    static ArmExpression parse(String text) {
        Reader reader = new Reader(text);
        ArmExpression whole = reader.expression(0);
        reader.skipBlanks();
        if (reader.at != text.length() - 1) {
            throw reader.unexpected("the end");
        }
        return whole;
    }

    /// The grammar is three rules, and texts are short: descent is all it takes.
    final class Reader {
        private static final int DEPTH_MAX = 100;

        private final String text;
        private int at = 1;

        private Reader(String text) {
            this.text = text;
        }

        private ArmExpression expression(int depth) {
            if (depth > DEPTH_MAX) {
                throw new ArmException(at, "is nested more than " + DEPTH_MAX + " deep");
            }
            skipBlanks();
            ArmExpression value = primary(depth);
            while (true) {
                skipBlanks();
                int start = at;
                if (take('.')) {
                    skipBlanks();
                    value = new Property(value, name("the name of a property"), start);
                } else if (take('[')) {
                    ArmExpression index = expression(depth + 1);
                    expect(']');
                    value = new Index(value, index, start);
                } else {
                    return value;
                }
            }
        }

        private ArmExpression primary(int depth) {
            int start = at;
            char c = peek();
            if (c == '\'') {
                return new Literal(TextNode.valueOf(string()), start);
            }
            if (c == '-' || Character.isDigit(c)) {
                return new Literal(number(), start);
            }
            String name = name("a value");
            skipBlanks();
            expect('(');
            List<ArmExpression> arguments = new ArrayList<>();
            skipBlanks();
            if (!take(')')) {
                do {
                    arguments.add(expression(depth + 1));
                    skipBlanks();
                } while (take(','));
                expect(')');
            }
            return switch (name.toLowerCase(Locale.ROOT)) {
                case "true" -> new Literal(JsonNodeFactory.instance.booleanNode(true), start);
                case "false" -> new Literal(JsonNodeFactory.instance.booleanNode(false), start);
                case "null" -> new Literal(JsonNodeFactory.instance.nullNode(), start);
                default -> new Call(name, arguments, start);
            };
        }

        private String string() {
            int start = at++;
            StringBuilder value = new StringBuilder();
            while (at < text.length()) {
                char c = text.charAt(at++);
                if (c != '\'') {
                    value.append(c);
                } else if (at < text.length() && text.charAt(at) == '\'') {
                    // A quote inside a text is written twice.
                    value.append('\'');
                    at++;
                } else {
                    return value.toString();
                }
            }
            throw new ArmException(start, "the text that begins here has no end");
        }

        private JsonNode number() {
            int start = at;
            take('-');
            while (Character.isDigit(peek()) || peek() == '.') {
                at++;
            }
            try {
                BigDecimal value = new BigDecimal(text.substring(start, at));
                return value.scale() <= 0 ? LongNode.valueOf(value.longValueExact()) : DecimalNode.valueOf(value);
            } catch (ArithmeticException | NumberFormatException wrong) {
                throw new ArmException(start, "'" + text.substring(start, at) + "' is not a number that fits");
            }
        }

        private String name(String wanted) {
            int start = at;
            while (Character.isLetterOrDigit(peek()) || peek() == '_') {
                at++;
            }
            // Functions of a namespace are called with a dot, which is all there is in front of a parenthesis.
            if (start == at || Character.isDigit(text.charAt(start))) {
                at = start;
                throw unexpected(wanted);
            }
            return text.substring(start, at);
        }

        private char peek() {
            return at < text.length() - 1 ? text.charAt(at) : '\0';
        }

        private boolean take(char c) {
            if (peek() != c) {
                return false;
            }
            at++;
            return true;
        }

        private void expect(char c) {
            skipBlanks();
            if (!take(c)) {
                throw unexpected("'" + c + "'");
            }
        }

        private void skipBlanks() {
            while (Character.isWhitespace(peek())) {
                at++;
            }
        }

        private ArmException unexpected(String wanted) {
            return new ArmException(at, "expected " + wanted + ", found " + (at >= text.length() - 1 ? "the end" : "'" + text.charAt(at) + "'"));
        }
    }
}
