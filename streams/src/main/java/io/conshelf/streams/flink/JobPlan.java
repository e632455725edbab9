package io.conshelf.streams.flink;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.operator.Key;
import io.conshelf.streams.operator.StepInputs;
import io.conshelf.streams.operator.StepKeys;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.run.StepTimes;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.SubstreamTimes;
import io.conshelf.streams.value.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.dag.Transformation;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.apache.flink.streaming.api.graph.StreamNode;
import org.apache.flink.streaming.api.operators.SimpleOperatorFactory;
import org.apache.flink.streaming.api.transformations.OneInputTransformation;
import org.apache.flink.streaming.api.transformations.PartitionTransformation;
import org.apache.flink.streaming.api.transformations.TwoInputTransformation;
import org.apache.flink.streaming.api.transformations.UnionTransformation;
import org.apache.flink.streaming.runtime.partitioner.KeyGroupStreamPartitioner;
import org.apache.flink.streaming.runtime.partitioner.RescalePartitioner;

/// Makes the graph that Flink runs of a job's plan.
final class JobPlan {
    /// How many tasks a step may ever be spread over: what checkpoints are divided by.
    static final int PARALLELISM_MAX = 128;

    private static final String OUTPUT = "output-";

    private final StreamJob job;
    private final Plan plan;
    private final RunRecord run;
    private final String reader;
    private final RunId runId;
    private final int parallelism;
    private final long heldRowsMax;
    private final StepTimes times;
    private final boolean hasCheckpoints;
    private final StreamExecutionEnvironment environment;
    /// By step; none for reference data.
    private final List<Transformation<Row>> made = new ArrayList<>();

    private JobPlan(StreamJob job, RunRecord run, String reader, int parallelism, long heldRowsMax, Configuration configuration) {
        this.job = job;
        this.reader = reader;
        this.plan = job.plan();
        this.run = run;
        this.runId = run.id();
        this.times = StepTimes.of(job);
        this.parallelism = parallelism;
        this.heldRowsMax = heldRowsMax;
        this.environment = new StreamExecutionEnvironment(configuration);
        environment.setParallelism(parallelism);
        environment.setMaxParallelism(PARALLELISM_MAX);
        // rows never change
        environment.getConfig().enableObjectReuse();
        this.hasCheckpoints = environment.getCheckpointConfig().isCheckpointingEnabled();
    }

    /// @param reader      as what the job is known to stores that remember who reads
    /// @param heldRowsMax how many rows may wait in a process for what is far behind
    static StreamGraph graph(StreamJob job, RunRecord run, String reader, int parallelism, long heldRowsMax, Configuration configuration) {
        return new JobPlan(job, run, reader, parallelism, heldRowsMax, configuration).graph();
    }

    /// How many tasks write, by output.
    static Map<String, Integer> writers(StreamGraph graph) {
        return graph.getStreamNodes().stream().filter(node -> String.valueOf(node.getTransformationUID()).startsWith(OUTPUT))
                .collect(Collectors.toMap(StreamNode::getOperatorName, StreamNode::getParallelism));
    }

    private StreamGraph graph() {
        for (int id = 0; id < plan.steps().size(); id++) {
            made.add(step(id));
        }
        for (int i = 0; i < plan.outputs().size(); i++) {
            Plan.Output output = plan.outputs().get(i);
            // also where several statements write to it, as theirs are one step then
            String name = output.name();
            Transformation<Row> from = made.get(output.step());
            StreamJob.TargetRecipe recipe = job.outputs().get(output.name());
            OutputHost host = new OutputHost(name, recipe, job.places().output(output.name()), job.policies().outputError(), run.firstTicks(), hasCheckpoints,
                    run.mayGoOn() ? OutputHost.AfterStop.MAY_GO_ON : OutputHost.AfterStop.IS_OVER, times.at(output.step()), runId);
            environment.addOperator(named(new OneInputTransformation<>(from, name, SimpleOperatorFactory.of(host), PlainType.ROW,
                    Math.min(from.getParallelism(), recipe.writersMax())), OUTPUT + i));
        }
        StreamGraph graph = environment.getStreamGraph();
        graph.setJobName(job.name());
        return graph;
    }

