package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.Between;
import io.conshelf.kql.syntax.Syntax.Binary;
import io.conshelf.kql.syntax.Syntax.BinaryOperator;
import io.conshelf.kql.syntax.Syntax.CompoundNamedExpression;
import io.conshelf.kql.syntax.Syntax.Element;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.In;
import io.conshelf.kql.syntax.Syntax.InOperator;
import io.conshelf.kql.syntax.Syntax.ListExpression;
import io.conshelf.kql.syntax.Syntax.LongLiteral;
import io.conshelf.kql.syntax.Syntax.MissingExpression;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.NameReference;
import io.conshelf.kql.syntax.Syntax.NamedExpression;
import io.conshelf.kql.syntax.Syntax.Path;
import io.conshelf.kql.syntax.Syntax.Selector;
import io.conshelf.kql.syntax.Syntax.Star;
import io.conshelf.kql.syntax.Syntax.Unary;
import io.conshelf.kql.syntax.Syntax.UnaryOperator;
import io.conshelf.kql.syntax.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Expressions without pipes: operators by precedence, paths and calls, named expressions.
abstract class ExpressionReader extends ParameterReader {
    /// How tightly operators bind, loosest first. Kusto binds string operators tighter than arithmetic.
    private enum Level {
        OR(true), AND(true), EQUALITY(false), RELATION(false), SUM(true), PRODUCT(true), STRING(false);

        private final boolean repeats;

        Level(boolean repeats) {
            this.repeats = repeats;
        }
    }

    private static final Map<String, BinaryOperator> OPERATORS = Map.ofEntries(
            Map.entry("or", BinaryOperator.OR), Map.entry("and", BinaryOperator.AND),
            Map.entry("==", BinaryOperator.EQUAL), Map.entry("!=", BinaryOperator.NOT_EQUAL),
            Map.entry("<>", BinaryOperator.NOT_EQUAL),
            Map.entry("<", BinaryOperator.LESS), Map.entry("<=", BinaryOperator.LESS_OR_EQUAL),
            Map.entry(">", BinaryOperator.GREATER), Map.entry(">=", BinaryOperator.GREATER_OR_EQUAL),
            Map.entry("+", BinaryOperator.ADD), Map.entry("-", BinaryOperator.SUBTRACT),
            Map.entry("*", BinaryOperator.MULTIPLY), Map.entry("/", BinaryOperator.DIVIDE),
            Map.entry("%", BinaryOperator.MODULO),
            Map.entry("=~", BinaryOperator.EQUAL_TILDE), Map.entry("!~", BinaryOperator.NOT_EQUAL_TILDE),
            Map.entry(":", BinaryOperator.SEARCH),
            Map.entry("has", BinaryOperator.HAS), Map.entry("has_cs", BinaryOperator.HAS_CS),
            Map.entry("!has", BinaryOperator.NOT_HAS), Map.entry("!has_cs", BinaryOperator.NOT_HAS_CS),
            Map.entry("hasprefix", BinaryOperator.HAS_PREFIX), Map.entry("hasprefix_cs", BinaryOperator.HAS_PREFIX_CS),
            Map.entry("!hasprefix", BinaryOperator.NOT_HAS_PREFIX),
            Map.entry("!hasprefix_cs", BinaryOperator.NOT_HAS_PREFIX_CS),
            Map.entry("hassuffix", BinaryOperator.HAS_SUFFIX), Map.entry("hassuffix_cs", BinaryOperator.HAS_SUFFIX_CS),
            Map.entry("!hassuffix", BinaryOperator.NOT_HAS_SUFFIX),
            Map.entry("!hassuffix_cs", BinaryOperator.NOT_HAS_SUFFIX_CS),
            Map.entry("contains", BinaryOperator.CONTAINS), Map.entry("contains_cs", BinaryOperator.CONTAINS_CS),
            Map.entry("containscs", BinaryOperator.CONTAINS_CS),
            Map.entry("!contains", BinaryOperator.NOT_CONTAINS), Map.entry("notcontains", BinaryOperator.NOT_CONTAINS),
            Map.entry("!contains_cs", BinaryOperator.NOT_CONTAINS_CS),
            Map.entry("notcontainscs", BinaryOperator.NOT_CONTAINS_CS),
            Map.entry("startswith", BinaryOperator.STARTS_WITH),
            Map.entry("startswith_cs", BinaryOperator.STARTS_WITH_CS),
            Map.entry("!startswith", BinaryOperator.NOT_STARTS_WITH),
            Map.entry("!startswith_cs", BinaryOperator.NOT_STARTS_WITH_CS),
            Map.entry("endswith", BinaryOperator.ENDS_WITH), Map.entry("endswith_cs", BinaryOperator.ENDS_WITH_CS),
            Map.entry("!endswith", BinaryOperator.NOT_ENDS_WITH),
            Map.entry("!endswith_cs", BinaryOperator.NOT_ENDS_WITH_CS),
            Map.entry("like", BinaryOperator.LIKE), Map.entry("likecs", BinaryOperator.LIKE_CS),
            Map.entry("notlike", BinaryOperator.NOT_LIKE), Map.entry("notlikecs", BinaryOperator.NOT_LIKE_CS),
            Map.entry(Keywords.MATCHES_REGEX, BinaryOperator.MATCHES_REGEX));

