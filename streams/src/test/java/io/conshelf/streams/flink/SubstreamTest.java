package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.local.LocalEvents;
import io.conshelf.streams.local.LocalRun;
import io.conshelf.streams.operator.EventOrdering.Arrivals;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.plan.Step.Partitioning;
import io.conshelf.streams.plan.Window;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.run.StepTimes;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/// Events of keys that each have their own clock, and the jobs that read them.
abstract class SubstreamTest extends JobTest {
    static final long HOUR = 3600 * RandomSteps.SECOND;
    static final long TOLERANCE = 3 * RandomSteps.SECOND;
    static final Policies NO_LIMIT = policies(Optional.empty());
    static final Expression KEY = field("k");
    static final Partitioning BY_KEY = new Partitioning(List.of(KEY));
    static final Shape SHAPE = Shape.of(List.of("k", "g", "v", "t"));

    /// The events of another input, which says of itself how it ends and how many read it.
    record Shaped(MemoryInput of, boolean isBounded, int partitionsMax, List<String> partitionedBy) implements EventInput {
        static Shaped file(MemoryInput of) {
            return new Shaped(of, true, 1, List.of());
        }

        static Shaped live(MemoryInput of) {
            return new Shaped(of, false, Integer.MAX_VALUE, List.of());
        }

        static Shaped byKey(MemoryInput of) {
            return new Shaped(of, false, Integer.MAX_VALUE, List.of("K"));
        }

        @Override
        public List<String> partitions() {
            return of.partitions();
        }

        @Override
        public EventPartition open(String partition, Start start) throws InputException, InterruptedException {
            return of.open(partition, start);
        }
    }

    static Policies policies(Optional<Duration> lateArrivalMax) {
        return new Policies(lateArrivalMax, Duration.ofSeconds(3), Ordering.ADJUST, OutputError.STOP, "1.2", "en-US", 1);
    }

    static Expression field(String name) {
        return new Expression.Field(new Expression.Slot(0, Span.NONE), name, Span.NONE);
    }

    /// Each key has its own clock, hours from the others', and what it says is up to the tolerance out of order.
    static List<Row> rows(Random random, int count) {
        return RandomSteps.rows(random, count).stream().map(row -> {
            Value.Record event = row.event();
            String key = ((Value.Text) event.field("k")).value();
            long drift = (key.charAt(1) - '0') * 7 * HOUR;
            return event(key, row.ticks(), row.ticks() - drift - random.nextLong(TOLERANCE), event.field("g"), event.field("v"));
        }).toList();
    }

    static Row event(String key, long arrival, long ticks, Value g, Value v) {
        return Row.event(arrival, new Value.Record(SHAPE, new Value[] {new Value.Text(key), g, v, new Value.DateTime(ticks)}));
    }

    static Step source() {
        return source("input");
    }

    static Step source(String input) {
        return new Step.Source(input, List.of(), new Step.EventTime.By(field("t"), List.of(KEY)), Partitioning.NONE, Span.NONE);
    }

    static Plan plan(Step... after) {
        List<Step> steps = new ArrayList<>(List.of(source()));
        steps.addAll(List.of(after));
        return new Plan(steps, List.of(new Plan.Output("output", steps.size() - 1, List.of(), Span.NONE)), 0);
    }

    /// As the binder makes them of a query whose input has substreams: their key is in the keys of every step.
    static Optional<Step> apart(Step step, int from) {
        return switch (step) {
            case Step.Aggregate aggregate -> {
                List<Expression> keys = new ArrayList<>(aggregate.keys());
                if (keys.stream().noneMatch(key -> key instanceof Expression.Field field && field.name().equals("k"))) {
                    keys.add(KEY);
                }
                yield Optional.of(new Step.Aggregate(from, keys, aggregate.aggregates(), aggregate.windows(), BY_KEY));
            }
            case Step.Analytics analytics -> Optional.of(new Step.Analytics(from, analytics.calls(), BY_KEY));
            case Step.Match match -> Optional.of(new Step.Match(from, match.pattern(), BY_KEY));
            default -> Optional.empty();
        };
    }

