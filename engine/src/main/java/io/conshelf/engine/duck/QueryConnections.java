package io.conshelf.engine.duck;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;

/// The connections that wait for the next query.
public final class QueryConnections implements AutoCloseable {
    private final DuckInstance duck;
    private final int waitingMax;
    private final Deque<QueryConnection> waiting = new ArrayDeque<>();
    private boolean isClosed;

    public QueryConnections(DuckInstance duck, int waitingMax) {
        this.duck = duck;
        this.waitingMax = waitingMax;
    }

    /// One that nobody else uses until it is given to [#takeBack] or [#discard].
    public QueryConnection lend() throws SQLException {
        QueryConnection known;
        synchronized (waiting) {
            known = waiting.poll();
        }
        return known != null ? known : new QueryConnection(duck.connect());
    }

    /// One whose statements have ended, and that nobody will interrupt any more.
    public void takeBack(QueryConnection connection) throws SQLException {
        boolean isKept = false;
        if (connection.isAsNew()) {
            synchronized (waiting) {
                isKept = !isClosed && waiting.size() < waitingMax;
                if (isKept) {
                    waiting.push(connection);
                }
            }
        }
        if (!isKept) {
            connection.close();
        }
    }

    /// One that failed, that is in the middle of a query, or that an interrupt may still come to.
    public void discard(QueryConnection connection) throws SQLException {
        connection.close();
    }

    /// How many wait.
    public int waiting() {
        synchronized (waiting) {
            return waiting.size();
        }
    }

    @Override
    public void close() {
        Deque<QueryConnection> left;
        synchronized (waiting) {
            isClosed = true;
            left = new ArrayDeque<>(waiting);
            waiting.clear();
        }
        for (QueryConnection connection : left) {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException("A connection did not close: " + e.getMessage(), e);
            }
        }
    }
}