    private static final Map<String, InOperator> IN_OPERATORS = Map.of("in", InOperator.IN, "!in", InOperator.NOT_IN,
            "in~", InOperator.IN_TILDE, "!in~", InOperator.NOT_IN_TILDE, "has_any", InOperator.HAS_ANY,
            "has_all", InOperator.HAS_ALL);

    ExpressionReader(String text, int start) {
        super(text, start);
    }

    abstract boolean atPrimary();

    abstract Expression primary();

    abstract boolean atCall(int offset);

    abstract Selector call();

    /// A query or a scalar expression.
    abstract Expression expression();

    abstract boolean atExpression();

    abstract boolean startsQuery();

    // ------------------------------------------------------------------ operators

    private static Level levelOf(BinaryOperator operator) {
        return switch (operator) {
            case OR -> Level.OR;
            case AND -> Level.AND;
            case EQUAL, NOT_EQUAL -> Level.EQUALITY;
            case LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL -> Level.RELATION;
            case ADD, SUBTRACT -> Level.SUM;
            case MULTIPLY, DIVIDE, MODULO -> Level.PRODUCT;
            case EQUAL_TILDE, NOT_EQUAL_TILDE, HAS, HAS_CS, NOT_HAS, NOT_HAS_CS, HAS_PREFIX, HAS_PREFIX_CS,
                    NOT_HAS_PREFIX, NOT_HAS_PREFIX_CS, HAS_SUFFIX, HAS_SUFFIX_CS, NOT_HAS_SUFFIX, NOT_HAS_SUFFIX_CS,
                    CONTAINS, CONTAINS_CS, NOT_CONTAINS, NOT_CONTAINS_CS, STARTS_WITH, STARTS_WITH_CS,
                    NOT_STARTS_WITH, NOT_STARTS_WITH_CS, ENDS_WITH, ENDS_WITH_CS, NOT_ENDS_WITH, NOT_ENDS_WITH_CS,
                    LIKE, LIKE_CS, NOT_LIKE, NOT_LIKE_CS, MATCHES_REGEX, SEARCH -> Level.STRING;
        };
    }

    private Optional<BinaryOperator> operatorAt(int offset) {
        Token token = peek(offset);
        return token.kind() == Kind.KEYWORD || token.kind() == Kind.PUNCTUATION
                ? Optional.ofNullable(OPERATORS.get(token.text())) : Optional.empty();
    }

    @Override
    final boolean atUnnamed() {
        return atUnary() || atStarOperand();
    }

    private boolean atUnary() {
        return at("-") || at("+") || at("totable") || atPrimary();
    }

    /// `* has 'x'`, `* == 'x'`: any column.
    private boolean atStarOperand() {
        return at("*") && operatorAt(1)
                .filter(o -> o == BinaryOperator.EQUAL || levelOf(o) == Level.STRING).isPresent();
    }

    /// An expression without a name and without pipes, or a report.
    final Expression unnamed() {
        return atUnnamed() ? nested(() -> binary(Level.OR), this::missingExpression) : missingExpression();
    }

    final Expression missingExpression() {
        Span span = here();
        missing(peek().kind() == Kind.KEYWORD
                ? "an expression (a reserved word must be written ['" + peek().text() + "'] to be a name)"
                : "an expression");
        return new MissingExpression(span);
    }

    private Expression operand(Level lowest) {
        return atUnnamed() ? binary(lowest) : missingExpression();
    }

