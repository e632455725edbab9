package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Graph;
import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// `graph('…')`: the graphs that a database keeps, and those of its models. A model's steps are put together by a query, written
/// in KQL: one table of all nodes, in which the rows of a node become one, and one of all edges.
final class GraphModels {
    private static final String STEP = "$step";
    private static final String ID = "$id";
    private static final String LABELS = "$labels";
    private static final String SOURCE = "$source";
    private static final String TARGET = "$target";
    /// Labels of one node in the order in which steps gave them.
    private static final String LABELS_OF_ALL = "CAST(to_json(list_filter(flatten(list(CAST(CAST({0} AS JSON) AS VARCHAR[]) ORDER BY {1})),"
            + " lambda l, i: list_position(flatten(list(CAST(CAST({0} AS JSON) AS VARCHAR[]) ORDER BY {1})), l) = i)) AS VARCHAR)";

    private final Binder binder;

    GraphModels(Binder binder) {
        this.binder = binder;
    }

    // ---------------------------------------------------------------- graph()

    /// `graph('model')`, `graph('model', 'snapshot')`, `graph('model', snapshot = 'snapshot')`, `graph('model', true)`.
    Meaning call(Syntax.FunctionCall call, String database, Env env) {
        Span at = call.function().span();
        List<Expression> arguments = call.arguments();
        if (arguments.isEmpty() || arguments.size() > 2) {
            return binder.fail(Messages.wrongArgumentCount(at, "graph", "1 or 2 arguments", arguments.size()));
        }
        Optional<String> name = text(arguments.getFirst(), env);
        Optional<StoredGraph.Wanted> wanted = arguments.size() == 1 ? Optional.of(new StoredGraph.Wanted.Latest()) : wanted(arguments.get(1), env);
        if (name.isEmpty() || wanted.isEmpty()) {
            return new Meaning.Failed();
        }
        Optional<StoredGraph> found = binder.catalog().graph(database, name.get(), wanted.get());
        if (found.isEmpty()) {
            boolean isThere = binder.catalog().graph(database, name.get(), new StoredGraph.Wanted.Transient()).isPresent();
            return binder.fail(isThere && wanted.get() instanceof StoredGraph.Wanted.Named(String snapshot)
                    ? Messages.unresolvedEntity(at, "graph snapshot", snapshot) : Messages.unresolvedTable(at, "", name.get()));
        }
        if (!binder.entities.mayRead(database, name.get())) {
            return binder.fail(Messages.restricted(at, name.get()));
        }
        return switch (found.get()) {
            case StoredGraph.Model model -> made(model, at).<Meaning>map(graph -> graph).orElseGet(Meaning.Failed::new);
            case StoredGraph.Snapshot(Catalog.Table nodes, Catalog.Table edges) -> new Graph(scan(nodes), scan(edges), true);
        };
    }

    private Plan scan(Catalog.Table table) {
        return new Plan.Scan(table.id(), table.columns().stream().map(c -> binder.column(c.name(), c.type())).toList());
    }

    private Optional<StoredGraph.Wanted> wanted(Expression written, Env env) {
        Expression argument = written instanceof Syntax.NamedExpression(Syntax.Name _, Expression value, _) ? value : written;
        if (written instanceof Syntax.NamedExpression(Syntax.Name name, _, _) && !name.text().equals("snapshot")) {
            binder.report(Messages.error(name.span(), "graph(): its second argument is called 'snapshot', not '" + name.text() + "'"));
            return Optional.empty();
        }
        Optional<Expr> value = binder.expressions.expr(argument, Env.of(env.scope()));
        return switch (value.orElse(new Expr.Null(Type.STRING))) {
            case Expr.Constant(Type _, Boolean isTransient) ->
                    Optional.of(isTransient ? new StoredGraph.Wanted.Transient() : new StoredGraph.Wanted.Latest());
            case Expr.Constant(Type type, String snapshot) when type == Type.STRING -> Optional.of(new StoredGraph.Wanted.Named(snapshot));
            case Expr other -> {
                if (value.isPresent() && !binder.isUndecided(other)) {
                    binder.report(Messages.constantExpected(argument.span(), "The snapshot"));
                }
                yield Optional.empty();
            }
        };
    }

    private Optional<String> text(Expression argument, Env env) {
        Optional<Expr> value = binder.expressions.expr(argument, Env.of(env.scope()));
        Optional<String> text = value.flatMap(Literals::text);
        if (value.isPresent() && text.isEmpty() && !binder.isUndecided(value.get())) {
            binder.report(Messages.constantExpected(argument.span(), "The name"));
        }
        return text;
    }

    // ---------------------------------------------------------------- models

    /// One step with the rows of its query, whose name in the query that puts them together is `_0`, `_1` …
    private record Bound(StoredGraph.Step step, int number, Rows rows) {
        Optional<Type> type(String column) {
            return Columns.of(rows).find(column).map(Column::type);
        }
    }