    private Transformation<Row> step(int id) {
        Step step = plan.steps().get(id);
        return switch (step) {
            case Step.Source source -> source(id, source);
            case Step.Reference _ -> null;
            case Step.Filter filter -> rows(id, made.get(filter.from()), step);
            case Step.Project project -> rows(id, made.get(project.from()), step);
            case Step.Extend extend -> rows(id, made.get(extend.from()), step);
            case Step.Apply apply -> rows(id, made.get(apply.from()), step);
            case Step.Union union -> isReference(union.from().getFirst()) ? null : new UnionTransformation<>(times.at(id) == SubstreamTimes.OWN ? branches(id, union)
                    : union.from().stream().map(made::get).toList());
            case Step.ReferenceJoin join -> isReference(join.left()) ? null : reference(id, join);
            case Step.Aggregate aggregate -> keyed(id, aggregate.from());
            case Step.Analytics analytics -> keyed(id, analytics.from());
            case Step.Match match -> keyed(id, match.from());
            case Step.StreamJoin join -> joined(id, join);
        };
    }

    private boolean isReference(int id) {
        return made.get(id) == null;
    }

    /// Each tells of itself by which of them it comes. What comes from one task goes to one task, so that no mark passes a row; the branch with the fewest tasks
    /// is the first, as a union has as many as that.
    private List<Transformation<Row>> branches(int id, Step.Union union) {
        int tasks = union.from().stream().mapToInt(from -> made.get(from).getParallelism()).min().orElseThrow();
        List<Transformation<Row>> branches = new ArrayList<>();
        for (int branch = 0; branch < union.from().size(); branch++) {
            Transformation<Row> from = made.get(union.from().get(branch));
            Transformation<Row> end = named(new OneInputTransformation<>(from, "Branch", SimpleOperatorFactory.of(new BranchHost(branch)), PlainType.ROW,
                    from.getParallelism()), "step-" + id + "-branch-" + branch);
            if (from.getParallelism() == tasks) {
                branches.addFirst(end);
            } else {
                branches.addLast(new PartitionTransformation<>(end, new RescalePartitioner<>()));
            }
        }
        return branches;
    }

    private Transformation<Row> source(int id, Step.Source step) {
        long before = plan.steps().subList(0, id).stream().filter(other -> other instanceof Step.Source source && source.input().equalsIgnoreCase(step.input()))
                .count();
        EventInput input = job.inputs().get(step.input()).readBy(reader + '\n' + step.input().toLowerCase(Locale.ROOT), (int) before);
        InputSource source = new InputSource(input, run.read(), step, job.policies(), job.context(), times.at(id), times.silenceMax(id), parallelism,
                times.group(id), heldRowsMax, runId);
        int tasks = Math.min(parallelism, input.partitionsMax());
        Transformation<Row> read = environment.fromSource(source, WatermarkStrategy.noWatermarks(), step.input(), PlainType.ROW).setParallelism(tasks)
                .uid("step-" + id).getTransformation();
        // of a job here everything is counted in this process
        return run.mayGoOn() ? read : named(new OneInputTransformation<>(read, "InputEnd", SimpleOperatorFactory.of(new InputEnd(runId)), PlainType.ROW, tasks),
                "step-" + id + "-end");
    }

    private Transformation<Row> rows(int id, Transformation<Row> from, Step step) {
        if (from == null) {
            return null;
        }
        RowHost host = new RowHost(step, job.context(), times.at(id), runId);
        return named(new OneInputTransformation<>(from, step.getClass().getSimpleName(), SimpleOperatorFactory.of(host), PlainType.ROW,
                from.getParallelism()), "step-" + id);
    }

    private Transformation<Row> reference(int id, Step.ReferenceJoin step) {
        Transformation<Row> from = made.get(step.left());
        ReferenceHost host = new ReferenceHost(plan, step, job.references(), job.context(), run.firstTicks(), times.at(id), runId);
        return named(new OneInputTransformation<>(from, "ReferenceJoin", SimpleOperatorFactory.of(host), PlainType.ROW, from.getParallelism()), "step-" + id);
    }