    private Expression binary(Level lowest) {
        int start = start();
        Expression left = unary();
        Level highest = Level.STRING;
        int chain = 0;
        while (true) {
            if (lowest.compareTo(Level.EQUALITY) <= 0 && highest.compareTo(Level.EQUALITY) >= 0 && atListOperator()) {
                left = listOperator(left, start);
                highest = Level.AND;
                continue;
            }
            Optional<BinaryOperator> next = operatorAt(0);
            if (next.isEmpty() || levelOf(next.get()).compareTo(lowest) < 0
                    || levelOf(next.get()).compareTo(highest) > 0) {
                return left;
            }
            BinaryOperator operator = next.get();
            Level level = levelOf(operator);
            if (level == Level.OR || level == Level.AND) {
                left = logicalChain(left, operator, level);
            } else {
                Span operatorSpan = take().span();
                Expression right = operand(Level.values()[Math.min(level.ordinal() + 1, Level.STRING.ordinal())], level);
                left = new Binary(operator, left, right, operatorSpan, since(start));
            }
            highest = level.repeats ? level : Level.values()[level.ordinal() - 1];
            if (++chain == CHAIN_MAX) {
                giveUp();
            }
        }
    }

    /// The right side of an operator of `level`: all that binds tighter.
    private Expression operand(Level lowest, Level level) {
        if (level == Level.STRING) {
            return atUnary() ? unary() : missingExpression();
        }
        return operand(lowest);
    }

    /// `a or b or c ...` as a balanced tree: long conditions are common, deep trees are not welcome.
    private Expression logicalChain(Expression first, BinaryOperator operator, Level level) {
        List<Expression> operands = new ArrayList<>(List.of(first));
        List<Span> operatorSpans = new ArrayList<>();
        while (at(operator.text())) {
            operatorSpans.add(take().span());
            operands.add(operand(Level.values()[level.ordinal() + 1]));
        }
        return balanced(operator, operands, operatorSpans, 0, operands.size());
    }

    private static final int LEFT_DEEP_MAX = 16;

    private static Expression balanced(BinaryOperator operator, List<Expression> operands, List<Span> spans, int from,
            int to) {
        if (to - from == 1) {
            return operands.get(from);
        }
        int middle = to - from <= LEFT_DEEP_MAX ? to - 1 : (from + to) >>> 1;
        Expression left = balanced(operator, operands, spans, from, middle);
        Expression right = balanced(operator, operands, spans, middle, to);
        return new Binary(operator, left, right, spans.get(middle - 1), left.span().to(right.span()));
    }

    private boolean atListOperator() {
        // `on x in range(a, b, c)` of make-series is no operator.
        return at("in") && !at(1, "range") || at("!in") || at("in~") || at("!in~") || at("has_any") || at("has_all")
                || at("between") || at("!between");
    }

    private Expression listOperator(Expression left, int start) {
        Token operator = take();
        if (operator.is("between") || operator.is("!between")) {
            expect("(");
            Expression from = unnamed();
            expect("..");
            Expression to = unnamed();
            expect(")");
            return new Between(operator.is("!between"), left, from, to, operator.span(), since(start));
        }
        ListExpression right = inList();
        return new In(IN_OPERATORS.get(operator.text()), left, right, operator.span(), since(start));
    }

    /// `(a, b, c)` or `(query)`.
    private ListExpression inList() {
        int start = start();
        expect("(");
        List<Expression> items = startsQuery() || pipeBeforeEnd() ? List.of(expression())
                : list(unnamedExpressions, Length.ONE_OR_MORE, this::atEnd);
        expect(")");
        return new ListExpression(items, since(start));
    }

    /// True when a `|` comes before the end of the expression that starts here.
    private boolean pipeBeforeEnd() {
        int depth = 0;
        for (int offset = 0; !peek(offset).isEnd(); offset++) {
            Token token = peek(offset);
            if (token.is("(")) {
                depth++;
            } else if (token.is(";") || depth == 0 && (token.is(",") || token.is(")"))) {
                return false;
            } else if (token.is(")")) {
                depth--;
            } else if (depth == 0 && token.is("|")) {
                return true;
            }
        }
        return false;
    }

    private Expression unary() {
        int start = start();
        if (atStarOperand()) {
            return new Star(take().span());
        }
        if (!at("-") && !at("+")) {
            return callOrPath();
        }
        UnaryOperator operator = take().text().equals("-") ? UnaryOperator.MINUS : UnaryOperator.PLUS;
        if (operator == UnaryOperator.MINUS && atSmallestLong()) {
            take();
            Span span = since(start);
            return new LongLiteral(Long.MIN_VALUE, span.in(text), span);
        }
        Expression operand = atPrimary() || at("totable") ? callOrPath() : missingExpression();
        return new Unary(operator, operand, since(start));
    }

    /// The one literal that is a long only with its sign.
    private boolean atSmallestLong() {
        return atKind(Kind.LONG) && peek().text().equals("9223372036854775808") && !peek().spaceBefore();
    }

    // ------------------------------------------------------------------ paths

