package io.conshelf.kql.bind;

import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What `graph('…')` finds in a database.
public sealed interface StoredGraph {

    /// A graph that is made of tables where it is named, a step after the other.
    ///
    /// @param database that the steps' queries are run in
    /// @param nodes    the types that the model's schema gives properties of nodes; `edges` those of edges
    record Model(String database, String name, List<Step> steps, Map<String, Type> nodes, Map<String, Type> edges) implements StoredGraph {
        public Model {
            steps = List.copyOf(steps);
            nodes = Map.copyOf(nodes);
            edges = Map.copyOf(edges);
        }
    }

    /// A graph that was made: its tables have the columns of [Kql#bindModel].
    record Snapshot(Catalog.Table nodes, Catalog.Table edges) implements StoredGraph {}

    /// Which of the graphs of a model is wanted.
    sealed interface Wanted {
        /// The newest snapshot, or the model where there is none.
        record Latest() implements Wanted {}

        record Named(String snapshot) implements Wanted {}

        /// The model, whatever snapshots there are.
        record Transient() implements Wanted {}
    }

    sealed interface Step {
        String query();

        /// Those that all its nodes or edges have.
        List<String> labels();

        /// The column with those that each has: a text, or an array of them.
        Optional<String> labelsColumn();
    }

    record AddNodes(String query, String id, List<String> labels, Optional<String> labelsColumn) implements Step {
        public AddNodes {
            labels = List.copyOf(labels);
        }
    }

    record AddEdges(String query, String source, String target, List<String> labels, Optional<String> labelsColumn) implements Step {
        public AddEdges {
            labels = List.copyOf(labels);
        }
    }
}
