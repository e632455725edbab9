package io.conshelf.kql.bind;

import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;

/// What an expression or a name stands for.
sealed interface Meaning {

    /// A value.
    ///
    /// @param name     the automatic name of a column made of it; empty where it has none
    /// @param declared the name is that of a column or variable, which may not be repeated among columns
    record Scalar(Expr expr, String name, boolean declared) implements Meaning {
        static Scalar unnamed(Expr expr) {
            return new Scalar(expr, "", false);
        }

        static Scalar named(Expr expr, String name) {
            return new Scalar(expr, name, false);
        }

        static Scalar column(Column column) {
            return new Scalar(new Expr.Ref(column), column.name(), true);
        }

        Type type() {
            return expr.type();
        }
    }

    /// Several values at once, each with a name: a function such as `series_stats` whose result is several columns.
    record Tuple(List<Scalar> parts) implements Meaning {
        public Tuple {
            parts = List.copyOf(parts);
        }
    }

    /// Rows.
    ///
    /// @param open  there may be further columns that only the data knows
    /// @param label the name of the table, for `withsource`; empty where it is not simply a table
    record Rows(Plan plan, boolean open, String label) implements Meaning {
        static Rows of(Plan plan) {
            return new Rows(plan, false, "");
        }

        /// The same openness over another plan.
        Rows with(Plan newPlan) {
            return new Rows(newPlan, open, "");
        }

        List<Column> columns() {
            return plan.columns();
        }
    }

    /// A function written by a user, with the scope it was written in.
    ///
    /// @param source  the text of a stored function, whose spans mean nothing in the query; empty for `let`
    record Function(String name, List<Syntax.Parameter> parameters, Syntax.FunctionBody body, Scope scope, boolean view,
            Optional<String> source) implements Meaning {
        public Function {
            parameters = List.copyOf(parameters);
        }

        /// The same text, which sees another scope.
        Function within(Scope seen) {
            return new Function(name, parameters, body, seen, view, source);
        }

        /// The first parameter that has no default.
        Optional<String> missing() {
            return parameters.stream().filter(p -> p.defaultValue().isEmpty()).map(p -> p.name().text()).findFirst();
        }
    }

    /// `database('d')`, or `cluster('c').database('d')`.
    record Database(String name) implements Meaning {}

    /// `cluster('c')`, which is the one the query runs on.
    record Cluster() implements Meaning {}

    /// `entity_group [database('a'), …]`.
    ///
    /// @param missing those named that there are not
    record EntityGroup(List<Database> members, List<Missing> missing) implements Meaning {
        public EntityGroup {
            members = List.copyOf(members);
            missing = List.copyOf(missing);
        }

        public EntityGroup(List<Database> members) {
            this(members, List.of());
        }
    }

    /// @param leftOut what tells of it where it is left out
    /// @param errors  what keeps it from being found
    /// @param isElsewhere it is one of another cluster, which is not asked before it is used
    record Missing(Diagnostic leftOut, List<Diagnostic> errors, boolean isElsewhere) {
        public Missing {
            errors = List.copyOf(errors);
        }
    }

    /// A `declare pattern`, and the scope it was declared in.
    record Pattern(Syntax.Pattern syntax, Scope scope) implements Meaning {}

    /// Nodes: key, place in the order of the edges, numbers of edges to and from them, id, then their properties. Edges: number,
    /// keys of the nodes they go from and to, then their properties. Both plans are read as copies. The key is the id, or in a
    /// graph of several partitions the partition's value and the id.
    ///
    /// @param labelled labels come before the properties
    record Graph(Plan nodes, Plan edges, boolean labelled) implements Meaning {
        static final int ORDER = 1;
        static final int INCOMING = 2;
        static final int OUTGOING = 3;
        static final int ID = 4;
        static final int NODE_HIDDEN = 5;
        static final int FROM = 1;
        static final int TO = 2;
        static final int EDGE_HIDDEN = 3;
    }

    /// Something about which an error has been said already.
    record Failed() implements Meaning {}
}