    private Transformation<Row> keyed(int id, int fromId) {
        Step step = plan.steps().get(id);
        Transformation<Row> from = made.get(fromId);
        KeyOfRow key = new KeyOfRow(step, 0, job.context());
        int tasks = StepKeys.isSingle(step) ? 1 : parallelism;
        var host = new OneInputTransformation<>(spread(from, key, tasks, times.at(id)), step.getClass().getSimpleName(), SimpleOperatorFactory.of(switch (times.at(id)) {
            case SHARED -> new StepHost.OfOne(hosted(id));
            case OWN, OF_PARTITIONS -> new SubstreamHost.OfOne(hosted(id), timing(id, senders(fromId)));
        }), PlainType.ROW, tasks);
        host.setStateKeySelector(key);
        host.setStateKeyType(PlainType.KEY);
        return named(host, "step-" + id);
    }

    private KeyedHost.Hosted hosted(int id) {
        return new KeyedHost.Hosted(plan, id, job.context(), times.group(id), heldRowsMax, runId);
    }

    private SubstreamHost.Timing timing(int id, Senders senders) {
        return new SubstreamHost.Timing(times.at(id), parallelism, senders, job.policies().ordering(), times.lateMax(), times.silenceMax(id), times.hasEnd(id));
    }

    /// Who tells times to what reads this step.
    private Senders senders(int id) {
        Step step = plan.steps().get(id);
        return switch (step) {
            case Step.Source _ -> Senders.ofInput();
            case Step.Aggregate _, Step.Analytics _, Step.Match _, Step.StreamJoin _ -> Senders.ofTasks(made.get(id).getParallelism());
            case Step.Filter _, Step.Project _, Step.Extend _, Step.Apply _ -> senders(StepInputs.of(step).getFirst());
            case Step.ReferenceJoin join -> senders(join.left());
            case Step.Union union -> Senders.together(union.from().stream().map(this::senders).toList());
            case Step.Reference _ -> throw new IllegalArgumentException("reference data has no time: " + step);
        };
    }

    private Transformation<Row> joined(int id, Step.StreamJoin step) {
        KeyOfRow left = new KeyOfRow(step, 0, job.context());
        KeyOfRow right = new KeyOfRow(step, 1, job.context());
        int tasks = StepKeys.isSingle(step) ? 1 : parallelism;
        var host = new TwoInputTransformation<>(spread(made.get(step.left()), left, tasks, times.at(id)), spread(made.get(step.right()), right, tasks, times.at(id)),
                "StreamJoin", SimpleOperatorFactory.of(switch (times.at(id)) {
                    case SHARED -> new StepHost.OfTwo(hosted(id));
                    case OWN, OF_PARTITIONS -> new SubstreamHost.OfTwo(hosted(id), timing(id, Senders.together(List.of(senders(step.left()), senders(step.right())))));
                }), PlainType.ROW, tasks);
        host.setStateKeySelectors(left, right);
        host.setStateKeyType(PlainType.KEY);
        return named(host, "step-" + id);
    }

    /// Where one task gives and one takes, all keys are in it anyway, and the two can be one.
    private Transformation<Row> spread(Transformation<Row> from, KeyOfRow key, int tasks, SubstreamTimes times) {
        return tasks == 1 && from.getParallelism() == 1 && !(from instanceof UnionTransformation<?>) ? from
                : new PartitionTransformation<>(from, switch (times) {
                    case SHARED -> new KeyGroupStreamPartitioner<>(key, PARALLELISM_MAX);
                    case OWN, OF_PARTITIONS -> new InBandPartitioner(key, PARALLELISM_MAX);
                });
    }

    /// Names what a checkpoint holds of a step.
    private <T extends Transformation<Row>> T named(T transformation, String uid) {
        transformation.setUid(uid);
        transformation.setMaxParallelism(PARALLELISM_MAX);
        return transformation;
    }

    /// The key of a step's row.
    private static final class KeyOfRow implements KeySelector<Row, Key>, ResultTypeQueryable<Key> {
        private final Step step;
        private final int input;
        private final Context context;
        private transient StepKeys keys;

        KeyOfRow(Step step, int input, Context context) {
            this.step = step;
            this.input = input;
            this.context = context;
        }

        @Override
        public Key getKey(Row row) {
            if (keys == null) {
                Evaluation evaluation = Evaluation.in(context);
                keys = StepKeys.of(step, evaluation);
            }
            return keys.key(input, row);
        }

        @Override
        public TypeInformation<Key> getProducedType() {
            return PlainType.KEY;
        }
    }
}
