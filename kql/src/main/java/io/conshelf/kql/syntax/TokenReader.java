package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Lexer.Fault;
import io.conshelf.kql.syntax.Lexer.Lexed;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// The ground the parser stands on: tokens one after the other, what was expected where, lists, and the limit on depth.
/// Reading never fails: what is missing is reported and left out.
abstract class TokenReader {
    /// Parentheses, functions and subqueries in each other: well above what people and generators write, well below
    /// what a thread's stack holds, here and in every walk over the tree.
    static final int NESTING_MAX = 200;

    /// Operators in a row that only grow to the left (`a + b + c`, `a.b.c`): they make the tree as deep.
    static final int CHAIN_MAX = 1000;

    /// After so many faults the text is something else than a query; reading ends there.
    static final int FAULTS_MAX = 100;

    final String text;
    private final List<Token> tokens;
    private final List<Diagnostic> diagnostics = new ArrayList<>();
    private final Set<Integer> reportedAt = new HashSet<>();
    private int at;
    private int nesting;

    TokenReader(String text, int start) {
        this.text = text;
        Lexed lexed = Lexer.lex(text, start);
        this.tokens = lexed.tokens();
        for (Fault fault : lexed.faults()) {
            refuse(fault.span(), fault.hint());
        }
    }

    /// Everything reported so far, by position.
    final List<Diagnostic> diagnostics() {
        return diagnostics.stream().sorted(Comparator.comparingInt(d -> d.span().start())).toList();
    }

    // ------------------------------------------------------------------ tokens

    final Token peek() {
        return tokens.get(at);
    }

    final Token peek(int offset) {
        return tokens.get(Math.min(at + offset, tokens.size() - 1));
    }

    final boolean at(String keywordOrPunctuation) {
        return peek().is(keywordOrPunctuation);
    }

    final boolean at(int offset, String keywordOrPunctuation) {
        return peek(offset).is(keywordOrPunctuation);
    }

    final boolean atKind(Token.Kind kind) {
        return peek().kind() == kind;
    }

    final Token take() {
        Token token = peek();
        if (!token.isEnd()) {
            at++;
        }
        return token;
    }

    final boolean tryTake(String keywordOrPunctuation) {
        boolean found = at(keywordOrPunctuation);
        if (found) {
            take();
        }
        return found;
    }

    /// Takes what must stand here, or reports it.
    final boolean expect(String keywordOrPunctuation) {
        boolean found = tryTake(keywordOrPunctuation);
        if (!found) {
            missing("'" + keywordOrPunctuation + "'");
        }
        return found;
    }

    /// The next word when it is one of `words`, reserved or not.
    final boolean atWord(String... words) {
        Token token = peek();
        if (token.isWord()) {
            for (String word : words) {
                if (token.text().equals(word)) {
                    return true;
                }
            }
        }
        return false;
    }

    /// How many tokens spell `symbol` from here without blanks between them, such as `-->`; 0 where they don't.
    final int symbolLength(String symbol) {
        if (!text.startsWith(symbol, peek().start())) {
            return 0;
        }
        int end = peek().start() + symbol.length();
        int count = 0;
        while (peek(count).end() < end && !peek(count).isEnd()) {
            count++;
        }
        return peek(count).end() == end ? count + 1 : 0;
    }

    final boolean trySymbol(String symbol) {
        int length = symbolLength(symbol);
        for (int i = 0; i < length; i++) {
            take();
        }
        return length > 0;
    }

    final int position() {
        return at;
    }

    final void reset(int position) {
        at = position;
    }

    // ------------------------------------------------------------------ spans

    final int start() {
        return peek().start();
    }

    final int previousEnd() {
        return at == 0 ? peek().start() : tokens.get(at - 1).end();
    }

    /// From `start` to the end of the last token taken.
    final Span since(int start) {
        return Span.between(start, Math.max(start, previousEnd()));
    }

    /// Nothing, right behind what was read.
    final Span here() {
        return new Span(previousEnd(), 0);
    }

