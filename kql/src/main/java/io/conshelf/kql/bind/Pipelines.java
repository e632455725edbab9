package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Bound.Option;
import io.conshelf.kql.bind.Bound.Render;
import io.conshelf.kql.bind.Bound.Result;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.TabularOperator;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// Binds pipelines: a source, then one operator after the other. What an operator means stands in the file of its family.
final class Pipelines {
    private final Binder binder;
    private final Projections projections;
    private final Summaries summaries;
    private final Ordering ordering;
    private final Sources sources;
    private final OutsideSources outside;
    private final Unions unions;
    private final Joins joins;
    private final Expansions expansions;
    private final Parsing parsing;
    private final Searches searches;
    private final Tops tops;
    private final Partitions partitions;
    private final SeriesMaking series;
    private final Plugins plugins;
    private final Scans scans;
    private final Reductions reductions;
    private final MacroExpansion macros;
    private final Graphs graphs;
    private final Hints hints;
    private Optional<Render> render = Optional.empty();
    private List<Result> branches = new ArrayList<>();
    private Optional<TabularOperator> answering = Optional.empty();

    Pipelines(Binder binder) {
        this.binder = binder;
        projections = new Projections(binder);
        summaries = new Summaries(binder, projections);
        ordering = new Ordering(binder);
        sources = new Sources(binder);
        outside = new OutsideSources(binder);
        unions = new Unions(binder);
        joins = new Joins(binder);
        expansions = new Expansions(binder);
        parsing = new Parsing(binder);
        searches = new Searches(binder, unions);
        tops = new Tops(binder, ordering);
        partitions = new Partitions(binder, ordering);
        series = new SeriesMaking(binder, projections);
        plugins = new Plugins(binder);
        scans = new Scans(binder);
        reductions = new Reductions(binder);
        macros = new MacroExpansion(binder, unions);
        graphs = new Graphs(binder, projections);
        hints = new Hints(binder);
    }

    /// How the query since this was last asked is drawn.
    Optional<Render> takeRender() {
        Optional<Render> taken = render;
        render = Optional.empty();
        return taken;
    }

    /// Says whose query comes next: only its last operator may have several results, as nothing could go on with all of them.
    void answer(Expression query) {
        answering = switch (query) {
            case Syntax.Pipe pipe -> pipe.operators().reversed().stream().filter(operator -> !(operator instanceof Syntax.Render)).findFirst();
            case Syntax.Parenthesized(Expression inner, _) -> {
                answer(inner);
                yield answering;
            }
            case Expression _ -> Optional.empty();
        };
    }

    /// The results of `fork` and `facet` since this was last asked.
    List<Result> takeBranches() {
        List<Result> taken = branches;
        branches = new ArrayList<>();
        return taken;
    }

    Meaning bind(Expression expression, Scope scope) {
        if (expression instanceof Syntax.Pipe pipe) {
            return pipe(pipe, scope);
        }
        if (expression instanceof Syntax.ContextualInput && scope.find(Scope.INPUT).orElse(new Meaning.Failed()) instanceof Meaning.Graph graph) {
            return graph;
        }
        Optional<Rows> rows = switch (expression) {
            case TabularOperator operator -> apply(operator, Optional.empty(), scope);
            case Syntax.DataTable table -> Optional.of(sources.datatable(table, scope));
            case Syntax.ContextualInput input -> input(input, scope);
            case Syntax.ExternalData external -> Optional.of(outside.externalData(external, scope));
            case Syntax.InlineExternalTable external -> Optional.of(new InlineTables(binder, outside).table(external, scope));
            case Syntax.ContextualDataTable table ->
                    Optional.of(sources.refused(table.schema(), "__contextual_datatable", table.span()));
            case Syntax.MaterializedViewCombine combine -> {
                binder.refuse(combine.span(), "materialized-view-combine");
                yield binder.expressions.rows(combine.base(), scope);
            }
            case Expression other -> throw new AssertionError("no rows: " + other);
        };
        return rows.<Meaning>map(r -> r).orElseGet(Meaning.Failed::new);
    }

    private Optional<Rows> input(Syntax.ContextualInput input, Scope scope) {
        Optional<Meaning> given = scope.find(Scope.INPUT);
        if (given.isPresent() && given.get() instanceof Rows rows) {
            return Optional.of(rows);
        }
        binder.report(Messages.sourceExpected(input.span()));
        return Optional.empty();
    }

