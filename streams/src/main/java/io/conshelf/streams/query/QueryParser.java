package io.conshelf.streams.query;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.antlr.v4.runtime.ANTLRErrorListener;
import org.antlr.v4.runtime.BaseErrorListener;
import org.antlr.v4.runtime.CharStreams;
import org.antlr.v4.runtime.CommonTokenStream;
import org.antlr.v4.runtime.RecognitionException;
import org.antlr.v4.runtime.Recognizer;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.Vocabulary;

/// Reads the text of a query. It never fails: what is wrong is in the diagnostics.
public final class QueryParser {
    /// In characters. The longest published query has some thousands.
    static final int LENGTH_MAX = 512 * 1024;
    /// Of parentheses and CASE, for which the parser recurses.
    static final int NESTING_MAX = 100;
    private static final int DIAGNOSTICS_MAX = 50;

    private final List<Diagnostic> diagnostics = new ArrayList<>();

    private QueryParser() {}

    public static Parsed parse(String text) {
        QueryParser parser = new QueryParser();
        Optional<Syntax.Script> script = parser.script(text);
        return new Parsed(parser.diagnostics.stream().anyMatch(Diagnostic::isError) ? Optional.empty() : script, parser.diagnostics);
    }

    private Optional<Syntax.Script> script(String text) {
        if (text.length() > LENGTH_MAX) {
            diagnostics.add(Diagnostic.error(Span.NONE, "the query has " + text.length() + " characters, at most " + LENGTH_MAX + " can be read"));
            return Optional.empty();
        }
        StreamLexer lexer = new StreamLexer(CharStreams.fromString(text));
        lexer.removeErrorListeners();
        CommonTokenStream tokens = new CommonTokenStream(lexer);
        tokens.fill();
        if (isHostile(tokens.getTokens())) {
            return Optional.empty();
        }
        StreamParser parser = new StreamParser(tokens);
        parser.removeErrorListeners();
        parser.addErrorListener(listener());
        StreamParser.ScriptContext tree = parser.script();
        if (!diagnostics.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(new SyntaxReader(diagnostics).script(tree));
    }

    private boolean isHostile(List<Token> tokens) {
        int depth = 0;
        for (Token token : tokens) {
            switch (token.getType()) {
                case StreamLexer.PAREN, StreamLexer.CASE -> depth++;
                case StreamLexer.END_PAREN, StreamLexer.END -> depth--;
                default -> { }
            }
            if (depth > NESTING_MAX) {
                diagnostics.add(Diagnostic.error(span(token), "the query is nested deeper than " + NESTING_MAX + " levels"));
                return true;
            }
        }
        return false;
    }

    private ANTLRErrorListener listener() {
        return new BaseErrorListener() {
            @Override
            public void syntaxError(Recognizer<?, ?> recognizer, Object symbol, int line, int column, String message, RecognitionException cause) {
                if (diagnostics.size() < DIAGNOSTICS_MAX && symbol instanceof Token token) {
                    diagnostics.add(Diagnostic.error(span(token), described(token, (StreamParser) recognizer, cause)));
                }
            }
        };
    }

    private static String described(Token token, StreamParser parser, RecognitionException cause) {
        String found = switch (token.getType()) {
            case Token.EOF -> "the query ends too early";
            case StreamLexer.VARIABLE -> "variables such as '" + token.getText() + "' are not in the language";
            case StreamLexer.UNKNOWN -> unknown(token.getText());
            default -> "'" + shortened(token.getText()) + "' cannot stand here";
        };
        List<String> expected = expected(parser, cause);
        return expected.isEmpty() || expected.size() > 5 || token.getType() == StreamLexer.UNKNOWN ? found
                : found + "; expected " + String.join(" or ", expected);
    }

    private static List<String> expected(StreamParser parser, RecognitionException cause) {
        BitSet types = new BitSet();
        (cause == null ? parser.getExpectedTokens() : cause.getExpectedTokens() == null ? parser.getExpectedTokens() : cause.getExpectedTokens())
                .toList().stream().filter(type -> type >= 0).forEach(types::set);
        Vocabulary vocabulary = parser.getVocabulary();
        if (types.get(StreamLexer.SELECT)) {
            // around parts of a UNION
            types.clear(StreamLexer.PAREN);
        }
        boolean name = types.get(StreamLexer.IDENTIFIER);
        if (name) {
            // a name comes as many tokens: the words that are no keywords where they stand
            types.clear(StreamLexer.ALL, StreamLexer.IDENTIFIER + 1);
            types.clear(StreamLexer.BRACKETED);
            types.clear(StreamLexer.DOUBLE_QUOTED);
        }
        List<String> expected = types.stream().mapToObj(vocabulary::getDisplayName).map(shown -> shown.toUpperCase(Locale.ROOT))
                .collect(Collectors.toCollection(ArrayList::new));
        if (name) {
            expected.add("a name");
        }
        return expected;
    }

    private static String unknown(String text) {
        return switch (text) {
            case "'" -> "the text that starts here is not closed; write '' for a quote inside a text";
            case "[" -> "the name that starts here is not closed by ]";
            case "\"" -> "the name that starts here is not closed by \"";
            case "\u2018", "\u2019", "\u201C", "\u201D" -> "'" + text + "' is a typographic quote; write '";
            default -> "the character '" + text + "' is not in the language";
        };
    }

    private static String shortened(String text) {
        String line = text.lines().findFirst().orElse("");
        return line.length() <= 40 ? line : line.substring(0, 40) + "…";
    }

    static Span span(Token token) {
        int line = token.getLine();
        int column = token.getCharPositionInLine() + 1;
        String text = token.getType() == Token.EOF ? "" : token.getText();
        int lastBreak = text.lastIndexOf('\n');
        if (lastBreak < 0) {
            return new Span(line, column, line, column + text.codePointCount(0, text.length()));
        }
        int breaks = (int) text.chars().filter(c -> c == '\n').count();
        return new Span(line, column, line + breaks, text.codePointCount(lastBreak + 1, text.length()) + 1);
    }
}