    // ------------------------------------------------------------------ faults

    /// Reports that `what` was expected before the next token.
    final void missing(String what) {
        Token next = peek();
        // Comments in between may be long: then the place is where the text broke off, as in the service.
        boolean farAway = text.substring(previousEnd(), next.start()).contains("//");
        refuse(next.isEnd() || farAway ? here() : next.span(), "expected " + what);
    }

    /// Reports what stands where it may not, with what would work. One report a place: what follows from a fault is not
    /// told again.
    final void refuse(Span span, String hint) {
        if (diagnostics.size() < FAULTS_MAX && reportedAt.add(span.start())) {
            diagnostics.add(SyntaxFault.of(text, span, hint));
            if (diagnostics.size() == FAULTS_MAX) {
                at = tokens.size() - 1;
            }
        }
    }

    // ------------------------------------------------------------------ depth

    /// Reads something that may hold itself; beyond the limit it reports that, gives up the rest of the text and answers `otherwise`.
    final <T> T nested(Supplier<T> read, Supplier<T> otherwise) {
        if (nesting >= NESTING_MAX) {
            giveUp();
            return otherwise.get();
        }
        nesting++;
        try {
            return read.get();
        } finally {
            nesting--;
        }
    }

    /// Ends reading here: the text is too deep to go on.
    final void giveUp() {
        if (!peek().isEnd()) {
            refuse(peek().span(), "nested too deeply: at most " + NESTING_MAX + " levels, or " + CHAIN_MAX
                    + " operators in a row");
            at = tokens.size() - 1;
            // What is now missing at the end is missing only because the text was left.
            reportedAt.add(here().start());
        }
    }

    // ------------------------------------------------------------------ lists

    /// What a list is made of: how the user calls it, whether one starts here, and how to read it.
    record Item<T>(String name, BooleanSupplier starts, Supplier<T> read) {}

    enum Length { ANY, ONE_OR_MORE, ANY_WITH_TRAILING_COMMA }

    /// A comma list that ends where `end` holds. A forgotten comma between two elements is reported and skipped.
    final <T> List<T> list(Item<T> element, Length length, BooleanSupplier end) {
        List<T> items = new ArrayList<>();
        boolean more = !end.getAsBoolean() && element.starts().getAsBoolean();
        if (!more && (at(",") || length == Length.ONE_OR_MORE)) {
            missing(element.name());
            more = false;
        }
        while (more) {
            int before = at;
            items.add(element.read().get());
            // An element that reads nothing would be read for ever.
            if (at == before || end.getAsBoolean()) {
                break;
            }
            boolean comma = tryTake(",");
            more = !end.getAsBoolean() && element.starts().getAsBoolean();
            if (comma && !more && length != Length.ANY_WITH_TRAILING_COMMA) {
                missing(element.name());
            } else if (!comma && more) {
                missing("','");
            }
        }
        return items;
    }

    /// A comma list that ends at the first element without a comma behind it.
    final <T> List<T> list(Item<T> element, Length length) {
        List<T> items = new ArrayList<>();
        boolean more = element.starts().getAsBoolean();
        if (!more && (at(",") || length == Length.ONE_OR_MORE)) {
            missing(element.name());
        }
        while (more) {
            items.add(element.read().get());
            if (!tryTake(",")) {
                break;
            }
            more = element.starts().getAsBoolean();
            if (!more) {
                missing(element.name());
            }
        }
        return items;
    }

    /// True where every list ends: closing brackets, `|`, `;` and the end of the text.
    final boolean atEnd() {
        Token token = peek();
        return token.isEnd() || token.kind() == Token.Kind.PUNCTUATION && switch (token.text()) {
            case ")", "]", "}", "|", ";" -> true;
            default -> false;
        };
    }

    /// [#atEnd], and also at one of `keywords`.
    final BooleanSupplier endOr(String... keywords) {
        return () -> {
            for (String keyword : keywords) {
                if (at(keyword)) {
                    return true;
                }
            }
            return atEnd();
        };
    }
}
