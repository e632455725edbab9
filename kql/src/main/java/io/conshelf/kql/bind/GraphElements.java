package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.PathFold;
import io.conshelf.kql.plan.Plan.PathPart;
import io.conshelf.kql.plan.Plan.PathValue;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The elements of a graph's pattern by name, and the node or edge whose columns are in reach inside `map(e, …)`.
record GraphElements(Map<String, Element> byName, Optional<Element> here) {
    static final GraphElements NONE = new GraphElements(Map.of(), Optional.empty());

    sealed interface Element {
        /// What follows the element's name and a dot.
        Columns columns();
    }

    record Node(Plan plan, boolean labelled) implements Element {
        /// Those of a graph that is kept, or made by a model.
        Optional<Column> labels() {
            return labelled ? Optional.of(plan.columns().get(Meaning.Graph.NODE_HIDDEN)) : Optional.empty();
        }

        Column key() {
            return plan.columns().getFirst();
        }

        Column incoming() {
            return plan.columns().get(Meaning.Graph.INCOMING);
        }

        Column outgoing() {
            return plan.columns().get(Meaning.Graph.OUTGOING);
        }

        Column id() {
            return plan.columns().get(Meaning.Graph.ID);
        }

        List<Column> visible() {
            return plan.columns().subList(Meaning.Graph.NODE_HIDDEN + (labelled ? 1 : 0), plan.columns().size());
        }

        @Override
        public Columns columns() {
            return Columns.of(visible(), false);
        }
    }

    record Edge(Plan plan, boolean labelled) implements Element {
        Optional<Column> labels() {
            return labelled ? Optional.of(plan.columns().get(Meaning.Graph.EDGE_HIDDEN)) : Optional.empty();
        }

        Column index() {
            return plan.columns().getFirst();
        }

        Column from() {
            return plan.columns().get(Meaning.Graph.FROM);
        }

        Column to() {
            return plan.columns().get(Meaning.Graph.TO);
        }

        List<Column> visible() {
            return plan.columns().subList(Meaning.Graph.EDGE_HIDDEN + (labelled ? 1 : 0), plan.columns().size());
        }

        @Override
        public Columns columns() {
            return Columns.of(visible(), false);
        }
    }

    /// An edge of variable length: `e.column` is the list of that column of its edges.
    ///
    /// @param edge  what expressions over each of its edges refer to
    /// @param node  what expressions over each of its inner nodes refer to
    /// @param lists by the edge's columns
    /// @param calls what functions such as `map()` compute of it
    record Path(Edge edge, Node node, Map<Column, Column> lists, List<PathValue> calls) implements Element {
        static Path of(Binder binder, Edge edge, Node node) {
            Map<Column, Column> lists = new HashMap<>();
            edge.visible().forEach(column -> lists.put(column, binder.column(column.name(), Type.DYNAMIC)));
            return new Path(edge, node, lists, new ArrayList<>());
        }

        @Override
        public Columns columns() {
            return Columns.of(edge.visible().stream().map(lists::get).toList(), false);
        }

        /// A value over the parts of the path.
        Expr add(Binder binder, PathPart of, PathFold fold, Expr value) {
            boolean isList = fold == PathFold.LIST;
            Column column = binder.column("$path", isList ? Type.DYNAMIC : Type.BOOL);
            calls.add(new PathValue(column, isList ? binder.calls.convert(value, Type.DYNAMIC) : value, of, fold));
            return new Expr.Ref(column);
        }

        /// What has to be computed along the path for these columns.
        List<PathValue> values(Binder binder, Set<Column> read) {
            List<PathValue> values = new ArrayList<>(calls.stream().filter(value -> read.contains(value.column())).toList());
            edge.visible().stream().filter(column -> read.contains(lists.get(column))).forEach(column -> values.add(new PathValue(
                    lists.get(column), binder.calls.convert(new Expr.Ref(column), Type.DYNAMIC), PathPart.EDGES, PathFold.LIST)));
            return values;
        }

        boolean isListOf(Column column) {
            return lists.containsValue(column) || calls.stream().anyMatch(value -> value.column().equals(column) && value.fold() == PathFold.LIST);
        }
    }

    GraphElements at(Element element) {
        return new GraphElements(byName, Optional.of(element));
    }

    Map<String, Columns> columns() {
        return byName.entrySet().stream().collect(Collectors.toMap(Map.Entry::getKey, e -> e.getValue().columns()));
    }

    List<Path> paths() {
        return byName.values().stream().filter(Path.class::isInstance).map(Path.class::cast).toList();
    }

    /// What is computed from the lists of a path is a dynamic value to the service, whatever function computed it.
    boolean isList(Expr value) {
        Set<Column> columns = ExprWalk.columns(value);
        return paths().stream().anyMatch(path -> columns.stream().anyMatch(path::isListOf));
    }
}
