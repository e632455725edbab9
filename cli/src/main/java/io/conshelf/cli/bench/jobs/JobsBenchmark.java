package io.conshelf.cli.bench.jobs;

import io.conshelf.cli.bench.Benchmark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// Events a second of jobs, beside the same jobs written by hand for Flink: both on Flink in this process, with the same files, as many tasks, and without
/// checkpoints, from the first line read to the last row written as JSON. Then how long an event takes until its row answers a query ([JobLatency]), messages
/// a second of a pipeline of Data Processor ([PipelineRates]), and jq expressions beside the machine's jq ([JqRates]).
public final class JobsBenchmark implements Benchmark {
    private static final String STREAM = "stream";
    private static final String PIPELINE = "pipeline";
    private static final String JQ = "jq";
    private static final int PARALLELISM = 2;
    private static final int WARM_UP_ROUNDS = 2;
    private static final int READINGS = 1_000_000;
    private static final int READINGS_FULL = 5_000_000;

    @Override
    public void run(Effort effort, Consumer<Figure> figures) {
        int count = effort.size() == Effort.Size.FULL ? READINGS_FULL : READINGS;
        try {
            if (effort.includes(STREAM)) {
                measure(effort, count, figures);
                JobLatency.measure(effort, figures);
            }
            if (effort.includes(PIPELINE)) {
                PipelineRates.measure(effort, figures);
            }
            if (effort.includes(JQ)) {
                JqRates.measure(effort, figures);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the benchmark of jobs failed: " + e.getMessage(), e);
        }
    }

    @Override
    public Set<String> parts() {
        return Set.of(STREAM, PIPELINE, JQ);
    }

    private static void measure(Effort effort, int count, Consumer<Figure> figures) throws IOException {
        Path folder = Files.createTempDirectory("conshelf-bench-jobs");
        try {
            Benchmark.say("writing %,d events".formatted(count));
            measure(effort, ReadingFiles.write(folder, count), figures);
        } finally {
            try (var files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    Files.delete(file);
                }
            }
            Files.delete(folder);
        }
    }

    private static void measure(Effort effort, ReadingFiles files, Consumer<Figure> figures) {
        HandWrittenJobs theirs = new HandWrittenJobs(files, PARALLELISM);
        try (OurJobs ours = new OurJobs(files, PARALLELISM)) {
            for (Query query : Query.values()) {
                List<Double> ourRates = new ArrayList<>();
                List<Double> theirRates = new ArrayList<>();
                for (int round = 1 - WARM_UP_ROUNDS; round <= effort.rounds(); round++) {
                    double our = rate(files, () -> ours.run(query));
                    long ourRows = Tally.rows();
                    double their = rate(files, () -> theirs.run(query));
                    if (Tally.rows() != ourRows || ourRows == 0) {
                        throw new IllegalStateException("'%s' gives %d rows, written by hand it gives %d".formatted(query.title(), ourRows, Tally.rows()));
                    }
                    Benchmark.say("%s, %,d rows: ours %,.0f events/s, by hand %,.0f".formatted(query.title(), ourRows, our, their));
                    if (round > 0) {
                        ourRates.add(our);
                        theirRates.add(their);
                    }
                }
                figures.accept(Figure.of("jobs " + query.title(), ourRates, theirRates, "written by hand for Flink", "events/s"));
            }
        }
    }

    private static double rate(ReadingFiles files, Work work) {
        Tally.start();
        Benchmark.milliseconds(work);
        return files.count() / Tally.seconds();
    }
}
