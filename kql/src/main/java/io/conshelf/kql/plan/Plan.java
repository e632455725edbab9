package io.conshelf.kql.plan;

import io.conshelf.kql.type.Type;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// One step of a tabular pipeline after binding: immutable, typed, smaller than the syntax tree because sugar is gone.
///
/// Row order: [Sort], [Top] and [Serialize] define one; [Filter], [Project], [Limit], [Expand] and [Window] keep it.
public sealed interface Plan {
    List<Column> columns();

    /// The plan in prefix form, one node a line, as plan specs have it.
    default String text() {
        return PlanText.of(this);
    }

    /// All rows of a stored table.
    record Scan(TableId table, List<Column> columns) implements Plan {
        public Scan {
            columns = List.copyOf(columns);
        }
    }

    /// Rows given in the query itself (`datatable`, `print`); each row has one expression a column, without references.
    record Rows(List<Column> columns, List<List<Expr>> rows) implements Plan {
        public Rows {
            columns = List.copyOf(columns);
            rows = rows.stream().map(List::copyOf).toList();
        }
    }

    /// Rows the caller brings along under a name, such as the result of a management command.
    record Supplied(String name, List<Column> columns) implements Plan {
        public Supplied {
            columns = List.copyOf(columns);
        }
    }

    /// `range x from a to b step c`: both ends included.
    record Range(Column column, Expr from, Expr to, Expr step) implements Plan {
        @Override
        public List<Column> columns() {
            return List.of(column);
        }
    }

    record Filter(Plan input, Expr predicate) implements Plan {
        @Override
        public List<Column> columns() {
            return input.columns();
        }
    }

    /// Exactly these columns, computed from the input's. Assignments do not see each other.
    record Project(Plan input, List<Assignment> assignments) implements Plan {
        public Project {
            assignments = List.copyOf(assignments);
        }

        @Override
        public List<Column> columns() {
            return assignments.stream().map(Assignment::column).toList();
        }
    }

    /// The input's columns, then these, computed by functions over neighbouring rows ([io.conshelf.kql.function.Lowering.Window]).
    record Window(Plan input, List<Assignment> assignments) implements Plan {
        public Window {
            assignments = List.copyOf(assignments);
        }

        @Override
        public List<Column> columns() {
            return Stream.concat(input.columns().stream(), assignments.stream().map(Assignment::column)).toList();
        }
    }

    /// One row a group: keys, then aggregates. Without keys there is always exactly one row; without aggregates the
    /// distinct keys.
    record Aggregate(Plan input, List<Assignment> keys, List<Assignment> aggregates) implements Plan {
        public Aggregate {
            keys = List.copyOf(keys);
            aggregates = List.copyOf(aggregates);
        }

        @Override
        public List<Column> columns() {
            return Stream.concat(keys.stream(), aggregates.stream()).map(Assignment::column).toList();
        }
    }

    record Sort(Plan input, List<SortKey> keys) implements Plan {
        public Sort {
            keys = List.copyOf(keys);
        }

        @Override
        public List<Column> columns() {
            return input.columns();
        }
    }

    /// The first rows of the input's order.
    ///
    /// @param count a real is a share, in percent
    record Limit(Plan input, Expr count) implements Plan {
        @Override
        public List<Column> columns() {
            return input.columns();
        }
    }

    record Top(Plan input, Expr count, List<SortKey> keys) implements Plan {
        public Top {
            keys = List.copyOf(keys);
        }

        @Override
        public List<Column> columns() {
            return input.columns();
        }
    }

    /// Fixes the row order so that window functions may follow.
    record Serialize(Plan input) implements Plan {
        @Override
        public List<Column> columns() {
            return input.columns();
        }
    }

    /// The output is the left columns, then the right ones; for the semi and anti kinds only the side that is kept.
    record Join(JoinKind kind, Plan left, Plan right, List<JoinKey> keys) implements Plan {
        public Join {
            keys = List.copyOf(keys);
        }

        @Override
        public List<Column> columns() {
            return switch (kind) {
                case LEFT_SEMI, LEFT_ANTI -> left.columns();
                case RIGHT_SEMI, RIGHT_ANTI -> right.columns();
                case INNER, INNER_UNIQUE, LEFT_OUTER, RIGHT_OUTER, FULL_OUTER ->
                        Stream.concat(left.columns().stream(), right.columns().stream()).toList();
            };
        }
    }

