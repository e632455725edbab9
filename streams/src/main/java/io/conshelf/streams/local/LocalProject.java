package io.conshelf.streams.local;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.format.EventReader;
import io.conshelf.streams.format.EventSink;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.input.DataError;
import io.conshelf.streams.input.ReferenceInput.Snapshot;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.run.Diagnosed;
import io.conshelf.streams.run.ErrorTally;
import io.conshelf.streams.run.JobMetrics;
import io.conshelf.streams.run.JobMetrics.OutputCount;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Runs a job over files that hold all its events, and counts what happens.
public final class LocalProject {
    private final ReadyJob job;
    private final Parts parts;
    private final RowRoom room;
    private final ErrorTally diagnostics = new ErrorTally();
    private long inputEvents;
    private long inputSources;
    private long inputBytes;

    /// @param base where relative paths begin
    public LocalProject(ReadyJob job, Path base, FolderAccess folders) {
        this(job, (input, part) -> readFiles(input, base, folders, part), RowRoom.endless());
    }

    private LocalProject(ReadyJob job, Parts parts, RowRoom room) {
        this.job = job;
        this.parts = parts;
        this.room = room;
    }

    /// One whose run ends where it has more rows than these, in all its steps together, or its thread is interrupted.
    public static LocalProject bounded(ReadyJob job, Opening opening, long rowsMax) {
        return new LocalProject(job, (input, part) -> part.read(opening.open(input), shown(input)), new RowRoom(rowsMax));
    }

    /// Where an input's bytes are.
    @FunctionalInterface
    public interface Opening {
        InputStream open(Input input) throws IOException, StoreException;
    }

    /// Gives what an input consists of one after another: each has its own header.
    @FunctionalInterface
    private interface Parts {
        void each(Input input, Part part) throws IOException, StoreException;
    }

    @FunctionalInterface
    private interface Part {
        void read(InputStream bytes, String shown) throws IOException;
    }

    /// Why a run ended before its rows were all there.
    public static final class LocalFailure extends Exception {
        LocalFailure(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /// What is known of a run that went through.
    public record Result(Map<String, List<Row>> rows, List<Diagnosed> diagnostics) {}

    /// @param inputs those of the job, each with a file or the events themselves
    /// @param now    the time of events that have none
    public Result run(List<Input> inputs, Instant now) throws LocalFailure {
        Map<String, LocalEvents> events = new LinkedHashMap<>();
        Map<String, List<Snapshot>> references = new LinkedHashMap<>();
        for (Input input : inputs) {
            if (job.inputsRead().stream().noneMatch(input.name()::equalsIgnoreCase)) {
                continue;
            }
            List<Value.Record> records = records(input);
            if (input.type() == InputType.REFERENCE) {
                references.put(input.name(), List.of(new Snapshot(Ticks.MIN, records)));
            } else {
                inputEvents += records.size();
                events.put(input.name(), LocalEvents.ofFile(records, Ticks.of(now)));
            }
        }
        try {
            Map<String, List<Row>> rows = new LocalRun(job.plan(), job.definition().policies(), Evaluation.in(job.context()), this::found, room).rows(events, references);
            return new Result(rows, diagnostics.all());
        } catch (RuntimeFault fault) {
            diagnostics.add(new DataError("", DataError.RUNTIME, fault.getMessage(), fault.event()), 1);
            throw new LocalFailure(fault.told(), fault);
        } catch (IllegalArgumentException noData) {
            throw new LocalFailure(noData.getMessage(), noData);
        }
    }

    /// What was wrong with data, also where the run failed.
    public List<Diagnosed> diagnostics() {
        return diagnostics.all();
    }

    /// @param outputs what became of the rows
    public JobMetrics metrics(Map<String, OutputCount> outputs, List<Diagnosed> errors) {
        return JobMetrics.ended(inputEvents, inputSources, inputBytes, errors, outputs);
    }

    private void found(DataError error) {
        diagnostics.add(job.definition().inputs().stream().filter(input -> input.name().equalsIgnoreCase(error.source())).findFirst()
                .map(input -> error.from(new DataError.Origin(shown(input), format(input).type().title()))).orElse(error), 1);
    }

    private InputFormat format(Input input) {
        return InputFormat.of(input.name(), input.properties(), job.context().level(), job.plan().declared(input.name()));
    }

    private List<Value.Record> records(Input input) throws LocalFailure {
        List<Value.Record> records = new ArrayList<>();
        EventSink sink = new EventSink() {
            @Override
            public void event(Value.Record event) {
                room.row();
                records.add(event);
            }

            @Override
            public void broken(DataError error) {
                diagnostics.add(error, 1);
            }
        };
        InputFormat format = format(input);
        try {
            parts.each(input, (bytes, shown) -> {
                inputSources++;
                read(format, new Counting(bytes), shown, sink);
            });
            return records;
        } catch (RuntimeFault tooMany) {
            throw new LocalFailure(tooMany.getMessage(), tooMany);
        } catch (IOException failure) {
            throw new LocalFailure("input '" + input.name() + "': " + shown(input) + ": " + failure.getMessage(), failure);
        } catch (StoreException refused) {
            throw new LocalFailure("input '" + input.name() + "': " + refused.getMessage(), refused);
        }
    }

    private final class Counting extends FilterInputStream {
        private Counting(InputStream bytes) {
            super(bytes);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            inputBytes += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int read = super.read(into, from, length);
            inputBytes += Math.max(0, read);
            return read;
        }
    }

    private static void read(InputFormat format, InputStream bytes, String resource, EventSink sink) throws IOException {
        try (EventReader.Events events = format.reader().file(bytes, resource)) {
            while (events.next(sink)) {
                // until nothing follows
            }
        }
    }

    private static String shown(Input input) {
        return input.datasource().equals(Datasources.FILE) ? input.settings().path("path").asText() : input.name();
    }

    /// The file of an input, or those of its folder by name.
    private static void readFiles(Input input, Path base, FolderAccess folders, Part part) throws IOException, StoreException {
        switch (input.datasource()) {
            case Datasources.RAW -> part.read(new ByteArrayInputStream(input.settings().path("payload").asText().getBytes(StandardCharsets.UTF_8)), shown(input));
            case Datasources.FILE -> {
                Path path = folders.resolve(base, input.settings().path("path").asText());
                if (!Files.isDirectory(path)) {
                    part.read(Files.newInputStream(path), shown(input));
                    return;
                }
                try (var files = Files.list(path)) {
                    for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                        part.read(Files.newInputStream(file), shown(input) + "/" + file.getFileName());
                    }
                }
            }
            default -> throw new IOException("'" + input.datasource() + "' is not a file");
        }
    }

    /// Whether an input can be read to its end here.
    public static Optional<String> obstacle(Input input) {
        boolean isFile = input.ends() && !input.datasource().equals(Datasources.BLOB);
        return isFile ? Optional.empty() : Optional.of("'" + input.name() + "' is live");
    }
}