    /// A primary expression with its members and elements: `a.b[0].c`.
    @Override
    final Expression callOrPath() {
        int start = start();
        Expression target = primary();
        int chain = 0;
        while (at(".") || at("[")) {
            target = tryTake(".") ? member(target, start) : element(target, start);
            if (++chain == CHAIN_MAX) {
                giveUp();
            }
        }
        return target;
    }

    final Expression member(Expression target, int start) {
        if (atCall(0)) {
            return new Path(target, call(), since(start));
        }
        if (at("[")) {
            if (atBracketedWildcard()) {
                return new Path(target, bracketedWildcard(), since(start));
            }
            return bracketedNameLength(0) > 0 ? new Path(target, nameReference(), since(start))
                    : element(target, start);
        }
        return new Path(target, bareSelector(), since(start));
    }

    final Expression element(Expression target, int start) {
        take();
        Expression index = unnamed();
        expect("]");
        return new Element(target, index, since(start));
    }

    final boolean atBareSelector() {
        return at("@") || atName() || peek().kind() == Kind.KEYWORD && Keywords.isReferable(peek().text());
    }

    /// A name after a dot or on its own, `@`, or one of the words that may be referred to anyway.
    final Selector bareSelector() {
        if (at("@") || !atName() && atBareSelector()) {
            Token token = take();
            return new NameReference(token.text(), false, token.span());
        }
        if (atName()) {
            return nameReference();
        }
        Name missing = missingName();
        return new NameReference("", false, missing.span());
    }

    // ------------------------------------------------------------------ named expressions

    final Item<Expression> unnamedExpressions =
            new Item<>("an expression", this::atUnnamed, this::unnamed);

    final Item<Expression> namedExpressions =
            new Item<>("an expression", this::atNamed, this::named);

    final boolean atNamed() {
        return nameBeforeEquals() > 0 || wrongNameBeforeEquals() > 0 || atUnnamed();
    }

    private int nameBeforeEquals() {
        int length = declaredNameLength(0);
        return length > 0 && at(length, "=") ? length : 0;
    }

    /// `name = value`, `(a, b) = value`, or a value.
    final Expression named() {
        int start = start();
        if (nameBeforeEquals() > 0) {
            Name name = declaredName();
            take();
            return new NamedExpression(name, unnamed(), since(start));
        }
        int wrong = wrongNameBeforeEquals();
        if (wrong > 0) {
            takeTokens(wrong);
            Span span = since(start);
            refuse(span, "a reserved word, or a name with dashes, must be written ['" + span.in(text) + "']");
            take();
            return new NamedExpression(new Name(span.in(text), false, span), unnamed(), since(start));
        }
        if (atNameListBeforeEquals()) {
            take();
            List<Name> names = list(declaredNames, Length.ONE_OR_MORE, this::atEnd);
            expect(")");
            take();
            return new CompoundNamedExpression(names, unnamed(), since(start));
        }
        return unnamed();
    }

    final Item<Name> declaredNames =
            new Item<>("a name", this::atDeclaredName, this::declaredName);

    /// The tokens of `my-name` or of a reserved word before a `=`: no names, but meant as such.
    private int wrongNameBeforeEquals() {
        if (!peek().isWord()) {
            return 0;
        }
        int length = 1;
        while ((peek(length).isWord() || at(length, "-")) && !peek(length).spaceBefore()) {
            length++;
        }
        return at(length, "=") ? length : 0;
    }

    private boolean atNameListBeforeEquals() {
        if (!at("(")) {
            return false;
        }
        int offset = 1;
        while (declaredNameLength(offset) > 0) {
            offset += declaredNameLength(offset);
            if (!at(offset, ",")) {
                break;
            }
            offset++;
        }
        return offset > 1 && at(offset, ")") && at(offset + 1, "=");
    }

    /// A named expression, or a report.
    final Expression requiredNamed() {
        return atNamed() ? named() : missingExpression();
    }

    // ------------------------------------------------------------------ repairs

    /// A reserved word where only a name makes sense: told so, and taken as the name.
    final boolean atReservedWordAsName() {
        if (peek().kind() != Kind.KEYWORD) {
            return false;
        }
        Token next = peek(1);
        return operatorAt(1).filter(o -> o != BinaryOperator.ADD && o != BinaryOperator.SUBTRACT).isPresent()
                && !next.is("<>")
                || IN_OPERATORS.containsKey(next.text()) && next.kind() == Kind.KEYWORD
                || next.is("between") || next.is("!between") || next.is(")") || next.is("]") || next.is("}")
                || next.is(".") || next.is(",") || next.is("|");
    }

    final NameReference reservedWordAsName() {
        Token token = take();
        refuse(token.span(), "a reserved word must be written ['" + token.text() + "'] to be a name");
        return new NameReference(token.text(), false, token.span());
    }
}
