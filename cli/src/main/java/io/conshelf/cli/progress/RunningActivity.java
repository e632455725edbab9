package io.conshelf.cli.progress;

import io.conshelf.factory.ActivityRun;
import io.conshelf.factory.activity.ActivityContext.Progress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;

/// An activity that runs, and how fast it gets on.
final class RunningActivity {
    /// A rate is what moved in this time: long enough to be calm, short enough to show what changes.
    private static final Duration RATE_OVER = Duration.ofSeconds(5);
    /// A rate of less than this tells nothing about what is left.
    private static final Duration RATE_NEEDS = Duration.ofMillis(800);
    private static final Duration BETWEEN_SAMPLES = Duration.ofMillis(200);
    private static final Set<String> CONTAINERS = Set.of("ForEach", "Until", "IfCondition", "Switch", "ExecutePipeline");

    private final ActivityRun run;
    private final String item;
    private final Deque<Sample> samples = new ArrayDeque<>();
    private Optional<Progress> progress = Optional.empty();
    private Instant stageSince;

    private record Sample(Instant at, long bytes, long rows) {}

    RunningActivity(ActivityRun run, String item, Instant now) {
        this.run = run;
        this.item = item;
        this.stageSince = now;
        samples.add(new Sample(now, 0, 0));
    }

    ActivityRun run() {
        return run;
    }

    /// Tells it apart from others of its name: the item of a loop. Empty outside of loops.
    String item() {
        return item;
    }

    /// It runs others, which are shown themselves.
    boolean isContainer() {
        return CONTAINERS.stream().anyMatch(run.activityType()::equalsIgnoreCase);
    }

    void progressed(Progress next, Instant now) {
        if (progress.map(before -> !before.stage().equals(next.stage())).orElse(true)) {
            stageSince = now;
        }
        // A copy through a staging store reads twice, and counts anew.
        if (next.bytesRead() < samples.getLast().bytes()) {
            samples.clear();
            samples.add(new Sample(now, next.bytesRead(), next.rowsRead()));
        }
        progress = Optional.of(next);
        if (!samples.getLast().at().plus(BETWEEN_SAMPLES).isAfter(now)) {
            samples.add(new Sample(now, next.bytesRead(), next.rowsRead()));
        }
        while (samples.size() > 2 && samples.peekFirst().at().plus(RATE_OVER).isBefore(now)) {
            samples.removeFirst();
        }
    }

    Optional<Progress> progress() {
        return progress;
    }

    /// What it does, in a word.
    String stage() {
        return progress.map(Progress::stage).map(stage -> switch (stage) {
            case "listing" -> "list";
            case "transferring" -> "copy";
            case "staging" -> "read";
            case "ingesting" -> "ingest";
            default -> stage;
        }).orElse("run");
    }

    boolean isIngesting() {
        return progress.map(Progress::stage).filter("ingesting"::equals).isPresent();
    }

    Duration elapsed(Instant now) {
        return between(run.start(), now);
    }

    /// Bytes read in a second: lately while it reads, over all when it has read everything.
    double bytesPerSecond(Instant now) {
        long read = progress.map(Progress::bytesRead).orElse(0L);
        return isIngesting() ? rate(read, elapsed(now)) : rate(read - samples.getFirst().bytes(), between(samples.getFirst().at(), now));
    }

    double rowsPerSecond(Instant now) {
        long rows = progress.map(Progress::rowsRead).orElse(0L);
        return isIngesting() ? rate(rows, elapsed(now)) : rate(rows - samples.getFirst().rows(), between(samples.getFirst().at(), now));
    }

    /// What share of the source has been read; empty where nobody knows how much there is.
    Optional<Double> read() {
        return isIngesting() ? Optional.of(1.0) : progress.filter(p -> p.bytesTotal() > 0).map(p -> share(p.bytesRead(), p.bytesTotal()));
    }

    /// What share of what was read has arrived in the table; empty where nobody knows, as with a single chunk.
    Optional<Double> ingested() {
        return progress.filter(p -> isIngesting() && p.chunksStaged() > 1).map(p -> share(p.chunksIngested(), p.chunksStaged()));
    }

    /// The time that the stage goes on if it goes on as it did; empty where nobody knows how much is left.
    Optional<Duration> left(Instant now) {
        if (progress.isEmpty()) {
            return Optional.empty();
        }
        Progress p = progress.get();
        if (isIngesting()) {
            Duration since = between(stageSince, now);
            return p.chunksIngested() == 0 ? Optional.empty()
                    : Optional.of(since.multipliedBy(Math.max(0, p.chunksStaged() - p.chunksIngested())).dividedBy(p.chunksIngested()));
        }
        double rate = bytesPerSecond(now);
        boolean isTooEarly = between(samples.getFirst().at(), now).compareTo(RATE_NEEDS) < 0;
        return p.bytesTotal() <= 0 || rate < 1 || isTooEarly ? Optional.empty()
                : Optional.of(Duration.ofSeconds((long) Math.ceil(Math.max(0, p.bytesTotal() - p.bytesRead()) / rate)));
    }

    private static double share(long part, long all) {
        return Math.clamp((double) part / all, 0, 1);
    }

    private static double rate(long amount, Duration time) {
        return time.toMillis() <= 0 ? 0 : Math.max(0, amount) / (time.toNanos() / 1e9);
    }

    private static Duration between(Instant from, Instant to) {
        Duration between = Duration.between(from, to);
        return between.isNegative() ? Duration.ZERO : between;
    }
}
