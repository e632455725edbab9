package io.conshelf.streams.flink;

import io.conshelf.connectors.file.DurableFile;
import io.conshelf.streams.input.EventInput.Start;
import io.conshelf.streams.operator.EventOrdering;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.run.JobHost;
import io.conshelf.streams.run.Places;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.value.Ticks;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.streaming.api.graph.StreamGraph;

/// Runs jobs in this process, on a Flink cluster that starts with the first of them.
public final class JobRunner implements JobHost {
    private final Settings settings;
    private final Clock clock;
    private final Path folder;
    private final Map<String, FlinkJob> jobs = new ConcurrentHashMap<>();
    /// Slots that each job takes while it is under way.
    private final Map<String, Integer> slots = new ConcurrentHashMap<>();
    private Optional<EmbeddedCluster> cluster = Optional.empty();

    /// @param folder      where checkpoints are kept; empty: in a temporary folder, and nothing outlives the process
    /// @param parallelism how many tasks each step is spread over at least; more where the job has the streaming units for them, and the machine processors;
    ///                    at most [Tasks#STATED_MAX]
    /// @param checkpoints how often what was written is shown and what was read is acknowledged; zero: never before the inputs end, for runs that
    ///                    nobody goes on with
    /// @param heldRowsMax how many rows may wait for a partition that is far behind, before the others are no longer read
    public record Settings(Optional<Path> folder, int parallelism, Duration checkpoints, long heldRowsMax) {
        public Settings {
            if (parallelism < 1 || parallelism > Tasks.STATED_MAX) {
                throw new IllegalArgumentException("a step is spread over 1 to %d tasks, not %d".formatted(Tasks.STATED_MAX, parallelism));
            }
        }

        public static final Settings DEFAULT = new Settings(Optional.empty(), 1, Duration.ofSeconds(2), HeldRoom.ROWS_MAX);

        public Settings withFolder(Path folder) {
            return new Settings(Optional.of(folder), parallelism, checkpoints, heldRowsMax);
        }

        public Settings withParallelism(int parallelism) {
            return new Settings(folder, parallelism, checkpoints, heldRowsMax);
        }

        public Settings withHeldRowsMax(long heldRowsMax) {
            return new Settings(folder, parallelism, checkpoints, heldRowsMax);
        }

        public Settings withCheckpoints(Duration checkpoints) {
            return new Settings(folder, parallelism, checkpoints, heldRowsMax);
        }
    }

    public JobRunner(Settings settings) {
        this(settings, Clock.systemUTC());
    }

