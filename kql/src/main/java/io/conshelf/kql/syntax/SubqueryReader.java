package io.conshelf.kql.syntax;

import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.ExpandColumn;
import io.conshelf.kql.syntax.Syntax.Facet;
import io.conshelf.kql.syntax.Syntax.Find;
import io.conshelf.kql.syntax.Syntax.FindColumn;
import io.conshelf.kql.syntax.Syntax.FindProjection;
import io.conshelf.kql.syntax.Syntax.Fork;
import io.conshelf.kql.syntax.Syntax.ForkBranch;
import io.conshelf.kql.syntax.Syntax.FunctionBody;
import io.conshelf.kql.syntax.Syntax.FunctionCall;
import io.conshelf.kql.syntax.Syntax.Join;
import io.conshelf.kql.syntax.Syntax.Lookup;
import io.conshelf.kql.syntax.Syntax.MacroExpand;
import io.conshelf.kql.syntax.Syntax.MakeSeries;
import io.conshelf.kql.syntax.Syntax.MvApply;
import io.conshelf.kql.syntax.Syntax.MvExpand;
import io.conshelf.kql.syntax.Syntax.Name;
import io.conshelf.kql.syntax.Syntax.NamedExpression;
import io.conshelf.kql.syntax.Syntax.OperatorParameter;
import io.conshelf.kql.syntax.Syntax.OrderedExpression;
import io.conshelf.kql.syntax.Syntax.Parameter;
import io.conshelf.kql.syntax.Syntax.Partition;
import io.conshelf.kql.syntax.Syntax.PartitionBy;
import io.conshelf.kql.syntax.Syntax.Path;
import io.conshelf.kql.syntax.Syntax.Pipe;
import io.conshelf.kql.syntax.Syntax.Scan;
import io.conshelf.kql.syntax.Syntax.ScanStep;
import io.conshelf.kql.syntax.Syntax.Search;
import io.conshelf.kql.syntax.Syntax.Selector;
import io.conshelf.kql.syntax.Syntax.SeriesAggregate;
import io.conshelf.kql.syntax.Syntax.SeriesFromToStep;
import io.conshelf.kql.syntax.Syntax.SeriesInRange;
import io.conshelf.kql.syntax.Syntax.SeriesRange;
import io.conshelf.kql.syntax.Syntax.Star;
import io.conshelf.kql.syntax.Syntax.TypeName;
import io.conshelf.kql.syntax.Syntax.TypeSpec;
import io.conshelf.kql.syntax.Syntax.Union;
import io.conshelf.kql.syntax.Syntax.WildcardName;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Operators with more than one input, with subqueries, or with clauses of their own.
abstract class SubqueryReader extends OperatorReader {
    SubqueryReader(String text, int start) {
        super(text, start);
    }

    /// Operators on the rows of the outer query: `where a > 1 | count`.
    abstract Expression subquery();

    /// The same, or a query of its own.
    abstract Expression subqueryOrQuery();

    abstract boolean atOperator();

    abstract FunctionBody queryBlock();

    abstract Item<Parameter> functionParameters();

    // ------------------------------------------------------------------ entities

    /// `a`, `a.b`, `a['b']`: a column or entity without calls.
    final Expression simplePath() {
        if (!at("[") && !atBareSelector()) {
            return missingOperand("the name of a column");
        }
        int start = start();
        Expression path = selector();
        while (at(".") || at("[")) {
            path = tryTake(".") ? new Path(path, pathSelector(), since(start)) : element(path, start);
        }
        return path;
    }

    private Selector pathSelector() {
        return bracketedNameLength(0) > 0 ? nameReference() : atBracketedWildcard() ? bracketedWildcard() : bareSelector();
    }

    final boolean atEntity() {
        return wildcardLength(0) > 0 || atCall(0) || at("[") || atBareSelector();
    }

    /// A table, function or wildcard, perhaps in another database: `T`, `Log*`, `f(x)`, `database('d').T`.
    final Expression entity() {
        if (wildcardLength(0) > 0) {
            return wildcard();
        }
        int start = start();
        Expression entity = atCall(0) ? call() : selector();
        while (at(".") || at("[")) {
            if (at("[")) {
                entity = element(entity, start);
                continue;
            }
            take();
            if (wildcardLength(0) > 0) {
                Expression wildcard = wildcard();
                Selector pattern = wildcard instanceof WildcardName name ? name
                        : new WildcardName("*", false, wildcard.span());
                return new Path(entity, pattern, since(start));
            }
            entity = atCall(0) ? new Path(entity, call(), since(start)) : new Path(entity, pathSelector(), since(start));
        }
        return entity;
    }