    /// All rows of all inputs. The binder has given every input the same number of columns with the same types.
    record Union(List<Plan> inputs, List<Column> columns) implements Plan {
        public Union {
            inputs = List.copyOf(inputs);
            columns = List.copyOf(columns);
        }
    }

    /// `mv-expand`: one row an element; several items go in step, the shorter ones padded with nulls. By recorded answers a
    /// null makes one row with null, an empty array none, and any other value one row with itself. The output is the input's columns, then the items', then the index.
    record Expand(Plan input, List<Expansion> items, Optional<Column> index, OptionalLong limit) implements Plan {
        public Expand {
            items = List.copyOf(items);
        }

        @Override
        public List<Column> columns() {
            return Stream.of(input.columns().stream(), items.stream().map(Expansion::column), index.stream())
                    .flatMap(s -> s)
                    .toList();
        }
    }

    /// `mv-apply`: for each input row, `body` over the rows of its expanded items. The body starts at [ApplyInput] and may
    /// refer to the input's columns. The output is the input's columns, then the body's.
    record Apply(Plan input, List<Expansion> items, Optional<Column> index, OptionalLong limit, Plan body)
            implements Plan {
        public Apply {
            items = List.copyOf(items);
        }

        @Override
        public List<Column> columns() {
            return Stream.concat(input.columns().stream(), body.columns().stream()).toList();
        }
    }

    /// The expanded rows of one input row, inside [Apply].
    record ApplyInput(List<Column> columns) implements Plan {
        public ApplyInput {
            columns = List.copyOf(columns);
        }
    }

    /// `partition by`: the body once for each distinct key, over the rows with that key. The body starts at [ApplyInput]
    /// with the input's own columns; the output is the body's columns of all keys, one after the other.
    ///
    /// @param keysMax with more keys the query fails
    record Partition(Plan input, Expr key, Plan body, OptionalInt keysMax) implements Plan {
        /// What is said of more.
        public static String tooManyKeys(int max) {
            return "partition: the key has more than " + max + " distinct values, the most that hint.strategy=legacy takes, which is"
                    + " meant where no strategy is named; with a query in parentheses, hint.strategy=native takes any number";
        }

        @Override
        public List<Column> columns() {
            return body.columns();
        }
    }

    /// `make-series`: one row a group of keys; every series has one element a bin of the axis from `from` (or the
    /// smallest value) to below `to` (or to the largest value), `step` apart. The output is the keys, the series as
    /// `dynamic` arrays, then the axis as one.
    ///
    /// @param nonEmpty one row even where the input has none (`kind=nonempty`)
    record MakeSeries(Plan input, List<Assignment> keys, List<Series> series, Assignment axis, Optional<Expr> from,
            Optional<Expr> to, Expr step, boolean nonEmpty) implements Plan {
        public MakeSeries {
            keys = List.copyOf(keys);
            series = List.copyOf(series);
        }

        @Override
        public List<Column> columns() {
            return Stream.of(keys.stream().map(Assignment::column), series.stream().map(Series::column),
                            Stream.of(axis.column()))
                    .flatMap(s -> s)
                    .toList();
        }
    }

    /// `scan`: each row in its order against the steps, the last one first. A step goes on from the sequence that stands at
    /// the step before it (which then moves here), or from its own; the first step also begins sequences. Expressions see
    /// the row, the declared columns with their defaults, and by the columns of [ScanStep#state] the row that each step up to
    /// theirs has taken last. The output is the input's columns and the declared ones, then the number of the sequence.
    ///
    /// @param row      the columns of the input that the output has; the input may have more
    /// @param defaults of the declared columns, constants
    /// @param made     the output's columns, those of the row and then the declared ones
    record StepScan(Plan input, List<Column> row, List<Column> declared, List<Expr> defaults, List<ScanStep> steps,
            List<Column> made, Optional<Column> matchId) implements Plan {
        public StepScan {
            row = List.copyOf(row);
            declared = List.copyOf(declared);
            defaults = List.copyOf(defaults);
            steps = List.copyOf(steps);
            made = List.copyOf(made);
        }

        @Override
        public List<Column> columns() {
            return Stream.concat(made.stream(), matchId.stream()).toList();
        }
    }

