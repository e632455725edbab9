package io.conshelf.kql.bind;

import io.conshelf.kql.bind.Meaning.Rows;
import io.conshelf.kql.bind.Meaning.Scalar;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.syntax.Syntax;
import io.conshelf.kql.syntax.Syntax.Expression;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The columns that plugins answer with, for those that are not built yet.
final class PluginColumns {
    private final Binder binder;

    PluginColumns(Binder binder) {
        this.binder = binder;
    }

    /// @param open there are columns that only the data knows
    record Answer(List<ColumnSchema> columns, boolean open) {
        static Answer of(List<ColumnSchema> columns) {
            return new Answer(columns, false);
        }
    }

    /// @param values the arguments that are values, in their places; empty where an argument is something else
    private record Call(List<Optional<Scalar>> values, List<Expression> arguments, List<ColumnSchema> input) {
        Optional<Scalar> value(int index) {
            return index < values.size() ? values.get(index) : Optional.empty();
        }

        /// The column given at a position.
        List<ColumnSchema> column(int index) {
            // A window function is computed beside the input, in a column without a name of its own.
            return value(index).filter(Scalar::declared).flatMap(scalar -> Calls.column(scalar.expr())).map(Column::schema).stream().toList();
        }

        /// The columns given from a position on: the dimensions.
        List<ColumnSchema> columnsFrom(int index) {
            List<ColumnSchema> columns = new ArrayList<>();
            for (int i = index; i < values.size(); i++) {
                columns.addAll(column(i));
            }
            return columns;
        }

        String text(int index) {
            return index < arguments.size() && arguments.get(index) instanceof Syntax.Literal literal ? literal.text() : "";
        }
    }

    Answer of(Syntax.Evaluate op, Rows input, Scope scope) {
        String name = op.plugin().function().text();
        List<ColumnSchema> given = input.columns().stream().map(Column::schema).toList();
        Call call = call(op, name, input, scope, given);
        return switch (name) {
            case "active_users_count" -> Answer.of(timeline(call, 1, columns("dcount:long")));
            case "activity_counts_metrics" ->
                    Answer.of(timeline(call, 1, columns("count:long,dcount:long,new_dcount:long,aggregated_dcount:long")));
            case "activity_engagement" -> Answer.of(timeline(call, 1,
                    columns("dcount_activities_inner:long,dcount_activities_outer:long,activity_ratio:real")));
            case "activity_metrics" -> Answer.of(timeline(call, 1,
                    columns("dcount_values:long,dcount_newvalues:long,retention_rate:real,churn_rate:real")));
            case "new_activity_metrics" -> Answer.of(newActivity(call));
            case "session_count" -> Answer.of(timeline(call, 1, columns("count_sessions:long")));
            case "sliding_window_counts" -> Answer.of(timeline(call, 1, columns("Count:long,Dcount:long")));
            case "rolling_percentile" -> Answer.of(rolling(call));
            case "funnel_sequence" -> Answer.of(funnel(call));
            case "funnel_sequence_completion" ->
                    Answer.of(all(call.column(1), call.column(5), columns("Period:timespan,dcount:long")));
            case "sequence_detect" -> Answer.of(sequence(call));
            case "autocluster", "basket" -> Answer.of(all(columns("SegmentId:long,Count:long,Percent:real"), given));
            case "diffpatterns" -> Answer.of(all(columns(
                    "SegmentId:long,CountA:long,CountB:long,PercentA:real,PercentB:real,PercentDiffAB:real"), given));
            case "diffpatterns_text" -> Answer.of(columns(
                    "Count_of_True:long,Count_of_False:long,Percent_of_True:real,Percent_of_False:real,Pattern:string"));
            case "dcount_intersect" -> Answer.of(intersect(call));
            case "estimate_rows_count" -> Answer.of(columns("EstimatedRowsCount:long"));
            case "http_request", "http_request_post" -> Answer.of(columns("ResponseHeaders:dynamic,ResponseBody:dynamic"));
            case "infer_storage_schema" -> Answer.of(columns("CslSchema:string"));
            case "infer_storage_schema_with_suggestions" -> Answer.of(columns("SuggestedTableSchema:string"));
            case "ipv4_lookup", "ipv6_lookup" -> Answer.of(lookup(op, call, scope, 3, true));
            case "geo_line_lookup", "geo_polygon_lookup" -> Answer.of(lookup(op, call, scope, Integer.MAX_VALUE, returnsKey(op)));
            case "narrow" -> Answer.of(columns("Row:long,Column:string,Value:string"));
            case "python", "r" -> python(op, given);
            case "rows_near", "schema_merge", "preview" -> Answer.of(given);
            case "pivot" -> pivot(op, call);
            default -> new Answer(List.of(), true);
        };
    }

