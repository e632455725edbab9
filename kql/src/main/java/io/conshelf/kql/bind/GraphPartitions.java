package io.conshelf.kql.bind;

import io.conshelf.kql.syntax.Span;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.syntax.Syntax.TabularOperator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The query of each partition of a graph (`make-graph … partitioned-by column (query)`). Partitions are one graph, so what looks
/// at single matches is asked of all of them at once; what looks at all matches together is asked of those of one partition.
final class GraphPartitions {
    /// What the matches call the partition that they are of; no author can write it.
    private static final String OWN = "$partition";

    private GraphPartitions() {}

    /// The first operator that looks at more than one match.
    static Optional<TabularOperator> ofAllMatches(Expression query) {
        return operators(query).stream().filter(operator -> !ofEachMatch(operator)).findFirst();
    }

    private static boolean ofEachMatch(TabularOperator operator) {
        return operator instanceof Syntax.GraphMatch || operator instanceof Syntax.GraphShortestPaths
                || operator instanceof Syntax.Where || operator instanceof Syntax.Project || operator instanceof Syntax.Extend
                || operator instanceof Syntax.ProjectAway || operator instanceof Syntax.ProjectRename
                || operator instanceof Syntax.MvExpand
                || operator instanceof Syntax.GraphToTable toTable && toTable.outputs().size() == 1;
    }

    private static List<TabularOperator> operators(Expression query) {
        return query instanceof Syntax.Pipe pipe ? pipe.operators() : List.of();
    }

    /// The query with everything behind its matches inside a `partition`; empty where the matches cannot tell their partition.
    ///
    /// @param ofNodes whether the nodes have the column, as the edges do
    static Optional<Expression> apart(Syntax.GraphPartition partition, boolean ofNodes) {
        List<TabularOperator> all = operators(partition.subquery());
        if (!(partition.column() instanceof Syntax.NameReference column) || all.isEmpty()) {
            return Optional.empty();
        }
        Span at = partition.column().span();
        var own = new Syntax.NameReference(OWN, true, at);
        List<TabularOperator> rest = new ArrayList<>(List.of(new Syntax.ProjectAway(List.of(own), at)));
        rest.addAll(all.subList(1, all.size()));
        // There may be any number of partitions.
        var anyNumber = new Syntax.OperatorParameter(new Syntax.Name("hint.strategy", false, at), new Syntax.NameReference("native", false, at), at);
        var each = new Syntax.Partition(List.of(anyNumber), own, Optional.empty(),
                new Syntax.Pipe(new Syntax.ContextualInput(at), rest, at), false, at);
        return withPartition(all.getFirst(), column, ofNodes)
                .map(match -> new Syntax.Pipe(((Syntax.Pipe) partition.subquery()).source(), List.of(match, each), partition.span()));
    }

    private static Optional<TabularOperator> withPartition(TabularOperator operator, Syntax.NameReference column, boolean ofNodes) {
        return switch (operator) {
            case Syntax.GraphMatch(var parameters, var patterns, var where, var project, Span span) when !project.isEmpty() ->
                    element(patterns, ofNodes).map(name -> new Syntax.GraphMatch(parameters, patterns, where,
                            and(project, name, column), span));
            case Syntax.GraphShortestPaths(var parameters, var patterns, var where, var project, Span span) when !project.isEmpty() ->
                    element(patterns, ofNodes).map(name -> new Syntax.GraphShortestPaths(parameters, patterns, where,
                            and(project, name, column), span));
            case TabularOperator _ -> Optional.empty();
        };
    }

    private static List<Expression> and(List<Expression> project, Syntax.Name element, Syntax.NameReference column) {
        Span at = column.span();
        var value = new Syntax.Path(new Syntax.NameReference(element.text(), element.bracketed(), at), column, at);
        return Stream.concat(project.stream(), Stream.of(
                (Expression) new Syntax.NamedExpression(new Syntax.Name(OWN, true, at), value, at))).toList();
    }

    /// A part of the pattern that is one edge, or a node.
    private static Optional<Syntax.Name> element(List<Syntax.GraphPattern> patterns, boolean ofNodes) {
        return patterns.stream().flatMap(pattern -> pattern.elements().stream()).flatMap(element -> switch (element) {
            case Syntax.GraphNode node -> node.name().filter(_ -> ofNodes).stream();
            case Syntax.GraphEdge edge -> edge.name().filter(_ -> edge.range().isEmpty()).stream();
        }).findFirst();
    }
}
