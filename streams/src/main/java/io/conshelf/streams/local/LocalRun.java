package io.conshelf.streams.local;

import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.ReferenceInput.Snapshot;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.operator.EventOrdering;
import io.conshelf.streams.operator.EventOrdering.Timed;
import io.conshelf.streams.operator.EventOrdering.Timeline;
import io.conshelf.streams.operator.Key;
import io.conshelf.streams.operator.Operators;
import io.conshelf.streams.operator.ReferenceLookup;
import io.conshelf.streams.operator.ReferencePlan;
import io.conshelf.streams.operator.RowFunction;
import io.conshelf.streams.operator.StepInputs;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/// Runs a plan over events that are all there: step by step, each over all its rows, to the end of time. The same events give the same rows in the same
/// order, whatever the clock says.
public final class LocalRun {
    private final Plan plan;
    private final Policies policies;
    private final Evaluation evaluation;
    private final Consumer<DataError> errors;
    private final RowRoom room;

    public LocalRun(Plan plan, Policies policies, Evaluation evaluation, Consumer<DataError> errors) {
        this(plan, policies, evaluation, errors, RowRoom.endless());
    }

    LocalRun(Plan plan, Policies policies, Evaluation evaluation, Consumer<DataError> errors, RowRoom room) {
        this.plan = plan;
        this.policies = policies;
        this.evaluation = evaluation;
        this.errors = errors;
        this.room = room;
    }

    /// @param events     of the stream inputs, by their names, whatever the case
    /// @param references snapshots of the reference inputs, by their names, whatever the case
    /// @return the rows of each output in the order of their time, by the name that the query spells first; an output without rows has none
    /// @throws io.conshelf.streams.expression.RuntimeFault where a value ends the job
    /// @throws IllegalArgumentException where an input of the query has no events given
    public Map<String, List<Row>> rows(Map<String, LocalEvents> events, Map<String, List<Snapshot>> references) {
        Map<String, LocalEvents> byName = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        byName.putAll(events);
        Map<String, List<Snapshot>> snapshots = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        snapshots.putAll(references);
        List<List<Row>> rows = new ArrayList<>();
        for (int id = 0; id < plan.steps().size(); id++) {
            Step step = plan.steps().get(id);
            rows.add(switch (step) {
                case Step.Source source -> source(source, Optional.ofNullable(byName.get(source.input())).orElseThrow(() -> missing(source.input())));
                case Step.Reference _ -> List.of();
                case Step.ReferenceJoin join -> isReference(join.left()) ? List.of() : joined(join, rows.get(join.left()), snapshots);
                case Step.Union union -> inOrder(union.from().stream().flatMap(from -> rows.get(from).stream()).toList());
                case Step.Filter _, Step.Project _, Step.Extend _, Step.Apply _ -> applied(step, rows.get(StepInputs.of(step).getFirst()));
                case Step.StreamJoin _, Step.Analytics _, Step.Aggregate _, Step.Match _ ->
                    inOrder(new StepRun<>(step, Operators.of(plan, id, evaluation, (loss, row) -> errors.accept(DataError.of(loss, row))), evaluation, room)
                            .rows(StepInputs.of(step).stream().map(rows::get).toList()));
            });
        }
        return outputs(rows);
    }

    private static IllegalArgumentException missing(String input) {
        return new IllegalArgumentException("the input '" + input + "' of the query has no data");
    }

    private boolean isReference(int id) {
        Step step = plan.steps().get(id);
        return step instanceof Step.Reference || !StepInputs.of(step).isEmpty() && isReference(StepInputs.of(step).getFirst());
    }

    private List<Row> source(Step.Source source, LocalEvents events) {
        EventOrdering ordering = new EventOrdering(source, policies, events.arrivals(), evaluation,
                (problem, outcome, event, message) -> errors.accept(DataError.of(source.input(), problem, outcome, event, message)));
        Map<Key, Timeline> timelines = new LinkedHashMap<>();
        List<Row> rows = new ArrayList<>();
        for (LocalEvents.Arrived arrived : events.events()) {
            room.row();
            Optional<Timed> timed = timed(ordering, arrived);
            timed.ifPresent(one -> ordering.add(timelines.computeIfAbsent(one.key(), _ -> new Timeline()), one.row(), rows::add));
        }
        timelines.values().forEach(timeline -> ordering.end(timeline, rows::add));
        return inOrder(rows);
    }

    private static Optional<Timed> timed(EventOrdering ordering, LocalEvents.Arrived arrived) {
        try {
            return ordering.timed(arrived.event(), arrived.arrivalTicks());
        } catch (RuntimeFault fault) {
            throw fault.of(Row.event(arrived.arrivalTicks(), arrived.event()));
        }
    }

    private List<Row> applied(Step step, List<Row> from) {
        RowFunction function = RowFunction.of(step, evaluation);
        List<Row> rows = new ArrayList<>(from.size());
        each(from, row -> function.row(row, made -> add(rows, made)));
        return rows;
    }

    /// A fault is that of its row.
    private static void each(List<Row> rows, Consumer<Row> work) {
        for (Row row : rows) {
            try {
                work.accept(row);
            } catch (RuntimeFault fault) {
                throw fault.of(row);
            }
        }
    }

    private void add(List<Row> rows, Row row) {
        room.row();
        rows.add(row);
    }

    private List<Row> joined(Step.ReferenceJoin join, List<Row> left, Map<String, List<Snapshot>> snapshots) {
        ReferencePlan reference = new ReferencePlan(plan, join.reference(), evaluation);
        TreeSet<Long> times = new TreeSet<>();
        for (String input : reference.inputs()) {
            Optional.ofNullable(snapshots.get(input)).orElseThrow(() -> missing(input)).forEach(snapshot -> times.add(snapshot.validFrom()));
        }
        ReferenceLookup lookup = new ReferenceLookup(join, evaluation);
        for (long time : times) {
            lookup.load(time, reference.rows(input -> validAt(snapshots.get(input), time).records()));
        }
        List<Row> rows = new ArrayList<>();
        each(left, row -> lookup.row(row, made -> add(rows, made)));
        return rows;
    }

    /// The newest that is valid at the time, or the first where none is yet.
    private static Snapshot validAt(List<Snapshot> snapshots, long ticks) {
        return snapshots.stream().filter(snapshot -> snapshot.validFrom() <= ticks).max(Comparator.comparingLong(Snapshot::validFrom))
                .orElseGet(() -> snapshots.stream().min(Comparator.comparingLong(Snapshot::validFrom)).orElseThrow());
    }

    private static List<Row> inOrder(List<Row> rows) {
        List<Row> ordered = new ArrayList<>(rows);
        ordered.sort(Comparator.comparingLong(Row::ticks));
        return ordered;
    }

    private Map<String, List<Row>> outputs(List<List<Row>> rows) {
        Map<String, List<Row>> outputs = new LinkedHashMap<>();
        Map<String, String> spelled = new HashMap<>();
        for (Plan.Output output : plan.outputs()) {
            String name = spelled.computeIfAbsent(output.name().toLowerCase(Locale.ROOT), _ -> output.name());
            outputs.computeIfAbsent(name, _ -> new ArrayList<>()).addAll(rows.get(output.step()));
        }
        outputs.replaceAll((_, all) -> inOrder(all));
        return outputs;
    }
}
