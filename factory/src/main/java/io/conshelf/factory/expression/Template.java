package io.conshelf.factory.expression;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;

/// One string value of a definition, by the rules for `@`, `@@` and `@{…}`.
public sealed interface Template {

    /// Text that means itself.
    record Literal(String text) implements Template {}

    /// The whole string is one expression; its result keeps its type.
    record Whole(Expression expression) implements Template {}

    /// Text with embedded expressions; the result is always text.
    record Interpolation(List<Part> parts) implements Template {
        public Interpolation {
            parts = List.copyOf(parts);
        }
    }

    sealed interface Part {
        record Text(String text) implements Part {}

        record Embedded(Expression expression) implements Part {}
    }

    /// Reads a string value as it stands in a definition.
    static Template parse(String text) {
        if (text.startsWith("@@")) {
            return new Literal(text.substring(1));
        }
        if (text.startsWith("@") && !text.startsWith("@{")) {
            return new Whole(parseExpression(text, 1));
        }
        return text.contains("@{") ? Reader.interpolation(text) : new Literal(text);
    }

    /// Reads a bare expression that starts at `offset` of `text`.
    static Expression parseExpression(String text, int offset) {
        return Reader.whole(text, offset);
    }

    /// The expressions in this template, none for a literal.
    default List<Expression> expressions() {
        return switch (this) {
            case Literal _ -> List.of();
            case Whole(Expression expression) -> List.of(expression);
            case Interpolation(var parts) -> parts.stream()
                    .<Expression>mapMulti((part, sink) -> {
                        if (part instanceof Part.Embedded(Expression expression)) {
                            sink.accept(expression);
                        }
                    })
                    .toList();
        };
    }
}

/// From ANTLR's parse tree to ours.
final class Reader {
    private static final int NESTING_MAX = 200;
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

    private final int offset;

    private Reader(int offset) {
        this.offset = offset;
    }

    static Template interpolation(String text) {
        Reader reader = new Reader(0);
        List<Template.Part> parts = new ArrayList<>();
        for (ExpressionParser.PartContext part : reader.parser(text, ExpressionLexer.DEFAULT_MODE).interpolation().part()) {
            switch (part) {
                case ExpressionParser.TextContext plain -> parts.add(new Template.Part.Text(plain.getText()));
                case ExpressionParser.EscapedOpenContext _ -> parts.add(new Template.Part.Text("@{"));
                case ExpressionParser.EmbeddedContext embedded -> parts.add(new Template.Part.Embedded(reader.tree(embedded.expression(), 0)));
                default -> throw new AssertionError("unknown part " + part.getClass());
            }
        }
        return new Template.Interpolation(parts);
    }

    static Expression whole(String text, int offset) {
        Reader reader = new Reader(offset);
        return reader.tree(reader.parser(text.substring(offset), ExpressionLexer.INSIDE).whole().expression(), 0);
    }

    private ExpressionParser parser(String text, int mode) {
        refuseDeepNesting(text);
        BaseErrorListener errors = new BaseErrorListener() {
            @Override
            public void syntaxError(Recognizer<?, ?> recognizer, Object symbol, int line, int column, String message, RecognitionException cause) {
                int at = symbol instanceof Token token ? token.getStartIndex() : column;
                throw new ExpressionException(offset + at, describe(symbol, text));
            }
        };
        ExpressionLexer lexer = new ExpressionLexer(CharStreams.fromString(text));
        lexer.mode(mode);
        lexer.removeErrorListeners();
        lexer.addErrorListener(errors);
        ExpressionParser parser = new ExpressionParser(new CommonTokenStream(lexer));
        parser.removeErrorListeners();
        parser.addErrorListener(errors);
        return parser;
    }

    // The parser recurses once a level: a limit keeps hostile input from exhausting the stack.
    private void refuseDeepNesting(String text) {
        int depth = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '(' || c == '[') {
                depth++;
            } else if (c == ')' || c == ']') {
                depth--;
            }
            if (depth > NESTING_MAX) {
                throw new ExpressionException(offset + i, "the expression is nested deeper than " + NESTING_MAX + " levels");
            }
        }
    }

    private static String describe(Object symbol, String text) {
        if (!(symbol instanceof Token token)) {
            return "the text cannot be read as an expression";
        }
        if (token.getType() == Token.EOF) {
            return "the expression ends too early: a closing ')', ']' or '}' or an argument is missing";
        }
        if (token.getText().equals("'")) {
            return "the string that starts here is not closed; write '' for a quote inside a string";
        }
        return "found \"" + token.getText() + "\" where an expression, ',' or a closing bracket can stand";
    }

    private Expression tree(ExpressionParser.ExpressionContext context, int depth) {
        // Chains of properties nest without brackets, so they have their own bound.
        if (depth > NESTING_MAX * 10) {
            throw new ExpressionException(at(context), "the expression is nested too deeply");
        }
        return switch (context) {
            case ExpressionParser.StringContext text -> new Expression.Literal(NODES.textNode(unquote(text.getText())), at(context));
            case ExpressionParser.NumberContext number -> new Expression.Literal(number(number.getText(), at(context)), at(context));
            case ExpressionParser.BooleanContext flag -> new Expression.Literal(NODES.booleanNode(flag.TRUE() != null), at(context));
            case ExpressionParser.NullValueContext _ -> new Expression.Literal(NODES.nullNode(), at(context));
            case ExpressionParser.CallContext call -> new Expression.Call(call.IDENTIFIER().getText(),
                    call.expression().stream().map(argument -> tree(argument, depth + 1)).toList(), at(context));
            case ExpressionParser.PropertyContext property -> new Expression.Property(tree(property.expression(), depth + 1),
                    property.name().getText(), property.SAFE_DOT() != null, offset + property.name().getStart().getStartIndex());
            case ExpressionParser.IndexContext index -> new Expression.Index(tree(index.expression(0), depth + 1),
                    tree(index.expression(1), depth + 1), index.SAFE_BRACKET() != null, at(index.expression(1)));
            default -> throw new AssertionError("unknown expression " + context.getClass());
        };
    }

    private int at(ParserRuleContext context) {
        return offset + context.getStart().getStartIndex();
    }

    private static String unquote(String quoted) {
        return quoted.substring(1, quoted.length() - 1).replace("''", "'");
    }

    private static JsonNode number(String text, int at) {
        if (text.chars().anyMatch(c -> c == '.' || c == 'e' || c == 'E')) {
            return NODES.numberNode(Double.parseDouble(text));
        }
        try {
            return NODES.numberNode(new BigInteger(text).longValueExact());
        } catch (ArithmeticException tooLarge) {
            throw new ExpressionException(at, "the integer " + new BigDecimal(text).toPlainString() + " does not fit 64 bits");
        }
    }
}
