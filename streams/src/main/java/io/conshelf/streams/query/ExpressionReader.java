package io.conshelf.streams.query;

import io.conshelf.streams.expression.Expression.BinaryOperator;
import io.conshelf.streams.expression.Expression.OnFailure;
import io.conshelf.streams.expression.Expression.UnaryOperator;
import io.conshelf.streams.plan.AggregateCall.Quantifier;
import io.conshelf.streams.query.Syntax.Expr;
import io.conshelf.streams.query.Syntax.Name;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.tree.ParseTree;
import org.antlr.v4.runtime.tree.TerminalNode;

/// From ANTLR's parse tree of expressions to ours.
final class ExpressionReader {
    /// How deep an expression may become, all operators in a row counted. Everything that walks expressions recurses.
    private static final int DEPTH_MAX = 400;

    private final List<Diagnostic> diagnostics;
    private final List<Name> calls = new ArrayList<>();
    private boolean isTooDeep;

    ExpressionReader(List<Diagnostic> diagnostics) {
        this.diagnostics = diagnostics;
    }

    /// The functions of the job that were called in what was read.
    List<Name> calls() {
        return calls;
    }

    /// An expression and how many levels it has.
    private record Deep(Expr expr, int depth) {}

    Expr expression(StreamParser.ExpressionContext tree) {
        return disjunction(tree).expr;
    }

    List<Expr> all(List<StreamParser.ExpressionContext> trees) {
        return trees.stream().map(this::expression).toList();
    }

    private Deep limited(Expr expr, int depth) {
        if (depth > DEPTH_MAX) {
            if (!isTooDeep) {
                isTooDeep = true;
                diagnostics.add(Diagnostic.error(expr.span(), "the expression is deeper than " + DEPTH_MAX + " levels"));
            }
            return new Deep(new Syntax.Literal(Value.Null.NULL, expr.span()), 1);
        }
        return new Deep(expr, depth);
    }

    private Deep disjunction(StreamParser.ExpressionContext tree) {
        return balanced(BinaryOperator.OR, tree.conjunction().stream().map(this::conjunction).toList());
    }

    private Deep conjunction(StreamParser.ConjunctionContext tree) {
        return balanced(BinaryOperator.AND, tree.negation().stream().map(this::negation).toList());
    }

    // Long lists of conditions are written by programs; in which order pairs are taken does not matter to AND and OR, so they stay shallow.
    private Deep balanced(BinaryOperator operator, List<Deep> parts) {
        if (parts.size() == 1) {
            return parts.getFirst();
        }
        int middle = (parts.size() + 1) / 2;
        return binary(operator, balanced(operator, parts.subList(0, middle)), balanced(operator, parts.subList(middle, parts.size())));
    }

    private Deep binary(BinaryOperator operator, Deep left, Deep right) {
        return limited(new Syntax.Binary(operator, left.expr, right.expr, left.expr.span().to(right.expr.span())), Math.max(left.depth, right.depth) + 1);
    }

    private Deep negation(StreamParser.NegationContext tree) {
        Deep deep = predicate(tree.predicate());
        for (TerminalNode not : tree.NOT().reversed()) {
            deep = not(SyntaxReader.span(not).to(deep.expr.span()), deep);
        }
        return deep;
    }

    private Deep not(Span span, Deep of) {
        return limited(new Syntax.Unary(UnaryOperator.NOT, of.expr, span), of.depth + 1);
    }