    /// `row_window_session()`: the input's columns, then the moment at which the session of each row began. A session begins at the
    /// first row, after a row without a moment, where `restart` is true, and where a moment lies as far as it may behind the
    /// first of its session or the one before; a row without a moment is in none.
    record Sessions(Plan input, Column begin, Expr moment, Expr fromFirst, Expr betweenNeighbors, Expr restart) implements Plan {
        @Override
        public List<Column> columns() {
            return Stream.concat(input.columns().stream(), Stream.of(begin)).toList();
        }

        public List<Expr> arguments() {
            return List.of(moment, fromFirst, betweenNeighbors, restart);
        }
    }

    /// Edges of variable length: from the node that each row names, all walks over `least` to `most` edges. The output is the
    /// input's columns, then of each walk where it ends, how many edges it has, the lists of their numbers and of the keys of
    /// the nodes between them (lists of SQL, which only [io.conshelf.kql.function.Lowering.Sql] of the binder's own reads), and the values.
    ///
    /// @param edges with `index`, `from` and `to`
    /// @param nodes with `key`; read only where a value is of inner nodes
    record Walks(Plan input, Expr start, Plan edges, Column index, Column from, Column to, Plan nodes, Column key, long least,
            long most, Cycles cycles, List<PathValue> values, Column end, Column length, Column numbers, Column between)
            implements Plan {
        public Walks {
            values = List.copyOf(values);
        }

        @Override
        public List<Column> columns() {
            return Stream.of(input.columns().stream(), Stream.of(end, length, numbers, between), values.stream().map(PathValue::column))
                    .flatMap(s -> s)
                    .toList();
        }
    }

    /// What can be bound but not yet run; [io.conshelf.kql.bind.Bound] says where and why, so an engine never meets it.
    record Refused(String construct, List<Column> columns) implements Plan {
        public Refused {
            columns = List.copyOf(columns);
        }
    }

    /// A plan evaluated once and read wherever the same id stands (`materialize`, `as`). Each reading has columns of its
    /// own, in the definition's order.
    record Shared(int id, Plan definition, List<Column> columns) implements Plan {
        public Shared {
            columns = List.copyOf(columns);
        }
    }

    /// A column and the expression that fills it.
    record Assignment(Column column, Expr value) {}

    record SortKey(Expr value, boolean descending, boolean nullsFirst) {}

    record JoinKey(Expr left, Expr right) {}

    /// One series of `make-series`: an aggregate a bin, `missing` where a bin has no rows.
    record Series(Column column, Expr aggregate, Expr missing) {}

    /// Which of the rows that a step of `scan` takes it gives out: of rows one after the other in a sequence all, or the last.
    enum StepOutput { ALL, LAST, NONE }

    /// One step of `scan`; assignments are to columns of the row or to declared ones.
    record ScanStep(StepOutput output, Expr condition, List<Assignment> assignments, List<Column> state) {
        public ScanStep {
            assignments = List.copyOf(assignments);
            state = List.copyOf(state);
        }
    }

    /// Whether walks may come to where they have been.
    enum Cycles { ALL, UNIQUE_EDGES, NONE }

    enum PathPart { EDGES, INNER_NODES }

    enum PathFold { LIST, ALL, ANY }

    /// A value computed of each edge of a walk, or of each node between them, as a dynamic array or as one bool.
    record PathValue(Column column, Expr value, PathPart of, PathFold fold) {}

    /// One item of `mv-expand`: a dynamic array (or bag, expanded to one-property bags or, as array, to `[key, value]`). The
    /// column of its elements is dynamic, or a string that holds their texts; of any other type where the value is a list of such values
    /// already ([io.conshelf.kql.function.Ranges]).
    record Expansion(Expr value, Column column, boolean bagAsArray) {}

    enum JoinKind {
        INNER, INNER_UNIQUE, LEFT_OUTER, RIGHT_OUTER, FULL_OUTER, LEFT_SEMI, LEFT_ANTI, RIGHT_SEMI, RIGHT_ANTI
    }

    /// A stored table by the ids that storage gave it; `name` is for people.
    record TableId(String databaseId, String tableId, String name) {}

    /// The type of a column that exists only to be counted or ordered by.
    static Type indexType() {
        return Type.LONG;
    }
}
