package io.conshelf.engine;

import io.conshelf.engine.ViewAggregate.Fine;
import io.conshelf.engine.ViewAggregate.Ids;
import io.conshelf.engine.ViewAggregate.Merge;
import io.conshelf.engine.ViewAggregate.Piece;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.Assignment;
import io.conshelf.kql.type.ColumnSchema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// What a materialized view keeps of its source, told from its query's plan.
///
/// The part has a column for each key, and for each aggregate columns that can be put together: those of two rows of a group
/// give those of the group. Where an aggregate cannot be put together, as a number of distinct values, its argument is kept like
/// a further key ([#fine]): the part is finer than the view then, and what is read of it is aggregated once more. So nothing
/// is ever read of the source again that is in the part.
///
/// @param input   the rows that are summarized
/// @param outputs the view's columns, in order
record ViewShape(Plan input, List<Assignment> keys, List<Fine> fine, List<Piece> pieces, List<Output> outputs) {
    private static final int FIRST_COLUMN = 1 << 29;

    ViewShape {
        keys = List.copyOf(keys);
        fine = List.copyOf(fine);
        pieces = List.copyOf(pieces);
        outputs = List.copyOf(outputs);
    }

    /// A column of the view.
    ///
    /// @param read what it is over all rows that the part and the delta have of a group; a key's own column where it is one
    record Output(ColumnSchema column, Optional<Merge> read, boolean takesAnyRow) {}

    /// @throws KustoException when the query does not end with a summarize of single aggregates
    static ViewShape of(Plan plan) {
        if (plan instanceof Plan.Aggregate aggregate) {
            return of(aggregate.input(), aggregate.columns().stream()
                    .map(column -> new Assignment(column, new Expr.Ref(column))).toList(), aggregate);
        }
        if (plan instanceof Plan.Project(Plan.Aggregate aggregate, List<Assignment> assignments)) {
            return of(aggregate.input(), assignments, aggregate);
        }
        throw bad("the last operator is a 'summarize'");
    }

    private static ViewShape of(Plan input, List<Assignment> columns, Plan.Aggregate aggregate) {
        var keys = new ArrayList<Assignment>();
        var outputs = new ArrayList<Output>();
        Map<String, Piece> pieces = new LinkedHashMap<>();
        Map<Expr, Fine> fine = new LinkedHashMap<>();
        for (Assignment column : columns) {
            String name = column.column().name();
            if (!(column.value() instanceof Expr.Ref(Column made))) {
                throw bad("the column '" + name + "' is computed from aggregations; name them in the view, and compute from the view");
            }
            Optional<Expr> key = value(aggregate.keys(), made);
            if (key.isPresent()) {
                keys.add(new Assignment(column.column(), key.get()));
                outputs.add(new Output(column.column().schema(), Optional.empty(), false));
                continue;
            }
            if (!(value(aggregate.aggregates(), made).orElseThrow() instanceof Expr.Aggregate call)) {
                throw bad("the column '" + name + "' is computed from aggregations; name them in the view, and compute from the view");
            }
            var kept = ViewAggregate.of(name, call, fine);
            kept.pieces().forEach(piece -> pieces.putIfAbsent(piece.name(), piece));
            outputs.add(new Output(column.column().schema(), Optional.of(kept.read()), kept.takesAnyRow()));
        }
        return new ViewShape(input, keys, List.copyOf(fine.values()), List.copyOf(pieces.values()), outputs);
    }

    private static Optional<Expr> value(List<Assignment> assignments, Column column) {
        return assignments.stream().filter(a -> a.column().equals(column)).map(Assignment::value).findFirst();
    }

    static KustoException bad(String problem) {
        return new KustoException(Errors.badRequest("Materialized view: " + problem));
    }

    List<ColumnSchema> columns() {
        return outputs.stream().map(Output::column).toList();
    }

    List<String> keyNames() {
        return keys.stream().map(key -> key.column().name()).toList();
    }

    /// What the part is grouped by.
    List<ColumnSchema> groupColumns() {
        return Stream.concat(keys.stream().map(key -> key.column().schema()), fine.stream().map(Fine::column)).toList();
    }

    List<ColumnSchema> partColumns() {
        return Stream.concat(groupColumns().stream(), pieces.stream().map(Piece::column)).toList();
    }

    /// Whether the part may have several rows of one group.
    boolean isGrouped() {
        return !fine.isEmpty();
    }

    /// Whether a row of the part never changes: any row of the group stands for it.
    boolean isAppendOnly() {
        return fine.isEmpty() && outputs.stream().allMatch(o -> o.read().isEmpty() || o.takesAnyRow());
    }

    /// Whether each group stands for one row of the source, which a view over this one may read.
    boolean isDeduplication() {
        return isAppendOnly() && !keys.isEmpty() && keys.stream().allMatch(key -> key.value() instanceof Expr.Ref);
    }

    /// The plan that makes rows of the part from rows of the source.
    ///
    /// @param kept the names of the columns that the part has
    Plan.Aggregate delta(List<ColumnSchema> kept) {
        int next = FIRST_COLUMN;
        var groups = new ArrayList<Assignment>();
        for (Assignment key : keys) {
            groups.add(new Assignment(new Column(next++, key.column().name(), key.column().type()), key.value()));
        }
        for (Fine value : fine) {
            groups.add(new Assignment(new Column(next++, value.name(), value.value().type()), value.value()));
        }
        var aggregates = new ArrayList<Assignment>();
        for (Piece piece : pieces) {
            if (kept.contains(piece.column())) {
                aggregates.add(new Assignment(new Column(next++, piece.name(), piece.value().type()), piece.value()));
            }
        }
        return new Plan.Aggregate(input, groups, aggregates);
    }

    /// The window functions that what is read needs, as further columns.
    String windows(Ids ids) {
        String partition = keys.isEmpty()
                ? "" : "PARTITION BY " + String.join(", ", keyNames().stream().map(ids::of).toList());
        return String.join("", fine.stream().filter(Fine::isRanked).map(f -> f.windows(ids, partition)).toList());
    }
}