    private Meaning pipe(Syntax.Pipe pipe, Scope scope) {
        Meaning now = binder.expressions.any(pipe.source(), Env.of(scope));
        Span source = pipe.source().span();
        for (TabularOperator operator : pipe.operators()) {
            if (now instanceof Meaning.Failed) {
                return now;
            }
            if (now instanceof Meaning.Graph || operator instanceof Syntax.GraphMatch) {
                if (!Graphs.isGraphOperator(operator)) {
                    return binder.fail(Messages.tableExpected(operator.span()));
                }
                now = graph(operator, now, scope);
            } else {
                Optional<Rows> rows = binder.expressions.rows(now, pipe.source().span());
                if (rows.isEmpty()) {
                    return new Meaning.Failed();
                }
                now = Graphs.isGraphOperator(operator) ? graph(operator, rows.get(), scope)
                        : (operator instanceof Syntax.Invoke invoke ? invoke(invoke, rows.get(), source, scope)
                                : apply(operator, rows, scope)).<Meaning>map(r -> r).orElseGet(Meaning.Failed::new);
            }
            source = source.to(operator.span());
        }
        return pipe.operators().isEmpty() || now instanceof Rows || now instanceof Meaning.Graph || now instanceof Meaning.Failed
                ? now : binder.fail(Messages.tableExpected(pipe.span()));
    }

    private Meaning graph(TabularOperator operator, Meaning input, Scope scope) {
        List<Result> tables = new ArrayList<>();
        Meaning made = graphs.apply(operator, input, scope, tables);
        if (!tables.isEmpty() && answers(operator, "graph-to-table of several tables")) {
            branches.addAll(tables);
        }
        return made;
    }

    /// The plugin with three results, of which the first stands for it where a query goes on.
    private static boolean isFunnel(TabularOperator operator) {
        return operator instanceof Syntax.Evaluate evaluate && evaluate.plugin().function().text().equals("funnel_sequence");
    }

    private Optional<Rows> funnel(Syntax.Evaluate op, Rows input, Scope scope) {
        List<Result> tables = new PluginQueries(binder).funnel(op, input, scope);
        if (tables.isEmpty()) {
            return plugins.evaluate(op, Optional.of(input), scope);
        }
        if (answering.filter(answer -> answer == op).isPresent()) {
            branches.addAll(tables);
        }
        return Optional.of(Rows.of(tables.getFirst().plan()));
    }

    /// The one plugin with two results.
    private static boolean isPreview(TabularOperator operator) {
        return operator instanceof Syntax.Evaluate evaluate && evaluate.plugin().function().text().equals("preview");
    }

    Graphs graphs() {
        return graphs;
    }

    private Optional<Rows> apply(TabularOperator operator, Optional<Rows> piped, Scope scope) {
        return switch (operator) {
            case Syntax.Print op -> {
                first(op, "print", piped);
                yield Optional.of(projections.print(op, scope));
            }
            case Syntax.Range op -> {
                first(op, "range", piped);
                yield sources.range(op, scope);
            }
            case Syntax.Union op -> Optional.of(unions.union(op, piped, scope));
            case Syntax.Search op -> Optional.of(searches.search(op, piped, scope));
            case Syntax.Find op -> Optional.of(searches.find(op, piped, scope));
            case Syntax.Evaluate op when isPreview(op) && piped.isPresent() && plugins.isEnabled(op) ->
                    branches(op, "evaluate preview", partitions.preview(op, piped.get(), scope));
            case Syntax.Evaluate op when isFunnel(op) && piped.isPresent() && plugins.isEnabled(op) -> funnel(op, piped.get(), scope);
            case Syntax.Evaluate op -> {
                hints.check(op, Columns.NONE);
                yield plugins.evaluate(op, piped, scope);
            }
            case Syntax.MacroExpand op -> Optional.of(macros.expand(op, scope));
            case Syntax.MissingOperator _ -> piped;
            case Syntax.Invoke op -> {
                binder.report(Messages.sourceExpected(op.span()));
                yield piped;
            }
            case TabularOperator op -> {
                if (piped.isEmpty()) {
                    binder.report(Messages.sourceExpected(op.span()));
                    yield piped;
                }
                yield over(op, piped.get(), scope);
            }
        };
    }

    /// Reports an operator that makes rows of its own where there are rows already.
    private void first(TabularOperator operator, String name, Optional<Rows> piped) {
        if (piped.isPresent()) {
            int start = operator.span().start();
            binder.report(Messages.mustBeFirst(new Span(start, name.length()), name));
        }
    }

