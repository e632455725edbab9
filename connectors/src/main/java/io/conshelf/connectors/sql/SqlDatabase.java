package io.conshelf.connectors.sql;

import com.zaxxer.hikari.HikariDataSource;
import io.conshelf.connectors.StoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import org.postgresql.PGConnection;

/// A database and its connections, which are opened as they are needed.
public final class SqlDatabase {
    private final SqlTarget target;
    private final HikariDataSource pool;
    private final Semaphore free = new Semaphore(SqlServers.CONNECTIONS_MAX, true);
    private final AtomicBoolean isReached = new AtomicBoolean();

    SqlDatabase(SqlTarget target, HikariDataSource pool) {
        this.target = target;
        this.pool = pool;
    }

    public SqlTarget target() {
        return target;
    }

    SqlDialect dialect() {
        return target.dialect();
    }

    /// Connects, and disconnects: whether the server takes the login.
    public void test() throws StoreException {
        try (Connection connection = SqlServers.source(target).getConnection()) {
            connection.isValid(0);
            isReached.set(true);
        } catch (SqlServers.NoToken none) {
            throw none.reason();
        } catch (SQLException failure) {
            throw SqlFailure.connecting(target, failure);
        }
    }

    /// The tables and views that it has, as `schema.table`.
    public List<String> tables() throws StoreException {
        String named = target.dialect() == SqlDialect.POSTGRESQL ? "table_schema || '.' || table_name" : "TABLE_SCHEMA + '.' + TABLE_NAME";
        String sql = "SELECT " + named + " FROM INFORMATION_SCHEMA.TABLES WHERE table_schema NOT IN ('pg_catalog', 'information_schema', 'sys') ORDER BY 1";
        List<String> tables = new ArrayList<>();
        try (Session session = session(); PreparedStatement statement = session.connection().prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            while (rows.next()) {
                tables.add(rows.getString(1));
            }
            return tables;
        } catch (SQLException failure) {
            throw SqlFailure.running(target, "Listing the tables", failure);
        }
    }

    /// A connection for one piece of work. With more of them than the pool has, it waits.
    Session session() throws StoreException {
        try {
            free.acquire();
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
            throw StoreException.system("SqlOperationCancelled", "The wait for a connection to " + target + " was interrupted", stopped);
        }
        boolean isOpen = false;
        try {
            // The pool tries again and again for as long as its timeout; the first try has the server's own answer at once.
            if (!isReached.get()) {
                test();
            }
            Session session = new Session(pool.getConnection());
            isOpen = true;
            return session;
        } catch (SQLException failure) {
            throw SqlFailure.connecting(target, failure);
        } finally {
            if (!isOpen) {
                free.release();
            }
        }
    }

    /// A connection that goes back to the pool when it is closed; work that was not committed is undone.
    final class Session implements AutoCloseable {
        private final Connection connection;
        private final int backend;
        private boolean isSpent;
        private boolean isClosed;

        private Session(Connection connection) throws SQLException {
            this.connection = connection;
            this.backend = target.dialect() == SqlDialect.POSTGRESQL ? postgres().getBackendPID() : 0;
        }

        Connection connection() {
            return connection;
        }

        PGConnection postgres() throws SQLException {
            return connection.unwrap(PGConnection.class);
        }

        /// Ends it for good when it closes: a script may have changed its settings, a failure may have broken it.
        void spend() {
            isSpent = true;
        }

        /// Ends what the server is still doing for it, also when the connection is gone.
        void cancel() {
            spend();
            if (target.dialect() != SqlDialect.POSTGRESQL) {
                return;
            }
            // A thread that is interrupted cannot use a socket.
            boolean wasInterrupted = Thread.interrupted();
            try {
                postgres().cancelQuery();
            } catch (SQLException gone) {
                end();
            } finally {
                if (wasInterrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }

        private void end() {
            try (Connection other = SqlServers.source(target).getConnection();
                    PreparedStatement statement = other.prepareStatement("SELECT pg_terminate_backend(?)")) {
                statement.setInt(1, backend);
                statement.execute();
            } catch (SQLException | StoreException | SqlServers.NoToken unreachable) {
                // Then the server is gone, and with it what it did.
            }
        }

        @Override
        public void close() throws StoreException {
            if (isClosed) {
                return;
            }
            isClosed = true;
            try {
                if (!isSpent && !connection.getAutoCommit()) {
                    connection.rollback();
                    connection.setAutoCommit(true);
                }
            } catch (SQLException broken) {
                isSpent = true;
            }
            try {
                if (isSpent) {
                    pool.evictConnection(connection);
                } else {
                    connection.close();
                }
            } catch (SQLException broken) {
                // A connection that cannot be given back is gone, and nothing of it is needed any more.
            } finally {
                free.release();
            }
        }
    }

    void close() {
        pool.close();
    }
}
