package io.conshelf.cli.bench.jobs;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.flink.JobRunner;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.JsonRead;
import io.conshelf.streams.value.Row;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Runs the queries as jobs of ours.
final class OurJobs implements AutoCloseable {
    private static final Duration LIMIT = Duration.ofMinutes(10);

    private final ReadingFiles files;
    private final JobRunner runner;

    OurJobs(ReadingFiles files, int parallelism) {
        this.files = files;
        this.runner = new JobRunner(JobRunner.Settings.DEFAULT.withParallelism(parallelism).withCheckpoints(Duration.ZERO));
    }

    void run(Query query) throws InterruptedException {
        QueryContext context = new QueryContext(Map.of("readings", InputType.STREAM, "commands", InputType.STREAM), Set.of(), Set.of(), Compatibility.V1_2);
        Compiled compiled = Queries.compile(query.text(), context);
        StreamJob job = new StreamJob("bench-" + query.name(), compiled.plan().orElseThrow(() -> new IllegalStateException(compiled.errors().toString())),
                Context.DEFAULT, Map.of("readings", new Files(files.readings()), "commands", new Files(files.commands())), Map.of(),
                Map.of("output", Counting::new), Policies.DEFAULT);
        RunningJob running = runner.start(job, new StartMode.Everything());
        if (!running.await(LIMIT) || running.problem().isPresent()) {
            throw new IllegalStateException("the job of '%s' did not end well: %s".formatted(query.title(), running.problem().orElse("it still runs")));
        }
    }

    @Override
    public void close() {
        runner.close();
    }

    private record Files(List<String> paths) implements EventInput {
        @Override
        public List<String> partitions() {
            return paths;
        }

        @Override
        public EventPartition open(String partition, Start start) throws InputException {
            try {
                return new FilePartition(new Lines(partition));
            } catch (IOException e) {
                throw new InputException(partition, e);
            }
        }

        @Override
        public boolean isBounded() {
            return true;
        }

        @Override
        public boolean tellsArrival() {
            return false;
        }

        @Override
        public int partitionsMax() {
            return paths.size();
        }
    }

    private static final class FilePartition implements EventPartition {
        private static final int AT_A_TIME = 1_000;

        private final Lines lines;
        private final JsonRead reading = new JsonRead(JsonRead.Reading.PLAIN);
        private boolean isEnded;

        FilePartition(Lines lines) {
            this.lines = lines;
        }

        @Override
        public void poll(Duration wait, Events out) throws InputException {
            Tally.read();
            try {
                for (int i = 0; i < AT_A_TIME; i++) {
                    Optional<byte[]> line = lines.next();
                    if (line.isEmpty()) {
                        isEnded = true;
                        return;
                    }
                    try (JsonParser parser = JsonRead.FACTORY.createParser(line.get())) {
                        if (parser.nextToken() == JsonToken.START_OBJECT) {
                            out.event(reading.event(parser), 0);
                        }
                    }
                }
            } catch (IOException e) {
                throw new InputException("the file of the benchmark", e);
            }
        }

        @Override
        public byte[] position() {
            return new byte[0];
        }

        @Override
        public boolean isEnded() {
            return isEnded;
        }

        @Override
        public long backlog() {
            return 0;
        }

        @Override
        public void close() {
            try {
                lines.close();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        }
    }

    /// Makes JSON of rows and counts it.
    private static final class Counting implements EventTarget {
        @Override
        public List<String> check(List<String> columns) {
            return List.of();
        }

        @Override
        public Writer open(String writer) {
            return new Writer() {
                private long rows;
                private long bytes;
                private boolean isClosed;

                @Override
                public void write(Row row) {
                    rows++;
                    bytes += JsonPrint.text(row.event()).getBytes(StandardCharsets.UTF_8).length;
                }

                @Override
                public byte[] prepare(long checkpoint) {
                    return new byte[0];
                }

                @Override
                public void commit(byte[] prepared) {}

                @Override
                public void close() {
                    if (!isClosed) {
                        isClosed = true;
                        Tally.wrote(rows, bytes);
                    }
                }
            };
        }

        @Override
        public void close() {}
    }
}