    public JobRunner(Settings settings, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        try {
            this.folder = settings.folder().isPresent() ? Files.createDirectories(settings.folder().get()) : Files.createTempDirectory("conshelf-jobs");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public synchronized RunningJob start(StreamJob job, StartMode mode) throws InterruptedException {
        FlinkJob before = jobs.get(job.name());
        if (before != null && !before.state().isOver()) {
            throw new IllegalStateException("job '%s' is %s".formatted(job.name(), before.state().title()));
        }
        RunFolder run = new RunFolder(folder, job.name());
        RunRecord record = switch (mode) {
            case StartMode.Now _ -> begin(job, now());
            case StartMode.From(long ticks) -> begin(job, ticks);
            case StartMode.Everything _ -> begin(job, Long.MIN_VALUE);
            case StartMode.LastStopped _, StartMode.Continue _ -> run.record().orElseThrow(() ->
                    new IllegalStateException("job '%s' has never run, so it cannot go on".formatted(job.name())));
        };
        boolean goesOn = switch (mode) {
            case StartMode.Now _, StartMode.From _, StartMode.Everything _ -> false;
            case StartMode.LastStopped _, StartMode.Continue _ -> true;
        };
        Optional<String> from = goesOn ? run.newest() : Optional.empty();
        if (goesOn && !isOfUse(run, from, record, job)) {
            record = begin(job, lastOutput(run).orElse(record.firstTicks()));
            from = Optional.empty();
        }
        record = record.at(job.places());
        int tasks = tasks(job);
        if (from.isPresent()) {
            run.goOn(record);
        } else {
            run.begin(record);
        }
        StreamGraph graph = JobPlan.graph(job, record, reader() + '\n' + job.name(), tasks, settings.heldRowsMax(), configuration(run));
        from.ifPresent(path -> graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(path, false, RecoveryClaimMode.CLAIM)));
        FlinkJob started = cluster().submit(job.name(), record.id(), run, inputs(job), JobPlan.writers(graph), graph.getJobGraph());
        jobs.put(job.name(), started);
        slots.put(job.name(), tasks);
        return started;
    }

    private int tasks(StreamJob job) {
        int wanted = Tasks.of(settings.parallelism(), job.policies().streamingUnits(), Runtime.getRuntime().availableProcessors());
        int taken = jobs.entrySet().stream().filter(other -> !other.getValue().state().isOver()).mapToInt(other -> slots.getOrDefault(other.getKey(), 0)).sum();
        return Tasks.within(wanted, settings.parallelism(), Tasks.SLOTS - taken).orElseThrow(() -> new IllegalStateException("""
                job '%s' finds no room: jobs under way have %d of the %d tasks that this process runs; stop one of them, or run it on a Flink cluster (--flink)"""
                .formatted(job.name(), taken, Tasks.SLOTS)));
    }

    /// Whether the job can go on with what it was: what the steps of another query remember is of no use, nor are positions in another input, nor rows for
    /// another output that has not shown them. Then it reads back instead.
    private static boolean isOfUse(RunFolder run, Optional<String> checkpoint, RunRecord record, StreamJob job) {
        if (StoppedAt.isLost(run.path())) {
            requireReadAgain(job);
            return false;
        }
        boolean isShown = checkpoint.map(run::isSettled).orElse(true);
        Places places = record.places();
        boolean isOfUse = record.planHash().equals(RunFolder.hash(job)) && !places.readElsewhere(job.places()) && (isShown || !places.writeElsewhere(job.places()));
        if (!isOfUse && !isShown && places.keepRows()) {
            requireReadAgain(job, places);
        }
        return isOfUse;
    }

    /// Rows that were not shown come again only where what they were made of can be read again.
    private static void requireReadAgain(StreamJob job, Places before) {
        Optional<String> lost = notReadAgain(job);
        if (lost.isPresent() || before.readElsewhere(job.places())) {
            throw new IllegalStateException("""
                    the job has rows that it had not written yet (for %s) when it was ended and changed, and %s: define it as it was, start it and stop it \
                    once, so that they are written, or do without them and start it now or at a time""".formatted(
                    before.outputs().values().stream().filter(place -> !place.isEmpty()).sorted().collect(Collectors.joining(", ")),
                    lost.map("what input '%s' gave cannot be read again"::formatted).orElse("its input is another one now")));
        }
    }

    private static void requireReadAgain(StreamJob job) {
        notReadAgain(job).ifPresent(input -> {
            throw new IllegalStateException("rows of the job were lost before they were written, and what input '%s' gave cannot be read again: start it now or at a time"
                    .formatted(input));
        });
    }

    private static Optional<String> notReadAgain(StreamJob job) {
        return job.inputs().entrySet().stream().filter(input -> !input.getValue().canBeReadAgain()).map(Map.Entry::getKey).findFirst();
    }

    /// A name that jobs kept elsewhere do not have, also where theirs is the same.
    private String reader() {
        // no job has a folder with a dot
        Path file = folder.resolve(".reader");
        try {
            if (Files.notExists(file)) {
                DurableFile.write(file, UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII));
            }
            String name = Files.readString(file);
            if (name.isBlank()) {
                throw new IllegalStateException("""
                        '%s' is empty, and by what stood in it stores know who has read what; delete it, and the jobs are a reader that those stores do not \
                        know""".formatted(file));
            }
            return name;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Set<String> inputs(StreamJob job) {
        return job.plan().steps().stream().filter(Step.Source.class::isInstance).map(step -> ((Step.Source) step).input()).collect(Collectors.toSet());
    }

    private RunRecord begin(StreamJob job, long firstTicks) {
        if (firstTicks == Long.MIN_VALUE) {
            return new RunRecord(newId(job), new Start.Earliest(), firstTicks, RunFolder.hash(job), job.places());
        }
        long read = Math.max(0, firstTicks - job.plan().lookBackTicks() - EventOrdering.EARLY_MAX);
        return new RunRecord(newId(job), new Start.From(read), firstTicks, RunFolder.hash(job), job.places());
    }

    /// The time of the last row that the job of another query gave, of which it wrote down no more.
    private static Optional<Long> lastOutput(RunFolder run) {
        return StoppedAt.read(run.path());
    }

    private static RunId newId(StreamJob job) {
        return new RunId(job.name() + '-' + UUID.randomUUID().toString().substring(0, 8));
    }

    private long now() {
        return Ticks.of(clock.instant());
    }

    private EmbeddedCluster cluster() throws InterruptedException {
        if (cluster.isEmpty()) {
            cluster = Optional.of(EmbeddedCluster.start(Tasks.max(settings.parallelism(), Runtime.getRuntime().availableProcessors())));
        }
        return cluster.get();
    }

    private Configuration configuration(RunFolder run) {
        Configuration configuration = common(settings.checkpoints());
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, run.checkpoints());
        return configuration;
    }

    /// What every job runs with, here and elsewhere.
    static Configuration common(Duration checkpoints) {
        Configuration configuration = new Configuration();
        if (checkpoints.isPositive()) {
            configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, checkpoints);
            configuration.set(CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION, ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
            // A checkpoint that fails is tried again with the next.
            configuration.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, Integer.MAX_VALUE);
        }
        configuration.set(ExecutionOptions.BUFFER_TIMEOUT, Duration.ofMillis(10));
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "exponential-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_INITIAL_BACKOFF, Duration.ofMillis(500));
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_EXPONENTIAL_DELAY_MAX_BACKOFF, Duration.ofSeconds(30));
        return configuration;
    }

    private static boolean isUnderWay(FlinkJob job) {
        return switch (job.state()) {
            case RUNNING, DEGRADED -> true;
            case STARTING, RESTARTING, STOPPING, STOPPED, FAILED -> false;
        };
    }

    @Override
    public synchronized void close() {
        for (FlinkJob job : jobs.values()) {
            try {
                if (settings.folder().isEmpty() && isUnderWay(job)) {
                    // nobody can go on, so what is held back for a larger file is written now
                    job.stop();
                } else {
                    job.cancel();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        cluster.ifPresent(EmbeddedCluster::close);
        cluster = Optional.empty();
        if (settings.folder().isEmpty()) {
            RunFolder.delete(folder);
        }
    }
}