    final Union union() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters("best_effort");
        Item<Expression> source = new Item<>("a table", () -> at("(") || atEntity(),
                () -> at("(") ? parenthesized() : entity());
        return new Union(parameters, list(source, Length.ONE_OR_MORE, this::atEnd), since(start));
    }

    // ------------------------------------------------------------------ join

    final Join join() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        Expression right = unnamed();
        return new Join(parameters, right, at("on") ? joinConditions() : joinWhere(), since(start));
    }

    private List<Expression> joinConditions() {
        take();
        return list(unnamedExpressions, Length.ONE_OR_MORE);
    }

    private List<Expression> joinWhere() {
        if (!at("where")) {
            return List.of();
        }
        refuse(take().span(), "'join ... where' is not supported: join 'on' columns and filter with '| where' after it");
        unnamed();
        return List.of();
    }

    final Lookup lookup() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        Expression right = unnamed();
        if (!at("on")) {
            missing("'on' and the columns to look up by");
        }
        return new Lookup(parameters, right, at("on") ? joinConditions() : List.of(), since(start));
    }

    // ------------------------------------------------------------------ find and search

    private List<Expression> searchedTables() {
        if (!tryTake("in")) {
            return List.of();
        }
        expect("(");
        List<Expression> tables =
                list(new Item<>("a table", this::atEntity, this::searchedTable), Length.ONE_OR_MORE, this::atEnd);
        expect(")");
        return tables;
    }

    /// A table, perhaps named: `T | as X`.
    private Expression searchedTable() {
        int start = start();
        Expression table = entity();
        if (!at("|")) {
            return table;
        }
        take();
        if (!at("as")) {
            missing("'as' and a name");
            return table;
        }
        return new Pipe(table, List.of(as()), since(start));
    }

    final Find find() {
        int start = start();
        take();
        Optional<Name> dataScope = optionalDataScope();
        List<OperatorParameter> parameters = parameters();
        boolean in = at("in");
        List<Expression> sources = searchedTables();
        if (in || !parameters.isEmpty()) {
            expect("where");
        } else {
            tryTake("where");
        }
        Expression predicate = unnamed();
        return new Find(dataScope, parameters, sources, predicate, findProjection(), since(start));
    }

    private FindProjection findProjection() {
        int start = at("project") || at("project-smart") || at("__projectAway") ? start() : previousEnd();
        boolean smart = !at("project");
        List<FindColumn> columns = List.of();
        List<FindColumn> away = List.of();
        if (tryTake("project")) {
            columns = list(findColumns, Length.ONE_OR_MORE);
        } else {
            tryTake("project-smart");
        }
        if (tryTake("__projectAway")) {
            away = list(findColumns, Length.ONE_OR_MORE);
        }
        return new FindProjection(smart, columns, away, since(start));
    }

    private final Item<FindColumn> findColumns =
            new Item<>("the name of a column", () -> at("*") || atName(), this::findColumn);

    private FindColumn findColumn() {
        int start = start();
        if (at("*")) {
            return new FindColumn(new Star(take().span()), Optional.empty(), since(start));
        }
        if (at("pack") || peek().kind() == Token.Kind.IDENTIFIER && peek().text().equals("pack_all") && at(1, "(")) {
            return new FindColumn(packAll(), Optional.empty(), since(start));
        }
        Expression column = nameReference();
        Optional<TypeName> type = tryTake(":") ? Optional.of(anyType()) : Optional.empty();
        return new FindColumn(column, type, since(start));
    }

    /// `pack(*)`, as `pack_all()` too.
    private FunctionCall packAll() {
        int start = start();
        boolean hasStar = at("pack");
        Name pack = word();
        expect("(");
        Span star = peek().span();
        if (hasStar) {
            expect("*");
        }
        expect(")");
        return new FunctionCall(pack, List.of(), hasStar ? List.of(new Star(star)) : List.of(), since(start));
    }

    final Search search() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        Optional<Name> dataScope = optionalDataScope();
        List<Expression> sources = searchedTables();
        return new Search(dataScope, parameters, sources, searchPredicate(), since(start));
    }

    private Expression searchPredicate() {
        if (atUnnamed() || !at("*")) {
            return unnamed();
        }
        Star star = new Star(take().span());
        if (!at("and")) {
            return star;
        }
        Span operator = take().span();
        Expression right = unnamed();
        return new Syntax.Binary(Syntax.BinaryOperator.AND, star, right, operator, star.span().to(right.span()));
    }

    // ------------------------------------------------------------------ subqueries

    final Fork fork() {
        int start = start();
        take();
        List<ForkBranch> branches = new ArrayList<>();
        while (at("(") || forkNameLength() > 0) {
            branches.add(forkBranch());
        }
        if (branches.isEmpty()) {
            missing("'(' and a subquery");
        }
        return new Fork(branches, since(start));
    }

    private int forkNameLength() {
        int length = nameLength(0);
        return length > 0 && at(length, "=") ? length : 0;
    }

    private ForkBranch forkBranch() {
        int start = start();
        Optional<Name> name = Optional.empty();
        if (forkNameLength() > 0) {
            name = Optional.of(name());
            take();
        }
        expect("(");
        Expression subquery = subqueryOrQuery();
        expect(")");
        return new ForkBranch(name, subquery, since(start));
    }

    final Facet facet() {
        int start = start();
        take();
        expect("by");
        List<Expression> columns = list(new Item<>("the name of a column", () -> at("[") || atBareSelector(), this::simplePath),
                Length.ONE_OR_MORE, endOr("with"));
        Optional<Expression> subquery = tryTake("with") ? Optional.of(facetSubquery()) : Optional.empty();
        return new Facet(columns, subquery, since(start));
    }

    /// Operators in parentheses, or one operator without them.
    private Expression facetSubquery() {
        if (!tryTake("(")) {
            return oneOperator();
        }
        Expression subquery = subquery();
        expect(")");
        return subquery;
    }

    /// A subquery of one operator, so that the `|` behind it belongs to the outer query.
    abstract Expression oneOperator();

    final Partition partition() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        expect("by");
        Expression column = simplePath();
        Optional<Expression> scope = tryTake("in") ? Optional.of(partitionScope()) : Optional.empty();
        boolean braced = at("{");
        Expression subquery = braced ? bracedQuery() : parenthesizedSubquery();
        return new Partition(parameters, column, scope, subquery, braced, since(start));
    }

    private Expression partitionScope() {
        return atDynamic() ? dynamicLiteral() : atCall(0) ? call() : missingExpression();
    }

    private Expression bracedQuery() {
        take();
        Expression query = expression();
        expect("}");
        return query;
    }

    final Expression parenthesizedSubquery() {
        if (!expect("(")) {
            return new Syntax.MissingExpression(here());
        }
        Expression subquery = subquery();
        expect(")");
        return subquery;
    }

    final PartitionBy partitionBy() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        Expression column = simplePath();
        Optional<Expression> id = Optional.empty();
        if (tryTake("id")) {
            id = Optional.of(atLiteral() ? literal() : missingOperand("a literal"));
        }
        return new PartitionBy(parameters, column, id, parenthesizedSubquery(), since(start));
    }

    final MacroExpand macroExpand() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters("best_effort");
        Expression group = macroGroup();
        Optional<Name> scope = tryTake("as") ? Optional.of(name()) : Optional.empty();
        expect("(");
        FunctionBody body = queryBlock();
        expect(")");
        return new MacroExpand(parameters, group, scope, body, since(start));
    }

    private Expression macroGroup() {
        if (atEntityGroup()) {
            return entityGroup();
        }
        if (atCall(0)) {
            return callOrPath();
        }
        return atName() ? nameReference() : missingExpression();
    }

    // ------------------------------------------------------------------ mv-expand, mv-apply

    final MvExpand mvExpand() {
        int start = start();
        String keyword = take().text();
        List<OperatorParameter> parameters = parameters();
        List<ExpandColumn> columns = list(expandColumns, Length.ONE_OR_MORE, endOr("limit"));
        return new MvExpand(keyword, parameters, columns, limit(), since(start));
    }

    private Optional<Expression> limit() {
        return tryTake("limit") ? Optional.of(unnamed()) : Optional.empty();
    }

    private final Item<ExpandColumn> expandColumns =
            new Item<>("an expression", () -> at("to") || atNamed(), this::expandColumn);

    private ExpandColumn expandColumn() {
        int start = start();
        Expression expression = at("to") ? missingExpression() : requiredNamed();
        return new ExpandColumn(expression, toType(), since(start));
    }

    /// `to typeof(type)`.
    private Optional<TypeSpec> toType() {
        if (!tryTake("to")) {
            return Optional.empty();
        }
        if (!at("typeof")) {
            missing("typeof(...)");
            return Optional.empty();
        }
        return Optional.of(typeofLiteral().type());
    }

    final MvApply mvApply() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        List<ExpandColumn> columns = onlyType().map(List::of)
                .orElseGet(() -> list(expandColumns, Length.ONE_OR_MORE, this::atMvApplyClause));
        Optional<Expression> limit = limit();
        Optional<Expression> id = tryTake("id") ? Optional.of(unnamed()) : Optional.empty();
        expect("on");
        return new MvApply(parameters, columns, limit, id, parenthesizedSubquery(), since(start));
    }

    /// `mv-apply to typeof(type) on ...` names no column at all.
    private Optional<ExpandColumn> onlyType() {
        if (!at("to")) {
            return Optional.empty();
        }
        int before = position();
        int start = start();
        Optional<TypeSpec> type = toType();
        if (at(",")) {
            reset(before);
            return Optional.empty();
        }
        return Optional.of(new ExpandColumn(new Syntax.MissingExpression(new Span(start, 0)), type, since(start)));
    }

    /// `limit`, `id` and `on` end the columns unless they go on as a column of that name.
    private boolean atMvApplyClause() {
        boolean clause = at("limit") || at("id") || at("on");
        return atEnd() || clause && !at(1, ",") && !at(1, "to") && !at(1, "=");
    }

    // ------------------------------------------------------------------ make-series

    final MakeSeries makeSeries() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        List<SeriesAggregate> aggregates = list(new Item<>("an aggregate", this::atNamed, this::seriesAggregate),
                Length.ONE_OR_MORE, endOr("on", "from", "in"));
        expect("on");
        Expression on = requiredNamed();
        SeriesRange range = seriesRange();
        List<Expression> by = tryTake("by") ? list(namedExpressions, Length.ONE_OR_MORE) : List.of();
        return new MakeSeries(parameters, aggregates, on, range, by, since(start));
    }

    private SeriesAggregate seriesAggregate() {
        int start = start();
        Expression aggregate = named();
        Optional<Expression> defaultValue = Optional.empty();
        if (tryTake("default")) {
            expect("=");
            defaultValue = Optional.of(requiredNamed());
        }
        return new SeriesAggregate(aggregate, defaultValue, since(start));
    }

    private SeriesRange seriesRange() {
        int start = start();
        if (at("from") || at("to") || at("step")) {
            Optional<Expression> from = tryTake("from") ? Optional.of(unnamed()) : Optional.empty();
            Optional<Expression> to = tryTake("to") ? Optional.of(unnamed()) : Optional.empty();
            expect("step");
            return new SeriesFromToStep(from, to, unnamed(), since(start));
        }
        if (!at("in")) {
            missing("'step', or 'in range(from, to, step)'");
        }
        tryTake("in");
        expect("range");
        expect("(");
        List<Expression> arguments = list(namedExpressions, Length.ANY, this::atEnd);
        expect(")");
        return new SeriesInRange(arguments, since(start));
    }

    // ------------------------------------------------------------------ scan

    final Scan scan() {
        int start = start();
        take();
        List<OperatorParameter> parameters = parameters();
        BooleanSupplier clause = endOr("partition", "order", "by", "declare", "with");
        List<OrderedExpression> orderBy = List.of();
        if (tryTake("order")) {
            expect("by");
            orderBy = list(orderedExpressions, Length.ONE_OR_MORE, clause);
        }
        List<Expression> partitionBy = List.of();
        if (tryTake("partition")) {
            expect("by");
            partitionBy = list(unnamedExpressions, Length.ONE_OR_MORE, clause);
        }
        List<Parameter> declarations = List.of();
        if (tryTake("declare")) {
            expect("(");
            declarations = list(functionParameters(), Length.ANY, this::atEnd);
            expect(")");
        }
        expect("with");
        expect("(");
        List<ScanStep> steps = new ArrayList<>();
        while (at("step")) {
            steps.add(scanStep());
        }
        expect(")");
        return new Scan(parameters, orderBy, partitionBy, declarations, steps, since(start));
    }

    private ScanStep scanStep() {
        int start = start();
        take();
        Name name = declaredName();
        boolean isOptional = tryTake("optional");
        List<OperatorParameter> parameters = at("output") ? List.of(stepOutput()) : List.of();
        expect(":");
        Expression condition = unnamed();
        List<NamedExpression> assignments = tryTake("=>")
                ? list(new Item<>("an assignment", this::atDeclaredName, this::assignment), Length.ONE_OR_MORE, this::atEnd)
                : List.of();
        expect(";");
        return new ScanStep(name, isOptional, parameters, condition, assignments, since(start));
    }

    private OperatorParameter stepOutput() {
        int start = start();
        Name name = word();
        expect("=");
        return new OperatorParameter(name, wordValue("all", "last", "none"), since(start));
    }

    private NamedExpression assignment() {
        int start = start();
        Name name = declaredName();
        expect("=");
        return new NamedExpression(name, unnamed(), since(start));
    }
}
