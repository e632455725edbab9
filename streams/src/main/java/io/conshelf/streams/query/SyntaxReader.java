package io.conshelf.streams.query;

import io.conshelf.streams.plan.AggregateCall.Direction;
import io.conshelf.streams.query.Syntax.Expr;
import io.conshelf.streams.query.Syntax.Name;
import io.conshelf.streams.query.Syntax.Quoting;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.antlr.v4.runtime.ParserRuleContext;
import org.antlr.v4.runtime.Token;
import org.antlr.v4.runtime.tree.TerminalNode;

/// From ANTLR's parse tree of statements to ours; [ExpressionReader] does it for expressions. What the grammar lets through and the language does not have is
/// refused here.
final class SyntaxReader {
    private final List<Diagnostic> diagnostics;
    private final ExpressionReader expressions;

    SyntaxReader(List<Diagnostic> diagnostics) {
        this.diagnostics = diagnostics;
        this.expressions = new ExpressionReader(diagnostics);
    }

    Syntax.Script script(StreamParser.ScriptContext tree) {
        List<Syntax.TableDeclaration> tables = tree.createTable().stream().map(this::table).toList();
        List<Syntax.StepDeclaration> steps = tree.with() == null ? List.of() : tree.with().step().stream().map(this::step).toList();
        List<Syntax.Query> queries = tree.query().stream().map(this::query).toList();
        return new Syntax.Script(tables, steps, queries, expressions.calls(), span(tree));
    }

    private Syntax.TableDeclaration table(StreamParser.CreateTableContext tree) {
        return new Syntax.TableDeclaration(name(tree.name()), tree.column().stream()
                .map(column -> new Syntax.ColumnDeclaration(name(column.name()), ExpressionReader.type(column.type()), span(column))).toList(), span(tree));
    }

    private Syntax.StepDeclaration step(StreamParser.StepContext tree) {
        return new Syntax.StepDeclaration(name(tree.name()), query(tree.query()), span(tree));
    }

    private Syntax.Query query(StreamParser.QueryContext tree) {
        tree.ALL().forEach(all -> refuse(span(all), "UNION ALL is not in the language; UNION keeps all rows"));
        return new Syntax.Query(selects(tree).toList(), span(tree));
    }

    // UNION keeps all rows, so parentheses change nothing
    private Stream<Syntax.Select> selects(StreamParser.QueryContext tree) {
        return tree.united().stream().flatMap(part -> part.select() == null ? query(part.query()).selects().stream() : Stream.of(select(part.select())));
    }

    private Syntax.Select select(StreamParser.SelectContext tree) {
        if (tree.quantifier() != null) {
            refuse(span(tree.quantifier()), "SELECT " + (tree.quantifier().DISTINCT() == null ? "TOP" : "DISTINCT") + " is not in the language");
        }
        if (tree.ORDER() != null) {
            refuse(span(tree.ORDER()), "ORDER BY is not in the language outside of OVER");
        }
        if (tree.trailing != null) {
            diagnostics.add(Diagnostic.warning(span(tree.trailing), "nothing follows this comma; it is passed over"));
        }
        List<StreamParser.ExpressionContext> rest = new ArrayList<>(tree.expression());
        Optional<Expr> where = tree.WHERE() == null ? Optional.empty() : Optional.of(expressions.expression(rest.removeFirst()));
        Optional<Expr> having = tree.HAVING() == null ? Optional.empty() : Optional.of(expressions.expression(rest.removeLast()));
        return new Syntax.Select(tree.item().stream().map(this::item).toList(), Optional.ofNullable(tree.name()).map(SyntaxReader::name),
                source(first(tree.from())), relations(tree.from()).toList(), where,
                expressions.all(rest), having, span(tree));
    }

    private Syntax.Item item(StreamParser.ItemContext tree) {
        return switch (tree) {
            case StreamParser.AllContext all -> new Syntax.All(span(all));
            case StreamParser.AllOfContext of -> {
                Expr path = new Syntax.Named(name(of.name()), span(of.name()));
                for (StreamParser.PartContext part : of.part()) {
                    path = ExpressionReader.member(path, part);
                }
                yield new Syntax.AllOf(path, span(of));
            }
            case StreamParser.ComputedContext computed -> computed(computed);
            default -> throw new AssertionError("unknown item " + tree.getClass());
        };
    }

    private Syntax.Computed computed(StreamParser.ComputedContext tree) {
        Expr value = expressions.expression(tree.expression());
        if (tree.alias() != null) {
            return new Syntax.Computed(value, Optional.of(alias(tree.alias())), span(tree));
        }
        if (tree.anyAlias() != null) {
            return new Syntax.Computed(value, Optional.of(alias(tree.anyAlias())), span(tree));
        }
        if (value instanceof Syntax.Binary(var operator, Syntax.Named(Name name, _), Expr assigned, _)
                && operator == io.conshelf.streams.expression.Expression.BinaryOperator.EQUAL && !tree.expression().getText().startsWith("(")) {
            return new Syntax.Computed(assigned, Optional.of(name), span(tree));
        }
        return new Syntax.Computed(value, Optional.empty(), span(tree));
    }

