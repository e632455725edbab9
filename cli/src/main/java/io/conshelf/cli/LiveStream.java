package io.conshelf.cli;

import io.conshelf.streams.flink.FlinkCluster;
import io.conshelf.streams.flink.JobRunner;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.run.JobHost;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.JobMetrics.OutputCount;
import io.conshelf.streams.run.JobState;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.run.StreamJobs;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Ticks;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Runs a job over live inputs until it is stopped, or all of them end.
final class LiveStream {
    private static final Duration LOOKING = Duration.ofMillis(500);
    private static final Duration CHECKPOINTS = Duration.ofSeconds(10);

    private final ReadyJob job;
    private final Surroundings surroundings;
    private final StreamReport report;
    private final Optional<String> flink;
    private final String start;

    LiveStream(ReadyJob job, Surroundings surroundings, StreamReport report, Optional<String> flink, String start) {
        this.job = job;
        this.surroundings = surroundings;
        this.report = report;
        this.flink = flink;
        this.start = start;
    }

    /// @param interruption open until what is reported has been said
    void run(Interruption interruption) throws Exception {
        StartMode mode = mode();
        List<String> obstacles = new ArrayList<>();
        StreamJob bound = StreamJobs.bind(job.definition().name(), job, surroundings, obstacles);
        obstacles.addAll(StreamJobs.differences(job, surroundings));
        if (!obstacles.isEmpty()) {
            report.failed(String.join("\n  ", obstacles));
            return;
        }
        if (mode instanceof StartMode.Now) {
            tellOfFolders();
        }
        Path folder = Files.createTempDirectory("conshelf-stream-");
        try (JobHost host = host(folder)) {
            RunningJob running = host.start(bound, mode);
            try (StreamProgress progress = StreamProgress.on(System.err)) {
                Thread waiting = Thread.currentThread();
                interruption.stops(() -> Thread.ofVirtual().start(() -> stop(running, progress)), waiting::interrupt);
                Optional<String> waited = Optional.empty();
                while (!running.await(LOOKING)) {
                    Optional<String> problem = running.problem();
                    JobState state = running.state();
                    progress.show(state, running.metrics(), problem);
                    // What it waited for is what it waited for before it was stopped: its inputs are let go first.
                    if (state != JobState.STOPPING && !state.isOver()) {
                        waited = problem;
                    }
                }
                waited.ifPresent(report::waited);
            }
            tell(running);
        } finally {
            TemporaryFolder.delete(folder);
        }
    }

    /// What lies in a folder mostly is from before now, and then gives no rows: nothing would say why.
    private void tellOfFolders() {
        for (Step step : job.plan().steps()) {
            if (step instanceof Step.Source source && source.time() instanceof Step.EventTime.By
                    && job.definition().input(source.input()).filter(input -> input.datasource().equals(Datasources.FILE)).isPresent()) {
                System.err.println("note: input '" + source.input() + "' is a folder, and --start is now: rows of earlier times are not written;"
                        + " --start earliest, or a time, writes them");
            }
        }
    }

    private JobHost host(Path folder) {
        if (flink.isPresent()) {
            return new FlinkCluster(URI.create(flink.get()), Math.max(1, job.definition().policies().streamingUnits() / 6), CHECKPOINTS);
        }
        return new JobRunner(JobRunner.Settings.DEFAULT.withFolder(folder));
    }

    private static void stop(RunningJob running, StreamProgress progress) {
        progress.say("stopping …");
        try {
            running.stop();
        } catch (InterruptedException ending) {
            Thread.currentThread().interrupt();
        }
    }

    private StartMode mode() {
        return switch (start) {
            case "now" -> new StartMode.Now();
            case "earliest" -> new StartMode.Everything();
            default -> {
                try {
                    yield new StartMode.From(Ticks.of(OffsetDateTime.parse(start).toInstant()));
                } catch (DateTimeParseException notATime) {
                    throw new CommandFailure("--start is now, earliest, or a time such as 2026-01-31T08:00:00Z, found '" + start + "'", notATime);
                }
            }
        };
    }

    private void tell(RunningJob running) {
        JobMetrics metrics = running.metrics();
        report.metrics(metrics.byName());
        report.diagnosed(running.diagnostics());
        for (Output output : job.definition().outputs()) {
            OutputCount count = metrics.outputs().getOrDefault(output.name(), new OutputCount(0, 0));
            report.output(output.name(), count.rows(), count.refused());
        }
        if (running.state() == JobState.FAILED) {
            report.failed(running.problem().orElse("the job failed"));
        }
    }
}
