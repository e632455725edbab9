package io.conshelf.cli.bench.jobs;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.streams.expression.Context;
import io.conshelf.streams.flink.JobRunner;
import io.conshelf.streams.format.EventReader;
import io.conshelf.streams.format.EventSink;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.format.RowEncoder;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.input.InputException;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.OutputException;
import io.conshelf.streams.plan.Compiled;
import io.conshelf.streams.plan.Queries;
import io.conshelf.streams.plan.QueryContext;
import io.conshelf.streams.run.RunningJob;
import io.conshelf.streams.run.StartMode;
import io.conshelf.streams.run.StreamJob;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
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
                return new FilePartition(partition);
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
        private static final InputFormat FORMAT = InputFormat.of("readings", JsonNodeFactory.instance.objectNode(), Compatibility.V1_2, List.of());

        private final EventReader.Events events;
        private boolean isEnded;

        FilePartition(String file) throws IOException {
            events = FORMAT.reader().file(java.nio.file.Files.newInputStream(Path.of(file)), file);
        }

        @Override
        public void poll(Duration wait, Events out) throws InputException {
            Tally.read();
            EventSink sink = new EventSink() {
                @Override
                public void event(Value.Record event) {
                    out.event(event, 0);
                }

                @Override
                public void broken(DataError error) {
                    out.broken(error);
                }
            };
            try {
                for (int i = 0; i < AT_A_TIME && !isEnded; i++) {
                    isEnded = !events.next(sink);
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
                events.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
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
        public Writer open(String writer) throws OutputException {
            try {
                return new CountingWriter();
            } catch (IOException e) {
                throw new OutputException("the benchmark's output", e);
            }
        }

        @Override
        public void close() {}
    }

    private static final class CountingWriter implements EventTarget.Writer {
        private final CountingStream bytes = new CountingStream();
        private final RowEncoder rows = OutputFormat.LINES.open(bytes);
        private long count;
        private boolean isClosed;

        CountingWriter() throws IOException {}

        @Override
        public void write(Row row) throws OutputException {
            count++;
            try {
                rows.write(row.event());
            } catch (IOException e) {
                throw new OutputException("the benchmark's output", e);
            }
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
                try {
                    rows.close();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                Tally.wrote(count, bytes.count);
            }
        }
    }

    private static final class CountingStream extends OutputStream {
        private long count;

        @Override
        public void write(int one) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            count += length;
        }
    }
}