    /// Binds the arguments that are values. A table, a type, a named option is none.
    private Call call(Syntax.Evaluate op, String name, Rows input, Scope scope, List<ColumnSchema> given) {
        Env env = Env.of(scope, Columns.of(input), "evaluate").with(Calculations.over(input.plan()));
        boolean lookup = name.endsWith("_lookup");
        List<Optional<Scalar>> values = new ArrayList<>();
        for (int i = 0; i < op.plugin().arguments().size(); i++) {
            Expression argument = op.plugin().arguments().get(i);
            boolean other = lookup && (i == 0 || i == (name.startsWith("geo") ? 1 : 2) || i > 2 && name.startsWith("ip"))
                    || argument instanceof Syntax.TypeofLiteral || argument instanceof Syntax.Star;
            if (other || argument instanceof Syntax.NamedExpression && !name.equals("sequence_detect")) {
                values.add(Optional.empty());
            } else if (name.equals("pivot") && i == 1) {
                values.add(binder.expressions.scalar(argument, env.with(Calculations.aggregates())));
            } else {
                values.add(binder.expressions.scalar(argument, env));
            }
        }
        return new Call(values, op.plugin().arguments(), given);
    }

    private static List<ColumnSchema> columns(String text) {
        List<ColumnSchema> columns = new ArrayList<>();
        for (String column : text.split(",")) {
            String[] parts = column.split(":");
            columns.add(new ColumnSchema(parts[0], Type.named(parts[1]).orElseThrow()));
        }
        return columns;
    }

    @SafeVarargs
    private static List<ColumnSchema> all(List<ColumnSchema>... parts) {
        List<ColumnSchema> all = new ArrayList<>();
        for (List<ColumnSchema> part : parts) {
            all.addAll(part);
        }
        return all;
    }

    /// The time, the dimensions, the figures.
    private static List<ColumnSchema> timeline(Call call, int timeline, List<ColumnSchema> figures) {
        return all(call.column(timeline), call.columnsFrom(timeline + 1), figures);
    }

    private static List<ColumnSchema> newActivity(Call call) {
        List<ColumnSchema> times = new ArrayList<>();
        call.column(1).forEach(time -> {
            times.add(new ColumnSchema("from_" + time.name(), time.type()));
            times.add(new ColumnSchema("to_" + time.name(), time.type()));
        });
        return all(times, call.columnsFrom(2), columns("dcount_new_values:long,dcount_retained_values:long,"
                + "dcount_churn_values:long,retention_rate:real,churn_rate:real"));
    }

    private static List<ColumnSchema> rolling(Call call) {
        List<ColumnSchema> value = call.column(0).stream().map(column -> new ColumnSchema("rolling_" + call.text(4)
                + "_percentile_" + column.name() + "_" + call.text(1), column.type())).toList();
        return all(call.column(2), call.columnsFrom(5), value);
    }

    private static List<ColumnSchema> funnel(Call call) {
        List<ColumnSchema> states = new ArrayList<>();
        call.column(6).forEach(state -> {
            states.add(new ColumnSchema("prev", state.type()));
            states.add(new ColumnSchema("next", state.type()));
        });
        return all(call.column(1), states, columns("dcount:long,samples:dynamic"));
    }

