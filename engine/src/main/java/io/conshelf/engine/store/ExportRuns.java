package io.conshelf.engine.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How far the continuous exports of a database have come, what they have written, and what went wrong: tables of the
/// database's file that change in the transaction of what they tell of. They are made with the first export.
public final class ExportRuns {
    private static final Duration KEPT = Duration.ofDays(14);

    private final Connection connection;
    private final String runs;
    private final String artifacts;
    private final String failures;

    /// @param connection with the transaction, if there is one
    /// @param databaseId as [Database#id] gives it
    public ExportRuns(Connection connection, String databaseId) {
        this.connection = connection;
        runs = databaseId + ".conshelf.export_runs";
        artifacts = databaseId + ".conshelf.export_artifacts";
        failures = databaseId + ".conshelf.export_failures";
    }

    /// @param cursor       up to where rows are exported
    /// @param lastRun      when the last run began
    /// @param lastSuccess  when the last run began that wrote all it should
    /// @param lastResult   `Completed`, `Failed`, or empty before the first run
    /// @param failingSince when the failures began that no success has ended
    public record State(
            long cursor, Optional<Instant> lastRun, Optional<Instant> lastSuccess, String lastResult, Optional<Instant> failingSince) {
        public static State begun(long cursor) {
            return new State(cursor, Optional.empty(), Optional.empty(), "", Optional.empty());
        }

        public State completed(long upTo, Instant began) {
            return new State(upTo, Optional.of(began), Optional.of(began), "Completed", Optional.empty());
        }

        public State failed(Instant began) {
            return new State(cursor, Optional.of(began), lastSuccess, "Failed", failingSince.or(() -> Optional.of(began)));
        }
    }

    public record Artifact(Instant run, String externalTable, String path, long records) {}

    public record Failure(Instant at, String operation, Optional<Instant> lastSuccess, boolean isPartial, String details) {}

    /// Makes the tables where they are missing; within a transaction.
    public void create() throws SQLException {
        Jdbc.execute(connection, "CREATE TABLE IF NOT EXISTS " + runs + " (export VARCHAR, cursor BIGINT, last_run BIGINT, "
                + "last_success BIGINT, last_result VARCHAR, failing_since BIGINT)");
        Jdbc.execute(connection, "CREATE TABLE IF NOT EXISTS " + artifacts
                + " (export VARCHAR, run BIGINT, external_table VARCHAR, path VARCHAR, records BIGINT)");
        Jdbc.execute(connection, "CREATE TABLE IF NOT EXISTS " + failures
                + " (export VARCHAR, failed_on BIGINT, operation VARCHAR, last_success BIGINT, is_partial BOOLEAN, details VARCHAR)");
    }

    public Optional<State> state(String export) throws SQLException {
        try (var query = connection.prepareStatement(
                "SELECT cursor, last_run, last_success, last_result, failing_since FROM " + runs + " WHERE export = ?")) {
            query.setString(1, export);
            try (var rows = query.executeQuery()) {
                return rows.next()
                        ? Optional.of(new State(rows.getLong(1), moment(rows, 2), moment(rows, 3), rows.getString(4), moment(rows, 5)))
                        : Optional.empty();
            }
        }
    }

    public void put(String export, State state) throws SQLException {
        delete(runs, export);
        try (var insert = connection.prepareStatement("INSERT INTO " + runs + " VALUES (?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, export);
            insert.setLong(2, state.cursor());
            set(insert, 3, state.lastRun());
            set(insert, 4, state.lastSuccess());
            insert.setString(5, state.lastResult());
            set(insert, 6, state.failingSince());
            insert.executeUpdate();
        }
    }

    /// Adds what a run has written, and forgets what is old.
    public void add(String export, List<Artifact> written, Instant now) throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO " + artifacts + " VALUES (?, ?, ?, ?, ?)")) {
            for (Artifact artifact : written) {
                insert.setString(1, export);
                insert.setLong(2, Moments.ticks(artifact.run()));
                insert.setString(3, artifact.externalTable());
                insert.setString(4, artifact.path());
                insert.setLong(5, artifact.records());
                insert.executeUpdate();
            }
        }
        forget(artifacts, "run", now);
    }

    public void add(String export, Failure failure) throws SQLException {
        try (var insert = connection.prepareStatement("INSERT INTO " + failures + " VALUES (?, ?, ?, ?, ?, ?)")) {
            insert.setString(1, export);
            insert.setLong(2, Moments.ticks(failure.at()));
            insert.setString(3, failure.operation());
            set(insert, 4, failure.lastSuccess());
            insert.setBoolean(5, failure.isPartial());
            insert.setString(6, failure.details());
            insert.executeUpdate();
        }
        forget(failures, "failed_on", failure.at());
    }

    private void forget(String table, String moment, Instant now) throws SQLException {
        Jdbc.execute(connection, "DELETE FROM " + table + " WHERE " + moment + " < " + Moments.ticks(now.minus(KEPT)));
    }

    /// The latest first.
    public List<Artifact> artifacts(String export) throws SQLException {
        try (var query = connection.prepareStatement("SELECT run, external_table, path, records FROM " + artifacts
                + " WHERE export = ? ORDER BY run DESC, path")) {
            query.setString(1, export);
            try (var rows = query.executeQuery()) {
                var found = new ArrayList<Artifact>();
                while (rows.next()) {
                    found.add(new Artifact(Moments.instant(rows.getLong(1)), rows.getString(2), rows.getString(3), rows.getLong(4)));
                }
                return found;
            }
        }
    }

    /// The latest first.
    public List<Failure> failures(String export) throws SQLException {
        try (var query = connection.prepareStatement("SELECT failed_on, operation, last_success, is_partial, details FROM " + failures
                + " WHERE export = ? ORDER BY failed_on DESC")) {
            query.setString(1, export);
            try (var rows = query.executeQuery()) {
                var found = new ArrayList<Failure>();
                while (rows.next()) {
                    found.add(new Failure(
                            Moments.instant(rows.getLong(1)), rows.getString(2), moment(rows, 3), rows.getBoolean(4), rows.getString(5)));
                }
                return found;
            }
        }
    }

    /// Forgets an export that is dropped.
    public void drop(String export) throws SQLException {
        for (String table : List.of(runs, artifacts, failures)) {
            delete(table, export);
        }
    }

    private void delete(String table, String export) throws SQLException {
        try (var delete = connection.prepareStatement("DELETE FROM " + table + " WHERE export = ?")) {
            delete.setString(1, export);
            delete.executeUpdate();
        }
    }

    private static Optional<Instant> moment(ResultSet rows, int column) throws SQLException {
        long ticks = rows.getLong(column);
        return rows.wasNull() ? Optional.empty() : Optional.of(Moments.instant(ticks));
    }

    private static void set(PreparedStatement statement, int parameter, Optional<Instant> moment) throws SQLException {
        if (moment.isPresent()) {
            statement.setLong(parameter, Moments.ticks(moment.get()));
        } else {
            statement.setNull(parameter, Types.BIGINT);
        }
    }
}