    private Deep predicate(StreamParser.PredicateContext tree) {
        Deep deep = additive(tree.additive());
        for (StreamParser.TestContext test : tree.test()) {
            Span span = deep.expr.span().to(SyntaxReader.span(test));
            deep = switch (test) {
                case StreamParser.CompareContext compare -> binary(comparison(compare.comparison()), deep, additive(compare.additive()));
                case StreamParser.LikeContext like -> {
                    Deep pattern = additive(like.additive());
                    yield perhapsNot(like.NOT(), span,
                            limited(new Syntax.Like(deep.expr, pattern.expr, span), Math.max(deep.depth, pattern.depth) + 1));
                }
                case StreamParser.BetweenContext between -> {
                    Deep low = additive(between.additive(0));
                    Deep high = additive(between.additive(1));
                    yield perhapsNot(between.NOT(), span, limited(new Syntax.Between(deep.expr, low.expr, high.expr, span),
                            Math.max(deep.depth, Math.max(low.depth, high.depth)) + 1));
                }
                case StreamParser.InContext in -> {
                    List<Deep> among = in.expression().stream().map(this::disjunction).toList();
                    yield perhapsNot(in.NOT(), span, limited(new Syntax.In(deep.expr, exprs(among), span), Math.max(deep.depth, deepest(among)) + 1));
                }
                case StreamParser.IsNullContext is -> perhapsNot(is.NOT(), span, limited(new Syntax.IsNull(deep.expr, span), deep.depth + 1));
                default -> throw new AssertionError("unknown test " + test.getClass());
            };
        }
        return deep;
    }

    private Deep perhapsNot(TerminalNode not, Span span, Deep of) {
        return not == null ? of : not(span, of);
    }

    private static BinaryOperator comparison(StreamParser.ComparisonContext tree) {
        return switch (tree.getStart().getType()) {
            case StreamLexer.EQUAL -> BinaryOperator.EQUAL;
            case StreamLexer.NOT_EQUAL -> BinaryOperator.NOT_EQUAL;
            case StreamLexer.LESS -> BinaryOperator.LESS;
            case StreamLexer.LESS_OR_EQUAL -> BinaryOperator.LESS_OR_EQUAL;
            case StreamLexer.GREATER -> BinaryOperator.GREATER;
            case StreamLexer.GREATER_OR_EQUAL -> BinaryOperator.GREATER_OR_EQUAL;
            default -> throw new AssertionError("unknown comparison " + tree.getText());
        };
    }

    private Deep additive(StreamParser.AdditiveContext tree) {
        // asking the tree for one of its parts goes through all of them
        List<StreamParser.MultiplicativeContext> parts = tree.multiplicative();
        Deep deep = multiplicative(parts.getFirst());
        for (int i = 1; i < parts.size(); i++) {
            deep = binary(operator(tree.getChild(2 * i - 1)), deep, multiplicative(parts.get(i)));
        }
        return deep;
    }

    private Deep multiplicative(StreamParser.MultiplicativeContext tree) {
        List<StreamParser.UnaryContext> parts = tree.unary();
        Deep deep = unary(parts.getFirst());
        for (int i = 1; i < parts.size(); i++) {
            deep = binary(operator(tree.getChild(2 * i - 1)), deep, unary(parts.get(i)));
        }
        return deep;
    }

    private static BinaryOperator operator(ParseTree node) {
        return switch (node.getText()) {
            case "+" -> BinaryOperator.ADD;
            case "-" -> BinaryOperator.SUBTRACT;
            case "*" -> BinaryOperator.MULTIPLY;
            case "/" -> BinaryOperator.DIVIDE;
            case "%" -> BinaryOperator.REMAINDER;
            case "&" -> BinaryOperator.BIT_AND;
            case "|" -> BinaryOperator.BIT_OR;
            case "^" -> BinaryOperator.BIT_XOR;
            default -> throw new AssertionError("unknown operator " + node.getText());
        };
    }

    private Deep unary(StreamParser.UnaryContext tree) {
        List<ParseTree> signs = tree.children.subList(0, tree.children.size() - 1);
        // -9223372036854775808 is a number, though 9223372036854775808 is none
        if (!signs.isEmpty() && signs.getLast().getText().equals("-") && tree.value().part().isEmpty()
                && tree.value().atom() instanceof StreamParser.ConstantContext constant && (constant.literal().INTEGER() != null
                || constant.literal().DECIMAL() != null)) {
            Span span = SyntaxReader.span((TerminalNode) signs.getLast()).to(SyntaxReader.span(constant));
            return signed(signs.subList(0, signs.size() - 1), new Deep(number("-" + constant.getText(), span), 1));
        }
        return signed(signs, value(tree.value()));
    }

