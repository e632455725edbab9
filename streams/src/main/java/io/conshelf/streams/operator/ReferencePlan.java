package io.conshelf.streams.operator;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;

/// Steps over reference data alone, which give what a join with reference data reads.
public final class ReferencePlan {
    private final Plan plan;
    private final int root;
    private final Evaluation evaluation;

    /// @param root the step that the join reads
    public ReferencePlan(Plan plan, int root, Evaluation evaluation) {
        this.plan = plan;
        this.root = root;
        this.evaluation = evaluation;
    }

    /// The reference inputs it reads.
    public Set<String> inputs() {
        Set<String> inputs = new LinkedHashSet<>();
        collect(root, inputs);
        return inputs;
    }

    private void collect(int id, Set<String> inputs) {
        Step step = plan.steps().get(id);
        if (step instanceof Step.Reference reference) {
            inputs.add(reference.input());
        }
        StepInputs.of(step).forEach(from -> collect(from, inputs));
    }

    /// @param snapshots the records of an input, by its name
    public List<Row> rows(Function<String, List<Value.Record>> snapshots) {
        return rows(root, snapshots);
    }

    private List<Row> rows(int id, Function<String, List<Value.Record>> snapshots) {
        List<Row> rows = new ArrayList<>();
        switch (plan.steps().get(id)) {
            case Step.Reference reference -> {
                // JSON and CSV have no NaN, in which levels differ
                DeclaredSchema schema = new DeclaredSchema(reference.schema(), Compatibility.V1_2);
                for (Value.Record record : snapshots.apply(reference.input())) {
                    if (schema.check(record) instanceof DeclaredSchema.Checked.Fits(Value.Record fitting)) {
                        rows.add(Row.event(0, fitting));
                    }
                }
            }
            case Step.ReferenceJoin join -> {
                ReferenceLookup lookup = new ReferenceLookup(join, evaluation);
                lookup.load(0, rows(join.reference(), snapshots));
                rows(join.left(), snapshots).forEach(row -> lookup.row(row, rows::add));
            }
            case Step.Union union -> union.from().forEach(from -> rows.addAll(rows(from, snapshots)));
            case Step step -> {
                RowFunction function = RowFunction.of(step, evaluation);
                StepInputs.of(step).forEach(from -> rows(from, snapshots).forEach(row -> function.row(row, rows::add)));
            }
        }
        return rows;
    }
}
