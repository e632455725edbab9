package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.BigInt;
import io.conshelf.streams.value.Value.Record;
import io.conshelf.streams.value.Value.Text;
import java.util.List;

/// A step without memory: what becomes of each row by itself. Belongs to one thread.
@FunctionalInterface
public interface RowFunction {
    void row(Row row, Operator.Emit out);

    static RowFunction of(Step step, Evaluation evaluation) {
        return switch (step) {
            case Step.Filter filter -> filter(evaluation.of(filter.predicate()));
            case Step.Project project -> {
                Projection projection = new Projection(project.items(), evaluation);
                yield (row, out) -> out.row(new Row(row.ticks(), new Value[] {projection.record(row)}));
            }
            case Step.Extend extend -> extend(StepKeys.all(extend.values(), evaluation));
            case Step.Apply apply -> apply(apply, evaluation.of(apply.argument(), switch (apply.function()) {
                case ARRAY_ELEMENTS -> Expression.Type.ARRAY;
                case RECORD_PROPERTIES -> Expression.Type.RECORD;
            }));
            case Step.Union _ -> (row, out) -> out.row(row);
            case Step.Source _, Step.Reference _, Step.StreamJoin _, Step.ReferenceJoin _, Step.Analytics _, Step.Aggregate _, Step.Match _ ->
                throw new IllegalArgumentException("not a function of a row: " + step);
        };
    }

    private static RowFunction filter(Evaluator predicate) {
        return (row, out) -> {
            if (predicate.holds(row)) {
                out.row(row);
            }
        };
    }

    private static RowFunction extend(Evaluator[] values) {
        return (row, out) -> out.row(row.with(StepKeys.values(values, row)));
    }

    private static RowFunction apply(Step.Apply step, Evaluator argument) {
        boolean isOuter = step.kind() == Step.ApplyKind.OUTER;
        Shape shape = switch (step.function()) {
            case ARRAY_ELEMENTS -> Shape.of(List.of("ArrayIndex", "ArrayValue"));
            case RECORD_PROPERTIES -> Shape.of(List.of("PropertyName", "PropertyValue"));
        };
        Record nothing = new Record(shape, new Value[] {Value.Null.NULL, Value.Null.NULL});
        return (row, out) -> {
            Value value = argument.value(row);
            int count = switch (step.function()) {
                case ARRAY_ELEMENTS -> elements(value, row, shape, out);
                case RECORD_PROPERTIES -> properties(value, row, shape, out);
            };
            if (count == 0 && isOuter) {
                out.row(row.with(nothing));
            }
        };
    }

    private static int elements(Value value, Row row, Shape shape, Operator.Emit out) {
        return switch (value) {
            case Value.Null _ -> 0;
            case Value.Array(List<Value> elements) -> {
                for (int i = 0; i < elements.size(); i++) {
                    out.row(row.with(new Record(shape, new Value[] {new BigInt(i), elements.get(i)})));
                }
                yield elements.size();
            }
            case BigInt _, Value.FloatingPoint _, Text _, Value.DateTime _, Value.Bit _, Record _ ->
                throw new IllegalStateException("the argument is an array, or the job has ended");
        };
    }

    private static int properties(Value value, Row row, Shape shape, Operator.Emit out) {
        return switch (value) {
            case Value.Null _ -> 0;
            case Record(Shape names, Value[] values, _) -> {
                for (int i = 0; i < values.length; i++) {
                    out.row(row.with(new Record(shape, new Value[] {new Text(names.names().get(i)), values[i]})));
                }
                yield values.length;
            }
            case BigInt _, Value.FloatingPoint _, Text _, Value.DateTime _, Value.Bit _, Value.Array _ ->
                throw new IllegalStateException("the argument is a record, or the job has ended");
        };
    }
}