    // ---------------------------------------------------------------- FROM

    private static StreamParser.SourceContext first(StreamParser.FromContext tree) {
        return tree.source() == null ? first(tree.from()) : tree.source();
    }

    // parentheses around the joins on the left say what holds without them
    private Stream<Syntax.Relation> relations(StreamParser.FromContext tree) {
        Stream<Syntax.Relation> these = tree.relation().stream().flatMap(relation -> relation(relation).stream());
        return tree.from() == null ? these : Stream.concat(relations(tree.from()), these);
    }

    private Syntax.Source source(StreamParser.SourceContext tree) {
        Name name;
        if (tree.subquery() != null) {
            refuse(span(tree.subquery()), tree.subquery().query() == null ? "joins in parentheses can stand first in FROM, and not behind JOIN"
                    : "a query in FROM is not in the language; make it a step of WITH");
            name = new Name("", Quoting.NONE, span(tree.subquery()));
        } else {
            name = name(tree.name());
        }
        List<Syntax.TimestampBy> timestamps = new ArrayList<>();
        List<Expr> partitions = new ArrayList<>();
        for (StreamParser.ClauseContext clause : tree.clause()) {
            switch (clause) {
                case StreamParser.TimestampByContext by -> {
                    List<Expr> all = expressions.all(by.expression());
                    timestamps.add(new Syntax.TimestampBy(all.getFirst(), all.subList(1, all.size()), span(by)));
                }
                case StreamParser.PartitionByContext by -> {
                    partitions.addAll(expressions.all(by.expression()));
                    if (by.INTEGER() != null && by.INTEGER().getText().matches("0*[01]")) {
                        refuse(span(by.INTEGER()), "PARTITION BY … INTO takes a number of shards from 2 on");
                    }
                }
                default -> throw new AssertionError("unknown clause " + clause.getClass());
            }
        }
        if (timestamps.size() > 1) {
            refuse(timestamps.getLast().span(), "TIMESTAMP BY is given twice");
        }
        return new Syntax.Source(name, Optional.ofNullable(tree.sourceAlias()).map(alias -> name(alias.name())), timestamps.stream().findFirst(), partitions,
                span(tree));
    }

    private Optional<Syntax.Relation> relation(StreamParser.RelationContext tree) {
        return switch (tree) {
            case StreamParser.JoinContext join -> {
                if (join.RIGHT() != null || join.FULL() != null) {
                    refuse(span(join.getStart()), (join.RIGHT() == null ? "FULL" : "RIGHT") + " JOIN is not in the language");
                }
                yield Optional.of(new Syntax.Join(join.LEFT() == null ? Syntax.JoinType.INNER : Syntax.JoinType.LEFT, source(join.source()),
                        Optional.of(expressions.expression(join.expression())), span(join)));
            }
            case StreamParser.CrossJoinContext join ->
                Optional.of(new Syntax.Join(Syntax.JoinType.CROSS, source(join.source()), Optional.empty(), span(join)));
            case StreamParser.ApplyContext apply -> Optional.of(new Syntax.Apply(apply.CROSS() == null ? Syntax.ApplyType.OUTER : Syntax.ApplyType.CROSS,
                    expressions.call(apply.call()), name(apply.sourceAlias().name()), span(apply)));
            case StreamParser.CommaContext comma -> {
                refuse(span(comma), "FROM with a comma is not supported; use JOIN … ON DATEDIFF(…), or CROSS JOIN for reference data");
                yield Optional.empty();
            }
            case StreamParser.MatchContext match -> Optional.of(match(match.matchRecognize()));
            default -> throw new AssertionError("unknown relation " + tree.getClass());
        };
    }

    private Syntax.Match match(StreamParser.MatchRecognizeContext tree) {
        Optional<Syntax.Duration> limit = Optional.empty();
        List<Expr> partitionBy = new ArrayList<>();
        List<Syntax.Measure> measures = new ArrayList<>();
        Optional<Syntax.Pattern> pattern = Optional.empty();
        List<Syntax.Definition> definitions = new ArrayList<>();
        for (StreamParser.MatchClauseContext clause : tree.matchClause()) {
            switch (clause) {
                case StreamParser.LimitContext of -> limit = Optional.of(new Syntax.Duration(expressions.expression(of.expression(0)),
                        expressions.expression(of.expression(1)), span(of)));
                case StreamParser.MatchPartitionContext of -> partitionBy.addAll(expressions.all(of.expression()));
                case StreamParser.MeasuresContext of -> of.measure().forEach(measure ->
                        measures.add(new Syntax.Measure(expressions.expression(measure.expression()), alias(measure.anyAlias()), span(measure))));
                case StreamParser.SkipToNextContext _ -> { }
                case StreamParser.PatternClauseContext of -> pattern = Optional.of(pattern(of.pattern()));
                case StreamParser.DefineContext of -> of.definition().forEach(definition ->
                        definitions.add(new Syntax.Definition(name(definition.name()), expressions.expression(definition.expression()), span(definition))));
                default -> throw new AssertionError("unknown clause " + clause.getClass());
            }
        }
        return new Syntax.Match(limit, partitionBy, measures, pattern, definitions,
                Optional.ofNullable(tree.sourceAlias()).map(alias -> name(alias.name())), span(tree));
    }

