package io.conshelf.engine.duck;

import java.sql.SQLException;
import java.util.Optional;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBPreparedStatement;

/// A connection that queries use one after another. It keeps the statement that takes their texts: to prepare that anew costs as much as a small query.
public final class QueryConnection {
    /// DuckDB plans what reads a table when it is prepared and again when it runs. This is planned with the text, when it runs, and anew for each.
    private static final String OF_TEXT = "FROM query(?)";

    /// DuckDB keeps the plan of a text until the next: that of a longer one is not kept for nothing.
    private static final int CHARS_KEPT_MAX = 64 << 10;

    private final DuckDBConnection connection;
    private Optional<DuckDBPreparedStatement> ofText = Optional.empty();
    private boolean isChanged;

    QueryConnection(DuckDBConnection connection) {
        this.connection = connection;
    }

    public DuckDBConnection connection() {
        return connection;
    }

    /// The statement that runs a SELECT. It is the same each time, until it fails, and stays open.
    public DuckDBPreparedStatement ofText(String sql) throws SQLException {
        // The driver closes one that failed.
        if (ofText.isEmpty() || ofText.get().isClosed()) {
            ofText = Optional.of(connection.prepare(OF_TEXT));
        }
        ofText.get().setString(1, sql);
        isChanged |= sql.length() > CHARS_KEPT_MAX;
        return ofText.get();
    }

    /// Lets go of the last text's plan, and of the rows in memory and the files that it holds.
    public void forgetText() throws SQLException {
        if (ofText.isPresent()) {
            ofText.get().close();
            ofText = Optional.empty();
        }
    }

    /// What the connection's sorts, joins and groups hold beyond this goes to disk.
    public void limitOperators(long bytes) throws SQLException {
        isChanged = true;
        DuckInstance.limitOperators(connection, bytes);
    }

    /// Plans without the optimizer from here on.
    public void planAsWritten() throws SQLException {
        isChanged = true;
        DuckInstance.planAsWritten(connection);
    }

    /// Whether the next query finds it as if it were new.
    boolean isAsNew() throws SQLException {
        return !isChanged && !connection.isClosed() && (ofText.isEmpty() || !ofText.get().isClosed());
    }

    void close() throws SQLException {
        connection.close();
    }
}