    /// Empty where a step's query is wrong, which has been told.
    Optional<Graph> made(StoredGraph.Model model, Span at) {
        Scope scope = Scope.of(model.database()).inner();
        WrittenQuery query = new WrittenQuery(binder, model.name(), at);
        List<Bound> steps = new ArrayList<>();
        for (StoredGraph.Step step : model.steps()) {
            Optional<Bound> bound = bound(model, step, steps.size(), at);
            if (bound.isEmpty()) {
                return Optional.empty();
            }
            scope.declare("_" + steps.size(), bound.get().rows());
            steps.add(bound.get());
        }
        Type key = keyType(steps);
        Optional<Rows> edges = query.run(union(steps.stream().filter(b -> b.step() instanceof StoredGraph.AddEdges)
                .map(b -> edges(b, model.edges(), key)).toList(), "datatable(['$labels']:dynamic, ['$source']:" + key.kustoName() + ", ['$target']:" + key.kustoName() + ")[]"), scope);
        List<Bound> adding = steps.stream().filter(b -> b.step() instanceof StoredGraph.AddNodes).toList();
        Optional<Rows> nodes = query.run(union(adding.stream().map(b -> nodes(b, model.nodes(), key)).toList(),
                "datatable(['$step']:long, ['$id']:" + key.kustoName() + ", ['$labels']:dynamic)[]"), scope);
        if (edges.isEmpty() || nodes.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(graph(edges.get(), one(nodes.get()), idColumn(adding)));
    }

    private Optional<Bound> bound(StoredGraph.Model model, StoredGraph.Step step, int number, Span at) {
        // No function has this name: one of the model's own name may be what the step reads.
        Meaning meaning = binder.functions
                .stored(new Catalog.StoredFunction("graph('" + model.name() + "')", "", "{ " + step.query() + "\n}"), model.database(), at)
                .map(function -> binder.entities.insideAllowed(
                        () -> binder.functions.call(function, List.of(), at, at, Env.of(Scope.of(model.database())))))
                .orElseGet(Meaning.Failed::new);
        Optional<Rows> given = meaning instanceof Meaning.Failed ? Optional.empty() : binder.expressions.rows(meaning, at);
        if (given.isEmpty()) {
            return Optional.empty();
        }
        Rows rows = given.get();
        Bound bound = new Bound(step, number, new Rows(binder.entities.shared(rows.plan()), rows.open(), ""));
        List<String> needed = new ArrayList<>(switch (step) {
            case StoredGraph.AddNodes nodes -> List.of(nodes.id());
            case StoredGraph.AddEdges edges -> List.of(edges.source(), edges.target());
        });
        step.labelsColumn().ifPresent(needed::add);
        Optional<String> hidden = rows.columns().stream().map(Column::name).filter(column -> column.startsWith("$")).findFirst();
        if (hidden.isPresent()) {
            binder.report(Messages.failedInside(at, model.name(), "the query of step " + number + " gives a column '" + hidden.get()
                    + "'; names of properties do not begin with '$'"));
            return Optional.empty();
        }
        for (String column : needed) {
            if (bound.type(column).isEmpty()) {
                binder.report(Messages.failedInside(at, model.name(), "the query of step " + number + " gives no column '" + column + "'"));
                return Optional.empty();
            }
        }
        return Optional.of(bound);
    }

    /// Ids are compared as texts where steps have them of several types.
    private static Type keyType(List<Bound> steps) {
        Set<Type> types = new HashSet<>();
        for (Bound bound : steps) {
            switch (bound.step()) {
                case StoredGraph.AddNodes nodes -> types.add(bound.type(nodes.id()).orElseThrow());
                case StoredGraph.AddEdges edges -> {
                    types.add(bound.type(edges.source()).orElseThrow());
                    types.add(bound.type(edges.target()).orElseThrow());
                }
            }
        }
        return types.size() == 1 && !types.contains(Type.DYNAMIC) ? types.iterator().next() : Type.STRING;
    }

    private static String union(List<String> parts, String otherwise) {
        return parts.isEmpty() ? otherwise : parts.size() == 1 ? parts.getFirst()
                : "union " + parts.stream().map(part -> "(" + part + ")").collect(Collectors.joining(", "));
    }

    private static String nodes(Bound bound, Map<String, Type> schema, Type key) {
        StoredGraph.AddNodes step = (StoredGraph.AddNodes) bound.step();
        return "_" + bound.number() + " | project ['$step'] = " + bound.number() + ", ['$id'] = " + key(bound, step.id(), key)
                + ", ['$labels'] = " + labels(bound) + properties(bound, schema);
    }

    private static String edges(Bound bound, Map<String, Type> schema, Type key) {
        StoredGraph.AddEdges step = (StoredGraph.AddEdges) bound.step();
        return "_" + bound.number() + " | project ['$labels'] = " + labels(bound) + ", ['$source'] = " + key(bound, step.source(), key)
                + ", ['$target'] = " + key(bound, step.target(), key) + properties(bound, schema);
    }

    private static String key(Bound bound, String column, Type key) {
        String value = WrittenQuery.quoted(column);
        return bound.type(column).orElseThrow() == key ? value : "tostring(" + value + ")";
    }

    /// All columns, of the types that the schema gives them, and what else the schema names.
    private static String properties(Bound bound, Map<String, Type> schema) {
        Map<String, String> all = new LinkedHashMap<>();
        for (Column column : bound.rows().columns()) {
            String value = WrittenQuery.quoted(column.name());
            Type wanted = schema.getOrDefault(column.name(), column.type());
            all.put(column.name(), wanted == column.type() ? value
                    : wanted == Type.STRING ? "tostring(" + value + ")" : SequenceQueries.converted(value, wanted));
        }
        schema.keySet().stream().sorted().forEach(name -> all.computeIfAbsent(name,
                _ -> schema.get(name) == Type.STRING ? "''" : schema.get(name).kustoName() + "(null)"));
        return all.entrySet().stream().map(e -> ", " + WrittenQuery.quoted(e.getKey()) + " = " + e.getValue()).collect(Collectors.joining());
    }

    private static String labels(Bound bound) {
        String fixed = "dynamic(" + DynamicParts.array(bound.step().labels().stream().map(DynamicText::ofString).toList()) + ")";
        return bound.step().labelsColumn().map(name -> {
            String column = WrittenQuery.quoted(name);
            String one = "iff(isempty(" + column + "), dynamic([]), pack_array(tostring(" + column + ")))";
            String own = bound.type(name).orElseThrow() == Type.DYNAMIC ? "iff(gettype(" + column + ") == 'array', " + column + ", " + one + ")" : one;
            return "set_union(" + fixed + ", " + own + ")";
        }).orElse(fixed);
    }

    /// The column with the ids of all nodes, where all steps have it under one name: nodes that only edges name have it as well.
    private static Optional<String> idColumn(List<Bound> steps) {
        List<String> names = steps.stream().map(b -> ((StoredGraph.AddNodes) b.step()).id()).distinct().toList();
        return names.size() == 1 ? Optional.of(names.getFirst()) : Optional.empty();
    }

    /// The rows of a node as one: of a property the value of the last step that has one, of labels all.
    private Rows one(Rows nodes) {
        Columns columns = Columns.of(nodes);
        Expr step = new Expr.Ref(columns.find(STEP).orElseThrow());
        Column id = columns.find(ID).orElseThrow();
        List<Assignment> merged = new ArrayList<>();
        for (Column column : nodes.columns()) {
            String template = switch (column.name()) {
                case STEP, ID -> "";
                case LABELS -> LABELS_OF_ALL;
                case String _ -> column.type() == Type.STRING ? "arg_max(nullif({0}, ''), {1})" : "arg_max({0}, {1})";
            };
            if (!template.isEmpty()) {
                merged.add(new Assignment(binder.column(column.name(), column.type()),
                        new Expr.Aggregate(Catalogue.aggregate("take_any").orElseThrow(), template, List.of(new Expr.Ref(column), step), column.type())));
            }
        }
        return Rows.of(new Plan.Aggregate(nodes.plan(), List.of(new Assignment(binder.column(ID, id.type()), new Expr.Ref(id))), merged));
    }

    private Graph graph(Rows edges, Rows nodes, Optional<String> idColumn) {
        Column id = Columns.of(nodes).find(ID).orElseThrow();
        Column key = idColumn.flatMap(name -> Columns.of(nodes).find(name)).orElse(id);
        Columns ends = Columns.of(edges);
        Graph made = new GraphMaking(binder).make(edges, ends.find(SOURCE).orElseThrow(), ends.find(TARGET).orElseThrow(),
                List.of(new GraphMaking.Table(nodes, key)), Optional.empty(), Optional.empty());
        return new Graph(shown(made.nodes(), Graph.NODE_HIDDEN, Set.of(ID)), shown(made.edges(), Graph.EDGE_HIDDEN, Set.of(SOURCE, TARGET)), true);
    }

    /// The plan with its labels behind what is hidden of every graph, and without columns that only making it needed.
    private Plan shown(Plan plan, int hidden, Set<String> without) {
        List<Column> own = plan.columns().subList(hidden, plan.columns().size());
        Column labels = own.stream().filter(column -> column.name().equals(LABELS)).findFirst().orElseThrow();
        List<Assignment> all = new ArrayList<>(plan.columns().subList(0, hidden).stream().map(Binder::same).toList());
        all.add(new Assignment(binder.column(LABELS, Type.DYNAMIC), binder.calls.tryBuiltin("coalesce",
                List.of(new Expr.Ref(labels), new Expr.Constant(Type.DYNAMIC, "[]"))).orElseThrow()));
        own.stream().filter(column -> column != labels && !without.contains(column.name())).map(Binder::same).forEach(all::add);
        return binder.entities.shared(new Plan.Project(plan, all));
    }
}
