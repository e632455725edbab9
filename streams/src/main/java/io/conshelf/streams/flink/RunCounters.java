package io.conshelf.streams.flink;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.operator.Loss;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.ErrorTally;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.JobMetrics.OutputCount;
import io.conshelf.streams.value.Ticks;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// What the tasks of a run that are in this process have done.
final class RunCounters {
    private static final int TOLD_MAX = 5;
    private static final Map<RunId, RunCounters> RUNS = new ConcurrentHashMap<>();

    final LongAdder inputEvents = new LongAdder();
    final LongAdder inputSources = new LongAdder();
    final LongAdder inputBytes = new LongAdder();
    final LongAdder outputEvents = new LongAdder();
    final LongAdder late = new LongAdder();
    final LongAdder outOfOrder = new LongAdder();
    final LongAdder early = new LongAdder();
    final LongAdder conversionErrors = new LongAdder();
    final LongAdder deserializationErrors = new LongAdder();
    final LongAdder runtimeErrors = new LongAdder();
    /// By the task that writes.
    private final Map<String, Shown> shown = new ConcurrentHashMap<>();
    /// Tasks that have shown all they will ever have: their inputs are over.
    private final Set<String> over = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Optional<Kept>> kept = new AtomicReference<>(Optional.empty());
    /// By what reads or writes: what it waits for.
    private final Map<String, String> problems = new ConcurrentHashMap<>();
    private final Set<String> open = ConcurrentHashMap.newKeySet();
    /// Of inputs that have an end: where each partition was read from first.
    private final Map<String, byte[]> begun = new ConcurrentHashMap<>();
    private final Map<String, Long> backlogs = new ConcurrentHashMap<>();
    private final Map<String, Long> watermarks = new ConcurrentHashMap<>();
    private final ErrorTally diagnosed = new ErrorTally();
    private final Map<String, OfOutput> outputs = new ConcurrentSkipListMap<>(String.CASE_INSENSITIVE_ORDER);

    /// The time of the last output that the folder has of this run.
    private long keptTicks;

    private volatile boolean isStopping;

    private final Map<Integer, HeldRoom> rooms = new ConcurrentHashMap<>();

    /// The time of the latest row that a task has shown; 0 where it had none up to this checkpoint.
    private record Shown(long checkpoint, long ticks) {}

    private record Kept(Path folder, SortedMap<String, Integer> writers) {
        private Stream<String> tasks() {
            return writers.entrySet().stream().flatMap(output -> tasks(output.getKey(), output.getValue()));
        }

        private static Stream<String> tasks(String output, int count) {
            return IntStream.range(0, count).mapToObj(task -> writer(output, task));
        }

        private List<String> outputsThatAre(Set<String> over) {
            return writers.entrySet().stream().filter(output -> tasks(output.getKey(), output.getValue()).allMatch(over::contains)).map(Map.Entry::getKey).toList();
        }
    }

    /// As who a task writes.
    static String writer(String output, int task) {
        return output + '#' + task;
    }

    record OfOutput(LongAdder rows, LongAdder refused) {}

    static RunCounters of(RunId run) {
        return RUNS.computeIfAbsent(run, _ -> new RunCounters());
    }

    static void forget(RunId run) {
        RUNS.remove(run);
    }

    void error(DataError error) {
        errors(error, 1);
    }

    /// @param example one of so many
    void errors(DataError example, long count) {
        switch (example.type()) {
            case "LateInputEvent" -> late.add(count);
            case "EarlyInputEvent" -> early.add(count);
            case "OutOfOrderEvent" -> outOfOrder.add(count);
            // the service's metric counts what goes wrong with the query
            case Loss.TYPE -> runtimeErrors.add(count);
            case DataError.LOST -> {
                // nothing was wrong with them
            }
            default -> {
                if (example.type().startsWith("OutputDataConversionError")) {
                    conversionErrors.add(count);
                } else {
                    deserializationErrors.add(count);
                }
            }
        }
        synchronized (diagnosed) {
            diagnosed.add(example, count);
        }
    }

    /// What ends the run.
    void runtimeError(DataError error) {
        runtimeErrors.increment();
        synchronized (diagnosed) {
            diagnosed.add(error, 1);
        }
    }

    List<Diagnosed> diagnosed() {
        synchronized (diagnosed) {
            return diagnosed.all();
        }
    }

    void waitsFor(String who, String problem) {
        problems.put(who, problem);
    }

    void goesOn(String who) {
        problems.remove(who);
    }

    /// @param who the partition
    Optional<byte[]> begun(String who) {
        return Optional.ofNullable(begun.get(who));
    }

    void begun(String who, byte[] position) {
        begun.putIfAbsent(who, position);
    }

    /// The next checkpoints may be its last.
    void stopping() {
        isStopping = true;
    }

    boolean isStopping() {
        return isStopping;
    }

    /// Everything that is waited for, always in the same order.
    Optional<String> problem() {
        return problems.entrySet().stream().sorted(Map.Entry.comparingByKey()).map(Map.Entry::getValue).distinct().limit(TOLD_MAX)
                .reduce((one, other) -> one + "; " + other);
    }

    /// Of steps that rows flow between.
    HeldRoom room(int group, long rowsMax) {
        return rooms.computeIfAbsent(group, _ -> new HeldRoom(rowsMax, this));
    }

    /// An input is being read.
    void opened(String input) {
        open.add(input);
    }

    boolean areOpen(Set<String> inputs) {
        return open.containsAll(inputs);
    }

    void backlog(String who, long messages) {
        if (messages >= 0) {
            backlogs.put(who, messages);
        }
    }

    void watermark(String who, long ticks) {
        watermarks.put(who, ticks);
    }

    void wrote(OfOutput output) {
        outputEvents.increment();
        output.rows().increment();
    }