    private Deep signed(List<ParseTree> signs, Deep of) {
        Deep deep = of;
        for (ParseTree sign : signs.reversed()) {
            Span span = SyntaxReader.span((TerminalNode) sign).to(deep.expr.span());
            deep = switch (sign.getText()) {
                case "+" -> deep;
                case "-" -> limited(new Syntax.Unary(UnaryOperator.MINUS, deep.expr, span), deep.depth + 1);
                default -> limited(new Syntax.Unary(UnaryOperator.COMPLEMENT, deep.expr, span), deep.depth + 1);
            };
        }
        return deep;
    }

    private Deep value(StreamParser.ValueContext tree) {
        Deep deep = atom(tree.atom());
        for (StreamParser.PartContext part : tree.part()) {
            deep = limited(member(deep.expr, part), deep.depth + 1);
        }
        return deep;
    }

    static Expr member(Expr of, StreamParser.PartContext part) {
        Name name = part.BRACKETED() != null ? SyntaxReader.bracketed(part.BRACKETED())
                : part.DOUBLE_QUOTED() != null ? SyntaxReader.doubleQuoted(part.DOUBLE_QUOTED()) : SyntaxReader.plain(part.anyName());
        return new Syntax.Member(of, name, of.span().to(name.span()));
    }

    private Deep atom(StreamParser.AtomContext tree) {
        return switch (tree) {
            case StreamParser.ConstantContext constant -> new Deep(literal(constant.literal()), 1);
            case StreamParser.ParenthesisedContext inner -> disjunction(inner.expression());
            case StreamParser.CaseContext cases -> cases(cases);
            case StreamParser.CastContext cast -> {
                Deep of = disjunction(cast.expression());
                yield limited(new Syntax.Cast(of.expr, type(cast.type()), cast.CAST() == null ? OnFailure.NULL : OnFailure.ERROR, SyntaxReader.span(cast)),
                        of.depth + 1);
            }
            case StreamParser.CalledContext called -> called(called.call());
            case StreamParser.NamedContext named -> new Deep(new Syntax.Named(SyntaxReader.name(named.name()), SyntaxReader.span(named)), 1);
            default -> throw new AssertionError("unknown expression " + tree.getClass());
        };
    }

    private Deep cases(StreamParser.CaseContext tree) {
        // CASE operand? (WHEN when THEN then)+ (ELSE otherwise)? END
        List<Deep> parts = new ArrayList<>(tree.expression().stream().map(this::disjunction).toList());
        int depth = deepest(parts) + 1;
        boolean isSimple = tree.getChild(1) instanceof StreamParser.ExpressionContext;
        Optional<Expr> operand = isSimple ? Optional.of(parts.removeFirst().expr) : Optional.empty();
        Optional<Expr> otherwise = tree.ELSE() == null ? Optional.empty() : Optional.of(parts.removeLast().expr);
        List<Syntax.When> branches = new ArrayList<>();
        for (int i = 0; i < parts.size(); i += 2) {
            Expr when = parts.get(i).expr;
            Expr then = parts.get(i + 1).expr;
            branches.add(new Syntax.When(when, then, when.span().to(then.span())));
        }
        return limited(new Syntax.Case(operand, branches, otherwise, SyntaxReader.span(tree)), depth);
    }

    Syntax.Call call(StreamParser.CallContext tree) {
        return call(tree, arguments(tree));
    }

    private Deep called(StreamParser.CallContext tree) {
        List<Deep> arguments = arguments(tree);
        return limited(call(tree, arguments), deepest(arguments) + 1);
    }

    private List<Deep> arguments(StreamParser.CallContext tree) {
        return tree.arguments() == null ? List.of() : tree.arguments().argument().stream()
                .map(argument -> argument.STAR() == null ? disjunction(argument.expression())
                        : new Deep(new Syntax.Star(SyntaxReader.span((ParserRuleContext) argument)), 1))
                .toList();
    }