    private Syntax.Pattern pattern(StreamParser.PatternContext tree) {
        List<Syntax.Pattern> parts = tree.sequence().stream().map(this::sequence).toList();
        return parts.size() == 1 ? parts.getFirst() : new Syntax.Either(parts, span(tree));
    }

    private Syntax.Pattern sequence(StreamParser.SequenceContext tree) {
        List<Syntax.Pattern> parts = tree.repeated().stream().map(this::repeated).toList();
        return parts.size() == 1 ? parts.getFirst() : new Syntax.Sequence(parts, span(tree));
    }

    private Syntax.Pattern repeated(StreamParser.RepeatedContext tree) {
        StreamParser.UnitContext unit = tree.unit();
        Syntax.Pattern of = unit.pattern() != null ? pattern(unit.pattern()) : unit.name() != null ? new Syntax.PatternName(name(unit.name()), span(unit))
                : new Syntax.AnyRow(span(unit));
        if (tree.STAR() != null) {
            return new Syntax.Repeat(of, 0, -1, span(tree));
        }
        if (tree.PLUS() != null) {
            return new Syntax.Repeat(of, 1, -1, span(tree));
        }
        if (tree.QUESTION() != null) {
            return new Syntax.Repeat(of, 0, 1, span(tree));
        }
        if (tree.BRACE() == null) {
            return of;
        }
        int min = count(tree.INTEGER(0));
        int max = tree.COMMA() == null ? min : tree.INTEGER().size() == 1 ? -1 : count(tree.INTEGER(1));
        if (max >= 0 && (max < min || max == 0)) {
            refuse(span(tree), "{%d,%d} repeats nothing".formatted(min, max));
        }
        return new Syntax.Repeat(of, min, max, span(tree));
    }

    /// More repetitions than this would make a match of more rows than anyone writes down.
    private static final int REPETITIONS_MAX = 1000;

    private int count(TerminalNode digits) {
        String text = digits.getText();
        if (text.length() > 4 || Integer.parseInt(text) > REPETITIONS_MAX) {
            refuse(span(digits), "a pattern repeats at most " + REPETITIONS_MAX + " times");
            return 1;
        }
        return Integer.parseInt(text);
    }

    // ---------------------------------------------------------------- names and places

    static Name name(StreamParser.NameContext tree) {
        return tree.BRACKETED() != null ? bracketed(tree.BRACKETED()) : tree.DOUBLE_QUOTED() != null ? doubleQuoted(tree.DOUBLE_QUOTED())
                : new Name(tree.getText(), Quoting.NONE, span(tree));
    }

    static Name bracketed(TerminalNode node) {
        String text = node.getText();
        return new Name(text.substring(1, text.length() - 1).replace("]]", "]"), Quoting.BRACKETS, span(node));
    }

    static Name doubleQuoted(TerminalNode node) {
        String text = node.getText();
        return new Name(text.substring(1, text.length() - 1).replace("\"\"", "\""), Quoting.DOUBLE_QUOTES, span(node));
    }

    static Name plain(ParserRuleContext tree) {
        return new Name(tree.getText(), Quoting.NONE, span(tree));
    }

    private static Name alias(StreamParser.AliasContext tree) {
        return tree.STRING() == null ? name(tree.name()) : textName(tree.STRING());
    }

    private static Name alias(StreamParser.AnyAliasContext tree) {
        return tree.BRACKETED() != null ? bracketed(tree.BRACKETED()) : tree.DOUBLE_QUOTED() != null ? doubleQuoted(tree.DOUBLE_QUOTED())
                : tree.STRING() != null ? textName(tree.STRING()) : plain(tree.anyName());
    }

    private static Name textName(TerminalNode text) {
        return new Name(ExpressionReader.unquoted(text.getText()), Quoting.BRACKETS, span(text));
    }

    static Direction direction(StreamParser.OrderingContext tree) {
        return tree.DESC() == null ? Direction.ASCENDING : Direction.DESCENDING;
    }

    static Span span(ParserRuleContext tree) {
        return QueryParser.span(tree.getStart()).to(QueryParser.span(tree.getStop() == null ? tree.getStart() : tree.getStop()));
    }

    static Span span(TerminalNode node) {
        return QueryParser.span(node.getSymbol());
    }

    static Span span(Token token) {
        return QueryParser.span(token);
    }

    private void refuse(Span span, String message) {
        diagnostics.add(Diagnostic.error(span, message));
    }
}
