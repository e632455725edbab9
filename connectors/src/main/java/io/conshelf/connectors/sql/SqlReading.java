package io.conshelf.connectors.sql;

import io.conshelf.connectors.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Optional;

/// How a query is read.
///
/// @param timeout   how long the server may say nothing: until the first row, and between rows
/// @param isolation the database's own where nothing is said
public record SqlReading(Duration timeout, Optional<SqlIsolation> isolation) {
    static final int FETCH_ROWS = 1_000;

    /// A session in a transaction of its own, which is only read in.
    SqlDatabase.Session begin(SqlDatabase database) throws StoreException, SQLException {
        SqlDatabase.Session session = database.session();
        boolean isReady = false;
        try {
            Connection connection = session.connection();
            if (isolation.isPresent()) {
                connection.setTransactionIsolation(isolation.get().level(database.dialect()));
            }
            connection.setAutoCommit(false);
            connection.setNetworkTimeout(Runnable::run, millis());
            isReady = true;
            return session;
        } finally {
            if (!isReady) {
                session.spend();
                session.close();
            }
        }
    }

    Statement statement(SqlDatabase.Session session) throws SQLException {
        Statement statement = session.connection().createStatement(ResultSet.TYPE_FORWARD_ONLY, ResultSet.CONCUR_READ_ONLY);
        statement.setFetchSize(FETCH_ROWS);
        return statement;
    }

    int millis() {
        return (int) Math.min(Integer.MAX_VALUE, timeout.toMillis());
    }
}
