package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.As;
import io.conshelf.kql.syntax.Syntax.AssertSchema;
import io.conshelf.kql.syntax.Syntax.Consume;
import io.conshelf.kql.syntax.Syntax.Count;
import io.conshelf.kql.syntax.Syntax.Distinct;
import io.conshelf.kql.syntax.Syntax.Evaluate;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.FunctionCall;
import io.conshelf.kql.syntax.Syntax.GetSchema;
import io.conshelf.kql.syntax.Syntax.Invoke;
import io.conshelf.kql.syntax.Syntax.MissingExpression;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.NullsOrder;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import io.conshelf.kql.syntax.Syntax.OrderedExpression;
import io.conshelf.kql.syntax.Syntax.Parse;
import io.conshelf.kql.syntax.Syntax.ParseColumn;
import io.conshelf.kql.syntax.Syntax.ParseKv;
import io.conshelf.kql.syntax.Syntax.ParsePart;
import io.conshelf.kql.syntax.Syntax.ParseSkip;
import io.conshelf.kql.syntax.Syntax.ParseText;
import io.conshelf.kql.syntax.Syntax.ParseWhere;
import io.conshelf.kql.syntax.Syntax.Path;
import io.conshelf.kql.syntax.Syntax.ProjectReorder;
import io.conshelf.kql.syntax.Syntax.Range;
import io.conshelf.kql.syntax.Syntax.Reduce;
import io.conshelf.kql.syntax.Syntax.Render;
import io.conshelf.kql.syntax.Syntax.RowSchema;
import io.conshelf.kql.syntax.Syntax.Sample;
import io.conshelf.kql.syntax.Syntax.SampleDistinct;
import io.conshelf.kql.syntax.Syntax.Serialize;
import io.conshelf.kql.syntax.Syntax.Sort;
import io.conshelf.kql.syntax.Syntax.SortOrder;
import io.conshelf.kql.syntax.Syntax.StringLiteral;
import io.conshelf.kql.syntax.Syntax.Summarize;
import io.conshelf.kql.syntax.Syntax.Take;
import io.conshelf.kql.syntax.Syntax.Top;
import io.conshelf.kql.syntax.Syntax.TopHitters;
import io.conshelf.kql.syntax.Syntax.TopNested;
import io.conshelf.kql.syntax.Syntax.TopNestedLevel;
import io.conshelf.kql.syntax.Syntax.TypeName;
import io.conshelf.kql.syntax.Syntax.Where;
import io.conshelf.kql.syntax.Token.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Operators that work on one input: filters, projections, orders, aggregations, `parse`, `render`.
abstract class OperatorReader extends SourceReader {
    OperatorReader(String text, int start) {
        super(text, start);
    }

    final List<Expression> columns(Length length) {
        return list(namedExpressions, length, this::atEnd);
    }