    private Syntax.Call call(StreamParser.CallContext tree, List<Deep> arguments) {
        List<Name> name = new ArrayList<>();
        StreamParser.CallNameContext called = tree.callName();
        name.add(called.name() == null ? new Name(called.getStart().getText(), Syntax.Quoting.NONE, SyntaxReader.span(called.getStart()))
                : SyntaxReader.name(called.name()));
        called.anyName().forEach(part -> name.add(SyntaxReader.plain(part)));
        if (name.size() == 2 && (name.getFirst().text().equalsIgnoreCase("udf") || name.getFirst().text().equalsIgnoreCase("uda"))) {
            calls.add(name.getLast());
        }
        Quantifier quantifier = tree.arguments() == null || tree.arguments().DISTINCT() == null ? Quantifier.ALL : Quantifier.DISTINCT;
        return new Syntax.Call(name, quantifier, exprs(arguments), tree.over() == null ? Optional.empty() : Optional.of(over(tree.over())),
                SyntaxReader.span(tree));
    }

    private Syntax.Over over(StreamParser.OverContext tree) {
        List<Expr> partitionBy = new ArrayList<>();
        List<Syntax.Ordering> orderBy = new ArrayList<>();
        Optional<Syntax.Duration> limit = Optional.empty();
        Optional<Expr> when = Optional.empty();
        for (StreamParser.OverPartContext part : tree.overPart()) {
            switch (part) {
                case StreamParser.OverPartitionContext of -> partitionBy.addAll(all(of.expression()));
                case StreamParser.OverOrderContext of -> of.ordering().forEach(ordering -> orderBy.add(
                        new Syntax.Ordering(expression(ordering.expression()), SyntaxReader.direction(ordering), SyntaxReader.span(ordering))));
                case StreamParser.OverLimitContext of ->
                    limit = Optional.of(new Syntax.Duration(expression(of.expression(0)), expression(of.expression(1)), SyntaxReader.span(of)));
                case StreamParser.OverWhenContext of -> when = Optional.of(expression(of.expression()));
                default -> throw new AssertionError("unknown part " + part.getClass());
            }
        }
        return new Syntax.Over(partitionBy, orderBy, limit, when, SyntaxReader.span(tree));
    }

    static Syntax.TypeName type(StreamParser.TypeContext tree) {
        return new Syntax.TypeName(tree.getText(), SyntaxReader.span(tree));
    }

    private Expr literal(StreamParser.LiteralContext tree) {
        Span span = SyntaxReader.span(tree);
        if (tree.STRING() != null) {
            return new Syntax.Literal(new Value.Text(unquoted(tree.STRING().getText())), span);
        }
        return tree.NULL() != null ? new Syntax.Literal(Value.Null.NULL, span) : number(tree.getText(), span);
    }

    private Syntax.Literal number(String text, Span span) {
        if (text.chars().anyMatch(c -> c == '.' || c == 'e' || c == 'E')) {
            double value = Double.parseDouble(text);
            if (Double.isInfinite(value)) {
                diagnostics.add(Diagnostic.error(span, text + " does not fit a float"));
            }
            return new Syntax.Literal(new Value.FloatingPoint(value), span);
        }
        try {
            return new Syntax.Literal(new Value.BigInt(Long.parseLong(text)), span);
        } catch (NumberFormatException tooLarge) {
            diagnostics.add(Diagnostic.error(span, (text.length() > 40 ? text.substring(0, 40) + "…" : text) + " does not fit a bigint of 64 bits"));
            return new Syntax.Literal(Value.Null.NULL, span);
        }
    }

    static String unquoted(String text) {
        return text.substring(text.indexOf('\'') + 1, text.length() - 1).replace("''", "'");
    }

    private static List<Expr> exprs(List<Deep> parts) {
        return parts.stream().map(Deep::expr).toList();
    }

    private static int deepest(List<Deep> parts) {
        return parts.stream().mapToInt(Deep::depth).max().orElse(0);
    }
}
