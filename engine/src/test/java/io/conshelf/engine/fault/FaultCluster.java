package io.conshelf.engine.fault;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// A cluster over a data folder to which something is done. `Hurt` is the database that it is done to, `Well` another one.
final class FaultCluster implements AutoCloseable {
    private final Engine engine;

    private FaultCluster(Engine engine) {
        this.engine = engine;
    }

    static FaultCluster open(Path data, Path scratch) {
        return open(data, scratch, Limits.ofThisMachine().withMemoryBytes(512L << 20));
    }

    static FaultCluster open(Path data, Path scratch, Limits limits) {
        return new FaultCluster(Engine.open(new EngineConfig(
                Optional.of(data), scratch, List.of(), List.of("Hurt", "Well"),
                limits, InstantSource.system())));
    }

    /// Tables of rows in extents and of streamed rows, in both databases.
    FaultCluster filled() {
        for (String database : List.of("Hurt", "Well")) {
            run(database, ".create table T (Id:long, Text:string)");
            run(database, ".create table S (Id:long, Text:string)");
            run(database, ".alter database " + database + " policy streamingingestion enable");
            append(database, 1, 20_000);
            stream(database, 1, 10);
        }
        return this;
    }

    void append(String database, long from, int rows) {
        run(database, ".set-or-append T <| range Id from " + from + " to " + (from + rows - 1) + " step 1 | extend Text = strcat(hash(Id), Id)");
    }

    void stream(String database, long from, int rows) {
        var csv = new StringBuilder();
        for (long id = from; id < from + rows; id++) {
            csv.append(id).append(",text ").append(id).append('\n');
        }
        engine.ingestStream(request(database), new StreamingIngestion(
                database, "S", "csv", Optional.empty(),
                new ByteArrayInputStream(csv.toString().getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    List<String> run(String database, String command) {
        try (var answer = engine.command(request(database), command)) {
            return ResultText.of(answer);
        }
    }

    List<String> query(String database, String query) {
        try (var answer = engine.query(request(database), query)) {
            return ResultText.of(answer);
        }
    }

    /// Rows and sum of the ids, of the two tables.
    String contents(String database) {
        return query(database, "union T, S | summarize count(), sum(Id)").getLast();
    }

    /// What a request is refused with.
    static ServiceError refusal(Runnable request) {
        try {
            request.run();
        } catch (KustoException e) {
            return e.error();
        }
        throw new AssertionError("it was not refused");
    }

    private static Request request(String database) {
        return new Request(Principal.LOCAL_ADMINISTRATOR, database, "fault", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.now(), Duration.ofMinutes(1), false);
    }

    /// The file of a database.
    static Path file(Path data, String database) {
        try (var files = Files.newDirectoryStream(data.resolve("databases"), "*.duckdb")) {
            for (Path file : files) {
                try (var duck = java.sql.DriverManager.getConnection("jdbc:duckdb:" + file);
                        var statement = duck.createStatement();
                        var rows = statement.executeQuery(
                                "SELECT json->>'name' FROM conshelf.entities WHERE kind = 'database' ORDER BY version DESC LIMIT 1")) {
                    rows.next();
                    if (rows.getString(1).equals(database)) {
                        return file;
                    }
                } catch (java.sql.SQLException e) {
                    throw new AssertionError(e);
                }
            }
            throw new AssertionError("no file of " + database + " in " + data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        engine.close();
    }
}