    static Step random(Random random, int from) {
        while (true) {
            Optional<Step> step = apart(RandomSteps.step(random), from);
            if (step.isPresent()) {
                return step.get();
            }
        }
    }

    static Plan random(Random random) {
        if (random.nextBoolean()) {
            return plan(random(random, 0));
        }
        Step groups = new Step.Aggregate(0, List.of(KEY), RandomSteps.ORDER_FREE,
                List.of(new Step.NamedWindow("", new Window.Hopping(4 * RandomSteps.SECOND, 2 * RandomSteps.SECOND, 0))), BY_KEY);
        Step named = new Step.Project(1, List.of(item("k", 0), item("g", 1), item("v", 2)));
        return plan(groups, named, random(random, 2));
    }

    static Step.Item item(String name, int slot) {
        return new Step.Item.Named(name, new Expression.Slot(slot, Span.NONE));
    }

    static StreamJob job(String id, Plan plan, EventInput input) {
        return job(id, plan, input, NO_LIMIT);
    }

    static StreamJob job(String id, Plan plan, EventInput input, Policies policies) {
        StreamJob job = new StreamJob(id, plan, Context.DEFAULT, Map.of("input", input), Map.of(), Map.of("output", () -> new MemoryTarget(id)), policies);
        assertThat(StepTimes.of(job).at(0)).isEqualTo(SubstreamTimes.OWN);
        return job;
    }

    static List<Row> local(Plan plan, List<Row> rows) {
        return local(plan, Map.of("input", rows));
    }

    static List<Row> local(Plan plan, Map<String, List<Row>> rows) {
        Map<String, LocalEvents> events = new HashMap<>();
        rows.forEach((input, all) -> events.put(input, new LocalEvents(Arrivals.TOLD, all.stream().map(row -> new LocalEvents.Arrived(row.event(), row.ticks())).toList())));
        return new LocalRun(plan, NO_LIMIT, Evaluation.in(Context.DEFAULT), _ -> { }).rows(events, Map.of()).getOrDefault("output", List.of());
    }

    static List<String> texts(List<Row> rows) {
        return rows.stream().map(MemoryTarget::text).sorted().toList();
    }

    static void spread(MemoryInput input, List<Row> rows) {
        IntStream.range(0, 2).forEach(part -> input.add(part, rows.stream().filter(row -> key(row.event().field("k")).equals("k1") == (part == 1)).toList()));
    }

    static String key(Value value) {
        return ((Value.Text) value).value();
    }

    /// What is left where each of the others is taken away once.
    static List<String> without(List<String> all, List<String> others) {
        Map<String, Integer> counts = new HashMap<>();
        others.forEach(one -> counts.merge(one, 1, Integer::sum));
        return all.stream().filter(one -> counts.merge(one, -1, Integer::sum) < 0).toList();
    }

    /// What can be known when the rows have come: windows that end before the time of their key.
    static List<String> known(Plan plan, List<Row> rows) {
        return known(rows, local(plan, rows));
    }

    static List<String> known(List<Row> rows, List<Row> all) {
        Map<String, Long> times = new HashMap<>();
        rows.forEach(row -> times.merge(key(row.event().field("k")), ((Value.DateTime) row.event().field("t")).ticks() - TOLERANCE, Math::max));
        return texts(all.stream().filter(row -> row.ticks() < times.get(key(row.slots()[0] instanceof Value.Record record ? record.field("k") : row.slots()[0]))).toList());
    }

    /// Events of one key, one each second.
    static List<Row> spaced(long arrival, long from, int count) {
        return IntStream.range(0, count).mapToObj(n -> event("k1", arrival + n * RandomSteps.SECOND, from + n * RandomSteps.SECOND, Value.of(1), Value.of(n))).toList();
    }

    /// The first aggregate, behind the time and the key.
    static long count(String row) {
        return Long.parseLong(row.replaceFirst(".*? \\[\"k1\", (\\d+),.*", "$1"));
    }
}