    private Optional<Rows> over(TabularOperator operator, Rows input, Scope scope) {
        hints.check(operator, Columns.of(input));
        return switch (operator) {
            case Syntax.Where op -> where(op, input, scope);
            case Syntax.Project op -> Optional.of(projections.project(op.columns(), input, scope, "project"));
            case Syntax.Extend op -> Optional.of(projections.extend(op.columns(), input, scope, "extend"));
            case Syntax.ProjectAway op -> Optional.of(projections.away(op, input, scope));
            case Syntax.ProjectKeep op -> Optional.of(projections.keep(op, input, scope));
            case Syntax.ProjectRename op -> Optional.of(projections.rename(op, input));
            case Syntax.ProjectReorder op -> Optional.of(projections.reorder(op, input));
            case Syntax.ProjectByNames op -> Optional.of(projections.byNames(op, input, scope));
            case Syntax.Distinct op -> Optional.of(projections.distinct(op, input, scope));
            case Syntax.Serialize op -> Optional.of(projections.serialize(op, input, scope));
            case Syntax.GetSchema op -> Optional.of(projections.getSchema(op, input));
            case Syntax.AssertSchema op -> Optional.of(projections.assertSchema(op, input));
            case Syntax.Summarize op -> Optional.of(summaries.summarize(op, input, scope));
            case Syntax.Count op -> Optional.of(summaries.count(op, input, scope));
            case Syntax.Sort op -> Optional.of(ordering.sort(op, input, scope));
            case Syntax.Top op -> Optional.of(ordering.top(op, input, scope));
            case Syntax.Take op -> Optional.of(ordering.take(op, input, scope));
            case Syntax.Join op -> Optional.of(joins.join(op, input, scope));
            case Syntax.Lookup op -> Optional.of(joins.lookup(op, input, scope));
            case Syntax.MvExpand op -> Optional.of(expansions.expand(op, input, scope));
            case Syntax.MvApply op -> Optional.of(expansions.apply(op, input, scope));
            case Syntax.Parse op -> Optional.of(parsing.parse(op, input, scope));
            case Syntax.ParseWhere op -> Optional.of(parsing.parseWhere(op, input, scope));
            case Syntax.ParseKv op -> Optional.of(parsing.parseKv(op, input, scope));
            case Syntax.TopNested op -> Optional.of(new TopNested(binder, ordering).rows(op, input, scope));
            case Syntax.TopHitters op -> Optional.of(tops.topHitters(op, input, scope));
            case Syntax.Sample op -> Optional.of(tops.sample(op, input, scope));
            case Syntax.SampleDistinct op -> Optional.of(tops.sampleDistinct(op, input, scope));
            case Syntax.Partition op -> Optional.of(partitions.partition(op, input, scope));
            case Syntax.PartitionBy op ->
                    Optional.of(partitions.partition(op.column(), op.subquery(), input, scope, "__partitionby", OptionalInt.empty()));
            case Syntax.MakeSeries op -> Optional.of(series.make(op, input, scope));
            case Syntax.Fork op -> branches(op, "fork", partitions.fork(op, input, scope));
            case Syntax.Facet op -> branches(op, "facet", partitions.facet(op, input, scope));
            case Syntax.Scan op -> Optional.of(scans.scan(op, input, scope));
            case Syntax.Reduce op -> Optional.of(reductions.reduce(op, input, scope));
            case Syntax.As op -> Optional.of(as(op, input, scope));
            case Syntax.Render op -> render(op, input);
            case Syntax.Consume op -> {
                new Parameters(binder, "consume", op.parameters()).literalFlag("decodeblocks");
                yield Optional.of(Rows.of(new Plan.Project(new Plan.Limit(input.plan(), new Expr.Constant(Type.LONG, 0L)), List.of())));
            }
            case Syntax.ExecuteAndCache _ -> Optional.of(input);
            case Syntax.MakeGraph _, Syntax.GraphMatch _, Syntax.GraphShortestPaths _, Syntax.GraphToTable _,
                    Syntax.GraphMarkComponents _, Syntax.GraphWhereEdges _, Syntax.GraphWhereNodes _ ->
                    throw new AssertionError("not bound here: " + operator);
            case Syntax.Print _, Syntax.Range _, Syntax.Union _, Syntax.Search _, Syntax.Find _, Syntax.Evaluate _,
                    Syntax.MacroExpand _, Syntax.MissingOperator _, Syntax.Invoke _ ->
                    throw new AssertionError("not bound here: " + operator);
        };
    }

