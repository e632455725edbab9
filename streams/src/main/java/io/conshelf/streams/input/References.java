package io.conshelf.streams.input;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.connectors.sql.SqlDialect;
import io.conshelf.streams.format.EventSink;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.input.PathPattern.Extent;
import io.conshelf.streams.input.SqlReference.Queries;
import io.conshelf.streams.input.SqlReference.SignIn;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.Durations;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.plan.Step.DeclaredColumn;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Makes of a reference input's definition what a job reads. Nothing is reached before it is opened.
public final class References {
    private final JobDefinition job;
    private final Surroundings surroundings;

    public References(JobDefinition job, Surroundings surroundings) {
        this.job = job;
        this.surroundings = surroundings;
    }

    /// @param columns what CREATE TABLE says of it
    /// @throws InputException where it may not be reached, or is not built
    public ReferenceInput of(Input input, List<DeclaredColumn> columns) throws InputException {
        Compatibility level = Compatibility.of(job.policies().compatibility()).orElse(Compatibility.V1_2);
        JsonNode settings = input.settings();
        try {
            return switch (input.datasource()) {
                case Datasources.BLOB -> new FilesReference(Inputs.container(settings, surroundings), Inputs.pattern(settings, Inputs.text(settings, "blobName")),
                        InputFormat.of(input.name(), input.properties(), level, columns));
                case Datasources.FILE -> file(settings, InputFormat.of(input.name(), input.properties(), level, columns));
                case Datasources.RAW -> new Raw(Inputs.text(settings, "payload"), InputFormat.of(input.name(), input.properties(), level, columns));
                case Datasources.SQL -> sql(input, settings, SqlDialect.SQL_SERVER, level);
                case Datasources.POSTGRES -> sql(input, settings, SqlDialect.POSTGRESQL, level);
                default -> throw new InputException("input '" + input.name() + "': reference data of '" + input.datasource() + "' is not read");
            };
        } catch (StoreException e) {
            throw new InputException("input '" + input.name() + "': " + e.getMessage(), e);
        }
    }

    private ReferenceInput file(JsonNode settings, InputFormat format) throws StoreException {
        Path path = surroundings.folders().resolve(surroundings.base(), Inputs.text(settings, "path"));
        boolean isFolder = Files.isDirectory(path);
        String root = (isFolder ? path : path.getParent()).toString();
        return new FilesReference(() -> new LocalFiles(Path.of(root)), new PathPattern(isFolder ? "" : path.getFileName().toString(), "", "",
                isFolder ? Extent.BEGINNING : Extent.WHOLE), format);
    }

    private ReferenceInput sql(Input input, JsonNode settings, SqlDialect dialect, Compatibility level) throws InputException {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("server", Inputs.text(settings, "server"));
        properties.put("database", Inputs.text(settings, "database"));
        SignIn signIn = Inputs.isIdentity(settings) ? new SignIn.Identity(Inputs.text(settings, "user")) : new SignIn.Password();
        if (signIn instanceof SignIn.Password) {
            properties.put("username", Inputs.text(settings, "user"));
            properties.put("password", Inputs.text(settings, "password"));
        }
        return new SqlReference(input.name(), dialect, Map.copyOf(properties), signIn, queries(input, settings), level, surroundings);
    }

    private static Queries queries(Input input, JsonNode settings) throws InputException {
        String type = Inputs.text(settings, "refreshType");
        String all = Inputs.text(settings, "fullSnapshotQuery");
        return switch (type.toLowerCase(Locale.ROOT)) {
            case "", "static" -> new Queries(all, "", Duration.ZERO);
            case "refreshperiodicallywithfull" -> new Queries(all, "", refresh(input, settings));
            case "refreshperiodicallywithdelta" -> {
                String changes = Inputs.text(settings, "deltaSnapshotQuery");
                if (changes.isBlank()) {
                    throw new InputException("input '%s': the refresh type '%s' needs 'deltaSnapshotQuery'".formatted(input.name(), type));
                }
                yield new Queries(all, changes, refresh(input, settings));
            }
            default -> throw new InputException(
                    "input '%s': the refresh type '%s' is not supported; there are Static, RefreshPeriodicallyWithFull and RefreshPeriodicallyWithDelta".formatted(
                            input.name(), type));
        };
    }

    private static Duration refresh(Input input, JsonNode settings) throws InputException {
        String rate = Inputs.text(settings, "refreshRate");
        return Durations.parse(rate).orElseThrow(() -> new InputException("input '%s': 'refreshRate' is hh:mm:ss, found '%s'".formatted(input.name(), rate)));
    }

    /// Rows that stand in the definition itself.
    private record Raw(String payload, InputFormat format) implements ReferenceInput {
        @Override
        public Earlier earlier() {
            return Earlier.NONE;
        }

        @Override
        public Snapshots open(long bytesMax) {
            return new Snapshots() {
                @Override
                public Snapshot first(long ticks) throws InputException {
                    List<Value.Record> records = new ArrayList<>();
                    List<DataError> errors = new ArrayList<>();
                    format.reader().message(payload.getBytes(StandardCharsets.UTF_8), format.input(), new EventSink() {
                        @Override
                        public void event(Value.Record event) {
                            records.add(event);
                        }

                        @Override
                        public void broken(DataError error) {
                            errors.add(error);
                        }
                    });
                    if (!errors.isEmpty()) {
                        throw new InputException(errors.getFirst().message());
                    }
                    return new Snapshot(Long.MIN_VALUE, records);
                }

                @Override
                public Optional<Snapshot> next() {
                    return Optional.empty();
                }

                @Override
                public void probe() throws InputException {
                    first(Ticks.MIN);
                }

                @Override
                public void close() {}
            };
        }

        @Override
        public String toString() {
            return "Raw[" + format.input() + "]";
        }
    }
}
