package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.ListExpression;
import io.conshelf.kql.syntax.Syntax.MissingExpression;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.NameReference;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import io.conshelf.kql.syntax.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// `name=value` behind an operator's name and in its `with (...)`.
abstract class ParameterReader extends LiteralReader {
    /// Parameters that every operator takes, those that do nothing there included.
    private static final Set<String> EVERYWHERE = Set.of("__crossCluster", "__crossDB", "__id", "__isFuzzy",
            "__noWithSource", "__packedColumn", "__sourceColumnIndex", "bagexpansion", "bin_legacy", "cycles",
            "decodeblocks", "expandoutput", "force_remote", "hint.concurrency", "hint.distribution",
            "hint.materialized", "hint.num_partitions", "hint.progressive_top", "hint.remote", "hint.shufflekey",
            "hint.spread", "hint.strategy", "isfuzzy", "kind", "with_itemindex", "with_match_id", "with_source",
            "with_step_name", "withsource");

    /// Names of several tokens, the longer first.
    private static final List<String> OF_SEVERAL_TOKENS = List.of("hint.pass_filters_column", "hint.pass_filters");

    /// Parameters whose value is a list of columns.
    private static final Set<String> COLUMN_LISTS = Set.of("ycolumns", "anomalycolumns", "series");

    /// Parameters whose value is an expression, not just a literal or a word.
    private static final Set<String> EXPRESSIONS = Set.of("title", "xtitle", "ytitle");

    /// Reserved words that are values of parameters.
    private static final Set<String> VALUE_WORDS = Set.of("simple", "relaxed", "nooptimization", "hotcache");

    /// Which parameters may stand in a place: `own` and those of everywhere, or `own` only.
    record Allowed(Set<String> own, boolean everywhere) {
        static Allowed withOwn(String... own) {
            return new Allowed(Set.of(own), true);
        }

        static Allowed only(String... own) {
            return new Allowed(Set.of(own), false);
        }

        boolean contains(String name) {
            return own.contains(name) || everywhere && EVERYWHERE.contains(name);
        }
    }

    ParameterReader(String text, int start) {
        super(text, start);
    }

    abstract Expression callOrPath();

    abstract boolean atUnnamed();

    /// Parameters without commas between them. Only a `=` tells them from columns of that name, but for hints.
    final List<OperatorParameter> parameters(String... own) {
        Allowed allowed = Allowed.withOwn(own);
        List<OperatorParameter> parameters = new ArrayList<>();
        while (true) {
            int length = parameterNameLength(allowed, 0);
            boolean hint = peek().text().startsWith("hint.");
            if (length == 0 || !hint && !at(length, "=")) {
                return parameters;
            }
            parameters.add(parameter(allowed, length));
        }
    }

    /// Parameters with commas between them.
    final List<OperatorParameter> parameterList(Allowed allowed) {
        return list(new Item<>("a parameter such as name=value", () -> parameterNameLength(allowed, 0) > 0,
                () -> parameter(allowed, parameterNameLength(allowed, 0))), Length.ANY, this::atEnd);
    }

    private int parameterNameLength(Allowed allowed, int offset) {
        Token token = peek(offset);
        if (token.isWord() && allowed.contains(token.text())) {
            return 1;
        }
        if (allowed.everywhere() && offset == 0) {
            for (String name : OF_SEVERAL_TOKENS) {
                int length = symbolLength(name);
                if (length > 0) {
                    return length;
                }
            }
        }
        return 0;
    }

    private OperatorParameter parameter(Allowed allowed, int nameLength) {
        int start = start();
        takeTokens(nameLength);
        Span nameSpan = since(start);
        Name name = new Name(nameSpan.in(text), false, nameSpan);
        expect("=");
        Expression value;
        if (COLUMN_LISTS.contains(name.text())) {
            value = columnList(allowed);
        } else if (EXPRESSIONS.contains(name.text()) && atUnnamed()) {
            value = callOrPath();
        } else {
            value = parameterValue();
        }
        return new OperatorParameter(name, value, since(start));
    }

    /// A literal, a word or a name.
    final Expression parameterValue() {
        if (atLiteral()) {
            return literal();
        }
        if (atName()) {
            return nameReference();
        }
        if (peek().kind() == Kind.KEYWORD && VALUE_WORDS.contains(peek().text())) {
            return wordReference();
        }
        Span span = here();
        missing("a value");
        return new MissingExpression(span);
    }

    /// One of `words` as the value of a parameter.
    final Expression wordValue(String... words) {
        if (atWord(words)) {
            return wordReference();
        }
        Span span = here();
        missing("one of " + String.join(", ", words));
        return new MissingExpression(span);
    }

    private NameReference wordReference() {
        Token token = take();
        return new NameReference(token.text(), false, token.span());
    }

    /// Columns up to the next parameter: `c, a, ysplit=axes`.
    private ListExpression columnList(Allowed allowed) {
        int start = start();
        List<Expression> columns = new ArrayList<>();
        while (true) {
            if (!atDeclaredName()) {
                missing("the name of a column");
                break;
            }
            Name name = declaredName();
            columns.add(new NameReference(name.text(), name.bracketed(), name.span()));
            boolean columnFollows = at(",") && !(parameterNameLength(allowed, 1) > 0 && at(2, "="));
            if (!columnFollows) {
                break;
            }
            take();
        }
        return new ListExpression(columns, since(start));
    }

    /// `with (name=value, ...)` with free names; empty where there is no `with`.
    final List<OperatorParameter> freeProperties() {
        if (!tryTake("with")) {
            return List.of();
        }
        expect("(");
        List<OperatorParameter> properties = list(freeProperty, Length.ANY, this::atEnd);
        expect(")");
        return properties;
    }

    private final Item<OperatorParameter> freeProperty =
            new Item<>("a property such as name=value", this::atDeclaredName, this::freeProperty);

    private OperatorParameter freeProperty() {
        int start = start();
        Name name = declaredName();
        expect("=");
        return new OperatorParameter(name, freeValue(), since(start));
    }

    private Expression freeValue() {
        if (!atLiteral() && atDeclaredName()) {
            Name name = declaredName();
            return new NameReference(name.text(), name.bracketed(), name.span());
        }
        return parameterValue();
    }
}