    /// The results are kept beside the rows, which stand for them.
    private Optional<Rows> branches(TabularOperator operator, String construct, List<Result> results) {
        if (answers(operator, construct)) {
            branches.addAll(results);
        }
        return Optional.of(results.isEmpty() ? new Rows(binder.nothing(List.of()), true, "")
                : Rows.of(results.getFirst().plan()));
    }

    private boolean answers(TabularOperator operator, String construct) {
        // The very one: an equal one may stand in a function.
        boolean last = answering.filter(answer -> answer == operator).isPresent();
        if (!last) {
            binder.refuse(operator.span(), construct + " anywhere but at the end of a query");
        }
        return last;
    }

    private Optional<Rows> where(Syntax.Where op, Rows input, Scope scope) {
        Calculations windows = Calculations.over(input.plan());
        Optional<Expr> predicate = binder.expressions.predicate(op.predicate(),
                Env.of(scope, Columns.of(input), "where").with(windows));
        if (predicate.isEmpty()) {
            return Optional.of(input);
        }
        Plan filtered = new Plan.Filter(windows.windowsOver(binder, input.plan()), predicate.get());
        return Optional.of(new Rows(Binder.keep(filtered, input.columns()), input.open(), input.label()));
    }

    /// `invoke f(…)`: the rows become the function's first argument. What is wrong with them is said where they are from.
    private Optional<Rows> invoke(Syntax.Invoke op, Rows input, Span inputAt, Scope scope) {
        Expression target = op.function();
        Optional<Meaning.Function> function = Optional.empty();
        Optional<Syntax.FunctionCall> call = Optional.empty();
        if (target instanceof Syntax.FunctionCall direct) {
            call = Optional.of(direct);
            function = function(direct, scope.database(), scope);
        } else if (target instanceof Syntax.Path(Expression database, Syntax.FunctionCall inner, _)
                && binder.expressions.any(database, Env.of(scope)) instanceof Meaning.Database(String name)) {
            call = Optional.of(inner);
            function = binder.entities.function(name, inner.function().text(), inner.function().span());
        }
        if (call.isEmpty() || function.isEmpty()) {
            binder.report(Messages.unknownFunction(call.map(c -> c.function().span()).orElseGet(target::span), call.map(c -> c.function().text()).orElse("")));
            return Optional.of(new Rows(input.plan(), true, ""));
        }
        Meaning result = binder.functions.callWith(function.get(), Optional.of(new UserFunctions.Invoked(input, inputAt)),
                call.get().arguments(), call.get().function().span(), op.span(), Env.of(scope));
        return binder.expressions.rows(result, op.span());
    }

    private Optional<Meaning.Function> function(Syntax.FunctionCall call, String database, Scope scope) {
        String name = call.function().text();
        return scope.find(name).filter(Meaning.Function.class::isInstance).map(Meaning.Function.class::cast)
                .or(() -> binder.entities.function(database, name, call.function().span()));
    }

    /// `as X`: the rows get a name that the rest of the query can read, and are then evaluated once.
    private Rows as(Syntax.As op, Rows input, Scope scope) {
        Rows named = new Rows(binder.entities.shared(input.plan()), input.open(), op.name().text());
        scope.declare(op.name().text(), named);
        return new Rows(binder.entities.reference(named).plan(), input.open(), op.name().text());
    }

    private Optional<Rows> render(Syntax.Render op, Rows input) {
        List<String> charts = RenderCharts.ALL;
        if (!charts.contains(op.chart().text()) && !op.chart().isMissing()) {
            binder.report(Messages.unknownWord(op.chart().span(), "render", "the chart", op.chart().text(), charts));
        }
        RenderCharts.checkProperties(binder, op);
        List<Option> properties = op.parameters().stream()
                .map(parameter -> new Option(parameter.name().text(), propertyText(parameter.value()))).toList();
        render = Optional.of(new Render(op.chart().text(), properties));
        return Optional.of(input);
    }

    private static String propertyText(Expression value) {
        return switch (value) {
            case Syntax.StringLiteral text -> text.value();
            case Syntax.Literal literal -> literal.text();
            case Syntax.NameReference name -> name.name();
            case Syntax.ListExpression list -> String.join(",", list.items().stream().map(Pipelines::propertyText).toList());
            case Syntax.Parenthesized(Expression inner, _) -> propertyText(inner);
            case Syntax.Unary(Syntax.UnaryOperator sign, Expression operand, _) -> sign.text() + propertyText(operand);
            case Expression _ -> "";
        };
    }
}