    private static List<ColumnSchema> sequence(Call call) {
        List<ColumnSchema> times = new ArrayList<>();
        List<ColumnSchema> dimensions = new ArrayList<>();
        for (int i = 3; i < call.arguments.size(); i++) {
            if (call.arguments.get(i) instanceof Syntax.NamedExpression(Syntax.Name name, _, _)) {
                call.column(0).forEach(time -> times.add(new ColumnSchema(name.text() + "_" + time.name(), time.type())));
            } else {
                dimensions.addAll(call.column(i));
            }
        }
        return all(dimensions, times, columns("Duration:timespan"));
    }

    private static List<ColumnSchema> intersect(Call call) {
        List<ColumnSchema> counts = new ArrayList<>();
        for (int i = 0; i < call.arguments.size(); i++) {
            counts.add(new ColumnSchema("s" + i, Type.LONG));
        }
        return all(call.input, counts);
    }

    private static boolean returnsKey(Syntax.Evaluate op) {
        return op.plugin().arguments().stream().anyMatch(argument ->
                argument instanceof Syntax.NamedExpression(Syntax.Name name, Syntax.BoolLiteral value, _)
                        && name.text().equals("return_lookup_key") && value.value());
    }

    /// The input's columns, then those of the table looked up in, those with a number after them whose names are taken.
    ///
    /// @param extraKeys where further key columns, which are not repeated, stand among the arguments
    private List<ColumnSchema> lookup(Syntax.Evaluate op, Call call, Scope scope, int extraKeys, boolean withKey) {
        if (op.plugin().arguments().isEmpty()) {
            return call.input;
        }
        Optional<Rows> table = binder.expressions.rows(op.plugin().arguments().getFirst(), scope);
        Set<String> dropped = new HashSet<>();
        for (int i = 1; i < call.arguments.size(); i++) {
            if (call.arguments.get(i) instanceof Syntax.NameReference(String name, _, _) && (i >= extraKeys || i == 1 && !withKey)) {
                dropped.add(name);
            }
        }
        OutputNames names = new OutputNames();
        List<ColumnSchema> all = new ArrayList<>();
        for (ColumnSchema column : call.input) {
            names.unique(column.name());
            all.add(column);
        }
        table.ifPresent(rows -> rows.columns().stream().filter(column -> !dropped.contains(column.name()))
                .forEach(column -> all.add(new ColumnSchema(names.unique(column.name()), column.type()))));
        return all;
    }

    /// `python(typeof(*, x:long), script)`: the type says it.
    private Answer python(Syntax.Evaluate op, List<ColumnSchema> input) {
        if (op.plugin().arguments().isEmpty()
                || !(op.plugin().arguments().getFirst() instanceof Syntax.TypeofLiteral(Syntax.RowSchema schema, _, _))) {
            return new Answer(List.of(), true);
        }
        List<ColumnSchema> declared = binder.functions.columns(schema).stream().map(Column::schema).toList();
        return Answer.of(switch (schema.star()) {
            case FIRST -> all(input, declared);
            case LAST -> all(declared, input);
            case NONE -> declared;
        });
    }

    /// `pivot(column, aggregate, keys…)`: the keys, or all that is neither pivoted nor aggregated, then what the data has.
    private static Answer pivot(Syntax.Evaluate op, Call call) {
        if (call.arguments.size() > 2) {
            return new Answer(call.columnsFrom(2), true);
        }
        Set<String> used = new HashSet<>();
        call.column(0).forEach(column -> used.add(column.name()));
        if (call.arguments.size() > 1 && call.arguments.get(1) instanceof Syntax.FunctionCall aggregate) {
            aggregate.arguments().forEach(argument -> {
                if (argument instanceof Syntax.NameReference name) {
                    used.add(name.name());
                }
            });
        }
        return new Answer(call.input.stream().filter(column -> !used.contains(column.name())).toList(), true);
    }
}