    final Where where() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        return new Where(parameters, requiredNamed(), since(start));
    }

    final Count count() {
        int start = start();
        take();
        Optional<Name> name = Optional.empty();
        if (tryTake("as")) {
            name = Optional.of(atKind(Kind.IDENTIFIER) ? word() : missingName());
        }
        return new Count(List.of(), name, since(start));
    }

    final As as() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        return new As(parameters, name(), since(start));
    }

    final Consume consume() {
        int start = start();
        take();
        return new Consume(parameters(), since(start));
    }

    final GetSchema getSchema() {
        int start = start();
        take();
        return new GetSchema(parameters("kind"), since(start));
    }

    final AssertSchema assertSchema() {
        int start = start();
        take();
        return new AssertSchema(closedSchema(), since(start));
    }

    final Invoke invoke() {
        int start = start();
        take();
        if (!atCall(0)) {
            return new Invoke(missingExpression(), since(start));
        }
        int callStart = start();
        Expression function = call();
        while (at(".") && atCall(1)) {
            take();
            function = new Path(function, call(), since(callStart));
        }
        return new Invoke(function, since(start));
    }

    final Evaluate evaluate() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        FunctionCall plugin = plugin();
        Optional<RowSchema> schema = tryTake(":") ? Optional.of(rowSchema()) : Optional.empty();
        return new Evaluate(parameters, plugin, schema, since(start));
    }

    private FunctionCall plugin() {
        if (atCall(0)) {
            return (FunctionCall) call();
        }
        int start = start();
        Name name = atName() ? name() : missingPlugin();
        if (!name.isMissing()) {
            missing("'('");
        }
        return new FunctionCall(name, List.of(), List.of(), since(start));
    }

    private Name missingPlugin() {
        Span span = here();
        missing("a plugin call such as bag_unpack(column)");
        return new Name("", false, span);
    }

    // ------------------------------------------------------------------ columns

    final Expression nameOrWildcard() {
        return wildcardLength(0) > 0 ? wildcard() : nameReference();
    }

    final Item<Expression> namesOrWildcards =
            new Item<>("the name of a column", () -> wildcardLength(0) > 0 || atName(), this::nameOrWildcard);

    final ProjectReorder projectReorder() {
        int start = start();
        take();
        Item<OrderedExpression> column = new Item<>("the name of a column", namesOrWildcards.starts(), () -> {
            int columnStart = start();
            Expression name = nameOrWildcard();
            return new OrderedExpression(name, sortOrder(), NullsOrder.DEFAULT, since(columnStart));
        });
        return new ProjectReorder(list(column, Length.ANY, this::atEnd), since(start));
    }

    final Distinct distinct() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        Item<Expression> column = new Item<>("an expression", () -> at("*") || atNamed(),
                () -> at("*") && !atNamed() ? new Syntax.Star(take().span()) : named());
        return new Distinct(parameters, list(column, Length.ONE_OR_MORE, this::atEnd), since(start));
    }

    final Serialize serialize() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        return new Serialize(parameters, columns(Length.ANY), since(start));
    }

    final Summarize summarize() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        List<Expression> aggregates = list(namedExpressions, Length.ANY, endOr("by"));
        List<Expression> by = tryTake("by") ? groups() : List.of();
        return new Summarize(parameters, aggregates, by, since(start));
    }

    @Override
    final Expression summarizeOperator() {
        return summarize();
    }

    /// The keys of `summarize`, with the old `bin=1d` at their end.
    private List<Expression> groups() {
        BooleanSupplier end = () -> at("bin") && at(1, "=") && isLiteral(peek(2)) || atEnd();
        List<Expression> groups = new ArrayList<>(list(namedExpressions, Length.ONE_OR_MORE, end));
        if (at("bin")) {
            groups.add(named());
        }
        return groups;
    }

    private static boolean isLiteral(Token token) {
        return switch (token.kind()) {
            case STRING, BOOL, LONG, REAL, TIMESPAN, INT, DECIMAL, DATETIME, GUID, RAW_GUID -> true;
            case IDENTIFIER, KEYWORD, PUNCTUATION, DIRECTIVE, BAD, END -> false;
        };
    }

    // ------------------------------------------------------------------ order and choice

    final SortOrder sortOrder() {
        if (tryTake("asc")) {
            return SortOrder.ASC;
        }
        if (tryTake("desc")) {
            return SortOrder.DESC;
        }
        if (tryTake("granny-asc")) {
            return SortOrder.GRANNY_ASC;
        }
        return tryTake("granny-desc") ? SortOrder.GRANNY_DESC : SortOrder.DEFAULT;
    }

    private NullsOrder nullsOrder() {
        if (!tryTake("nulls")) {
            return NullsOrder.DEFAULT;
        }
        if (tryTake("first")) {
            return NullsOrder.FIRST;
        }
        if (!tryTake("last")) {
            missing("first or last");
        }
        return NullsOrder.LAST;
    }

    final OrderedExpression ordered() {
        int start = start();
        Expression expression = requiredNamed();
        SortOrder order = sortOrder();
        return new OrderedExpression(expression, order, nullsOrder(), since(start));
    }

    final Item<OrderedExpression> orderedExpressions = new Item<>("an expression", this::atNamed, this::ordered);

    final Sort sort() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        expect("by");
        return new Sort(parameters, list(orderedExpressions, Length.ONE_OR_MORE, this::atEnd), since(start));
    }

    final Take takeRows() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        return new Take(parameters, requiredNamed(), since(start));
    }

    final Top top() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        Expression count = requiredNamed();
        expect("by");
        return new Top(parameters, count, ordered(), since(start));
    }

    final TopHitters topHitters() {
        int start = start();
        take();
        Expression count = requiredNamed();
        expect("of");
        Expression of = requiredNamed();
        Optional<Expression> by = tryTake("by") ? Optional.of(requiredNamed()) : Optional.empty();
        return new TopHitters(count, of, by, since(start));
    }

    final TopNested topNested() {
        int start = start();
        return new TopNested(list(new Item<>("'top-nested'", () -> at("top-nested"), this::topNestedLevel),
                Length.ONE_OR_MORE, this::atEnd), since(start));
    }

    private TopNestedLevel topNestedLevel() {
        int start = start();
        take();
        Optional<Expression> count = !at("of") && atNamed() ? Optional.of(named()) : Optional.empty();
        expect("of");
        Expression of = requiredNamed();
        Optional<Expression> others = Optional.empty();
        if (tryTake("with")) {
            expect("others");
            expect("=");
            others = Optional.of(atLiteral() ? literal() : unnamed());
        }
        expect("by");
        return new TopNestedLevel(count, of, others, ordered(), since(start));
    }

    final Sample sample() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        return new Sample(parameters, requiredNamed(), since(start));
    }

    final SampleDistinct sampleDistinct() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        Expression count = requiredNamed();
        expect("of");
        return new SampleDistinct(parameters, count, requiredNamed(), since(start));
    }

    final Reduce reduce() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        expect("by");
        Expression by = requiredNamed();
        List<OperatorParameter> with =
                tryTake("with") ? parameterList(Allowed.withOwn("threshold", "characters")) : List.of();
        return new Reduce(parameters, by, with, since(start));
    }

    final Range range() {
        int start = start();
        take();
        Name name = name();
        expect("from");
        Expression from = unnamed();
        expect("to");
        Expression to = unnamed();
        expect("step");
        return new Range(name, from, to, unnamed(), since(start));
    }

    // ------------------------------------------------------------------ parse

    final Parse parse() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters("flags");
        Expression target = unnamed();
        expect("with");
        return new Parse(parameters, target, parseParts(), since(start));
    }

    final ParseWhere parseWhere() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters("flags");
        Expression target = unnamed();
        expect("with");
        return new ParseWhere(parameters, target, parseParts(), since(start));
    }

    private List<ParsePart> parseParts() {
        List<ParsePart> parts = new ArrayList<>();
        while (at("*") || atKind(Kind.STRING) || atDeclaredName() || at(":")) {
            parts.add(parsePart());
        }
        return parts;
    }

    private ParsePart parsePart() {
        int start = start();
        if (at("*")) {
            return new ParseSkip(take().span());
        }
        if (atKind(Kind.STRING)) {
            StringLiteral literal = stringLiteral();
            return new ParseText(literal, literal.span());
        }
        Name name = declaredName();
        Optional<TypeName> type = tryTake(":") ? Optional.of(columnType()) : Optional.empty();
        return new ParseColumn(name, type, since(start));
    }

    final ParseKv parseKv() {
        int start = start();
        take();
        Expression target = unnamed();
        expect("as");
        RowSchema schema = closedSchema();
        List<OperatorParameter> parameters = List.of();
        if (tryTake("with")) {
            expect("(");
            parameters = parameterList(Allowed.only("pair_delimiter", "kv_delimiter", "regex", "quote", "escape", "greedy"));
            expect(")");
        }
        return new ParseKv(parameters, target, schema, since(start));
    }

    // ------------------------------------------------------------------ render

    private static final Allowed RENDER_PROPERTIES = Allowed.only("kind", "title", "accumulate", "xcolumn", "ycolumns",
            "anomalycolumns", "series", "xtitle", "ytitle", "xaxis", "yaxis", "legend", "ysplit", "ymin", "ymax",
            "xmin", "xmax");

    private static final String[] CHARTS = {"table", "list", "barchart", "piechart", "ladderchart", "timechart",
        "linechart", "anomalychart", "pivotchart", "areachart", "stackedareachart", "scatterchart", "timepivot",
        "columnchart", "timeline", "3Dchart", "card", "treemap", "plotly", "graph", "sankey"};

    static boolean isChart(Token token) {
        return token.isWord() && List.of(CHARTS).contains(token.text());
    }

    final Render render() {
        int start = start();
        take();
        Name chart;
        if (atWord(CHARTS) || atKind(Kind.IDENTIFIER)) {
            chart = word();
        } else {
            chart = new Name("", false, here());
            missing("a chart such as timechart");
        }
        List<OperatorParameter> parameters = new ArrayList<>(oldRenderProperties());
        if (tryTake("with")) {
            expect("(");
            tryTake(",");
            parameters.addAll(parameterList(RENDER_PROPERTIES));
            expect(")");
        }
        return new Render(chart, parameters, since(start));
    }

    /// Properties as they were written before `with (...)`: `kind=stacked title='x' by a, b`.
    private List<OperatorParameter> oldRenderProperties() {
        List<OperatorParameter> parameters = new ArrayList<>();
        while (true) {
            int before = position();
            parameters.addAll(parameters("title", "accumulate"));
            if (at("by")) {
                parameters.add(columnsBehind());
            } else if (at("with") && !at(1, "(")) {
                int start = start();
                Name name = word();
                parameters.add(new OperatorParameter(name, parameterValue(), since(start)));
            }
            if (position() == before) {
                return parameters;
            }
        }
    }

    private OperatorParameter columnsBehind() {
        int start = start();
        Name name = word();
        int listStart = start();
        List<Expression> columns = list(new Item<>("the name of a column", this::atName, this::nameReference),
                Length.ONE_OR_MORE);
        return new OperatorParameter(name, new Syntax.ListExpression(columns, since(listStart)), since(start));
    }

    final Expression missingOperand(String what) {
        Span span = here();
        missing(what);
        return new MissingExpression(span);
    }
}