    /// Keeps the time of the last output there, for a job that goes on with another query. Outputs that were over when the job was ended are not run again, and
    /// nobody would tell of them.
    ///
    /// @param writers how many tasks write, by output
    void keepIn(Path folder, Map<String, Integer> writers) {
        Kept all = new Kept(folder, new TreeMap<>(writers));
        StoppedAt.over(folder).stream().filter(writers::containsKey).forEach(output -> Kept.tasks(output, writers.get(output)).forEach(over::add));
        kept.set(Optional.of(all));
    }

    /// Keeps that rows of a checkpoint cannot be shown any more, so that nobody goes on from it.
    ///
    /// @return whether that is kept; elsewhere nobody goes on with a job
    boolean lost() {
        return kept.get().map(all -> StoppedAt.lost(all.folder())).orElse(false);
    }

    /// Rows up to this time can be seen where they were written to; 0: there were none up to this checkpoint.
    synchronized void shown(String who, long checkpoint, long ticks) {
        shown.put(who, new Shown(checkpoint, ticks));
        keep();
    }

    /// What a task has shown is all it has. While others go on, its time, which stands still, says nothing of where they are.
    synchronized void over(String who) {
        if (over.add(who)) {
            kept.get().filter(all -> !all.outputsThatAre(over).isEmpty()).ifPresent(all -> StoppedAt.over(all.folder(), all.outputsThatAre(over)));
        }
        keep();
    }

    /// A task begins, perhaps anew.
    void begins(String who) {
        over.remove(who);
    }

    private void keep() {
        long last = lastOutput();
        if (last != 0 && last != keptTicks) {
            kept.get().filter(this::isKnown).ifPresent(all -> {
                StoppedAt.write(all.folder(), last);
                keptTicks = last;
            });
        }
    }

    /// A task of which nothing is known, as its store is away, may be behind all others, and one without rows may have had some since: what was kept before
    /// holds for them.
    private boolean isKnown(Kept all) {
        long newest = shown.values().stream().mapToLong(Shown::checkpoint).max().orElse(0);
        return all.tasks().allMatch(task -> over.contains(task) || shown.get(task) instanceof Shown told && (told.ticks() != 0 || told.checkpoint() == newest));
    }

    /// The earliest of what the tasks have shown last, so that none loses a row; 0 where nothing was shown.
    private long lastOutput() {
        return earliest(who -> !over.contains(who)).orElseGet(() -> earliest(_ -> true).orElse(0));
    }

    private OptionalLong earliest(Predicate<String> of) {
        return shown.entrySet().stream().filter(one -> of.test(one.getKey()) && one.getValue().ticks() != 0).mapToLong(one -> one.getValue().ticks()).min();
    }

    private static long earliest(long one, long other) {
        return one == 0 || other == 0 ? Math.max(one, other) : Math.min(one, other);
    }

    /// An output could not take a row.
    void refused(OfOutput output, DataError error) {
        output.refused().increment();
        error(error);
    }

    /// Rows that an output seemed to take, and did not when it came to them.
    void refusedLater(OfOutput output, DataError example, long rows) {
        outputEvents.add(-rows);
        output.rows().add(-rows);
        output.refused().add(rows);
        errors(example, rows);
    }

    OfOutput output(String name) {
        return outputs.computeIfAbsent(name, _ -> new OfOutput(new LongAdder(), new LongAdder()));
    }

    private SortedMap<String, OutputCount> outputs() {
        SortedMap<String, OutputCount> counts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        outputs.forEach((name, count) -> counts.put(name, new OutputCount(count.rows().sum(), count.refused().sum())));
        return counts;
    }

    private static SortedMap<String, OutputCount> together(SortedMap<String, OutputCount> one, SortedMap<String, OutputCount> other) {
        SortedMap<String, OutputCount> counts = new TreeMap<>(one);
        other.forEach((name, count) -> counts.merge(name, count, OutputCount::plus));
        return counts;
    }

    /// Those of several processes together.
    static JobMetrics together(JobMetrics one, JobMetrics other) {
        return new JobMetrics(one.inputEvents() + other.inputEvents(), one.inputSourcesReceived() + other.inputSourcesReceived(), one.inputEventBytes() + other.inputEventBytes(),
                one.outputEvents() + other.outputEvents(), one.lateInputEvents() + other.lateInputEvents(),
                one.outOfOrderEvents() + other.outOfOrderEvents(), one.earlyInputEvents() + other.earlyInputEvents(),
                one.dataConversionErrors() + other.dataConversionErrors(), one.inputDeserializationErrors() + other.inputDeserializationErrors(),
                one.runtimeErrors() + other.runtimeErrors(), Math.max(one.watermarkDelaySeconds(), other.watermarkDelaySeconds()),
                one.backloggedInputEvents() + other.backloggedInputEvents(), earliest(one.lastOutputEventTicks(), other.lastOutputEventTicks()),
                together(one.outputs(), other.outputs()));
    }

    JobMetrics metrics() {
        long now = Ticks.of(Instant.now());
        long behind = watermarks.values().stream().filter(ticks -> ticks > Long.MIN_VALUE && ticks < Long.MAX_VALUE).mapToLong(Long::longValue).min()
                .stream().map(ticks -> Math.max(0, (now - ticks) / 10_000_000)).findFirst().orElse(0);
        return new JobMetrics(inputEvents.sum(), inputSources.sum(), inputBytes.sum(), outputEvents.sum(), late.sum(), outOfOrder.sum(), early.sum(), conversionErrors.sum(),
                deserializationErrors.sum(), runtimeErrors.sum(), behind, backlogs.values().stream().mapToLong(Long::longValue).sum(), lastOutput(), outputs());
    }
}
