package io.conshelf.engine;

import io.conshelf.engine.RunningQuery.State;
import io.conshelf.engine.duck.DuckChunk;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.KernelCalls;
import io.conshelf.engine.sql.Statement;
import io.conshelf.engine.store.DiskTrouble;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.Scanned;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Chunk;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBPreparedStatement;

/// One query while it runs: its lane, its connection, and the tables read from it. Everything that touches DuckDB happens on
/// the lane; only interrupting does not.
final class QueryRun implements Answer, ActiveRequest.Work {
    /// DuckDB plans what reads a table when it is prepared and again when it runs. Such a statement, and one of more than so many characters, is planned when it
    /// runs only, as the text that a prepared statement takes.
    private static final int PLANNED_TWICE_CHARS_MAX = 1_000;

    private final KernelCalls kernels;
    private final long kernelNumber;
    private final Lane lane;
    private final RequestLog.Entry entry;
    private final Runnable whenClosed;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final AtomicReference<ServiceError> stopReason = new AtomicReference<>();
    private final WriteStop elsewhere = new WriteStop();
    private final long startedNanos = System.nanoTime();

    // Set once, on the lane, before the answer is handed out.
    private DuckDBConnection connection;
    private Reading reading;
    private List<Planned> planned = List.of();
    private Optional<String> visualization = Optional.empty();
    private Optional<String> cursor = Optional.empty();
    private QueryOptions options;

    private int nextTable;
    private volatile DuckDBPreparedStatement statement;
    private DuckDBChunkedResult result;
    private Optional<Throwable> failure = Optional.empty();

    private volatile OptionalLong memoryBytesMax = OptionalLong.empty();
    private volatile long rows;
    private volatile long bytes;
    private volatile long cpuNanos;
    private volatile long memoryBytes;
    private volatile Scanned scanned = Scanned.NOTHING;

    QueryRun(KernelCalls kernels, Lane lane, RequestLog.Entry entry, Runnable whenClosed) {
        this.kernels = kernels;
        this.kernelNumber = kernels.begin(() -> stopReason.get() != null);
        this.lane = lane;
        this.entry = entry;
        this.whenClosed = whenClosed;
        entry.isRunning(this::usage);
    }

    /// One result table to come.
    record Planned(String name, Statement statement) {}

    /// What preparing on the lane made.
    record Prepared(
            List<Planned> tables, Optional<String> visualization, Optional<String> cursor, QueryOptions options) {}

    /// Prepares on a connection of the lane's own.
    interface Preparation {
        Prepared prepare(Reading reading, Glance glance) throws SQLException;
    }

    /// Runs a small query while others are prepared.
    interface Glance {
        /// At most `rowsMax` rows, every cell as text, nulls as empty ones.
        List<List<String>> rows(Statement statement, int rowsMax);
    }

    /// Opens the connection, prepares, and starts the first table, so that what fails early fails here.
    void start(Connecting connecting, Preparation preparation) {
        onLane(() -> {
            connection = connecting.connect();
            reading = elsewhere.call(() -> connecting.read(connection));
            Prepared prepared = preparation.prepare(reading, this::glance);
            planned = prepared.tables();
            scanned = reading.scanned();
            visualization = prepared.visualization();
            cursor = prepared.cursor();
            options = prepared.options();
            memoryBytesMax = options.memoryBytesMax();
            if (memoryBytesMax.isPresent()) {
                DuckInstance.limitOperators(connection, memoryBytesMax.getAsLong());
            }
            if (!planned.isEmpty()) {
                open(planned.getFirst().statement());
            }
            return null;
        });
    }

    private interface Step<T> {
        T run() throws SQLException;
    }

    /// Whatever a step fails with is how the query ended.
    private <T> T onLane(Step<T> step) {
        return lane.call(() -> {
            try {
                return step.run();
            } catch (SQLException e) {
                throw failed(e);
            } catch (RuntimeException | Error e) {
                failure = Optional.of(e);
                throw e;
            } finally {
                cpuNanos = lane.cpuNanos();
            }
        });
    }

    interface Connecting {
        DuckDBConnection connect() throws SQLException;

        Reading read(DuckDBConnection connection) throws SQLException;
    }

    private List<List<String>> glance(Statement query, int rowsMax) {
        checkNotStopped();
        try (var prepared = (DuckDBPreparedStatement) connection.prepareStatement(KernelCalls.mark(query.sql(), kernelNumber))) {
            statement = prepared;
            List<List<String>> found = new ArrayList<>();
            try (var cells = prepared.executeQuery()) {
                while (found.size() < rowsMax && cells.next()) {
                    List<String> row = new ArrayList<>();
                    for (int i = 1; i <= query.columns().size(); i++) {
                        row.add(Objects.requireNonNullElse(cells.getString(i), ""));
                    }
                    found.add(row);
                }
            }
            return found;
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            statement = null;
        }
    }

    private void open(Statement next) throws SQLException {
        closeResult();
        checkNotStopped();
        String sql = KernelCalls.mark(next.sql(), kernelNumber);
        boolean isText = sql.length() > PLANNED_TWICE_CHARS_MAX || !reading.databasesRead().isEmpty();
        DuckDBPreparedStatement prepared = connection.prepare(isText ? "FROM query(?)" : sql);
        statement = prepared;
        if (isText) {
            prepared.setString(1, sql);
        }
        result = prepared.query();
    }

    @Override
    public Optional<ResultTable> nextTable() {
        if (nextTable >= planned.size()) {
            return Optional.empty();
        }
        Planned table = planned.get(nextTable++);
        if (nextTable > 1) {
            onLane(() -> {
                open(table.statement());
                return null;
            });
        }
        return Optional.of(new Table(table));
    }

    @Override
    public Optional<String> visualization() {
        return visualization;
    }

    @Override
    public Optional<String> cursor() {
        return cursor;
    }

    @Override
    public Usage usage() {
        return new Usage(rows, bytes, cpuNanos / 1_000, (System.nanoTime() - startedNanos) / 1_000, memoryBytes, scanned);
    }

    /// Ends the query with this error, from any thread. Whoever reads it is told at once; DuckDB stops as soon as it looks.
    @Override
    public void stop(ServiceError reason) {
        if (stopReason.compareAndSet(null, reason)) {
            lane.stop(new KustoException(reason));
            elsewhere.stop(reason);
        }
        interrupt();
    }

    /// DuckDB forgets an interrupt that comes just before a statement starts, so the caller repeats this until closed.
    @Override
    public void interrupt() {
        DuckDBPreparedStatement running = statement;
        if (running != null) {
            try {
                running.cancel();
            } catch (SQLException e) {
                // Closed in the meantime: nothing is left to stop.
                return;
            }
        }
    }

    /// How long DuckDB has been at work without giving rows; 0 while rows wait to be read.
    @Override
    public long busyNanos() {
        return lane.busyNanos();
    }

    @Override
    public long pagesTouched() {
        return lane.pagesTouched();
    }

    @Override
    public OptionalLong memoryBytesMax() {
        return memoryBytesMax;
    }

    @Override
    public void tookMemory(long bytes) {
        memoryBytes = bytes;
    }

    private void checkNotStopped() {
        ServiceError reason = stopReason.get();
        if (reason != null) {
            throw new KustoException(reason);
        }
    }

    private KustoException failed(SQLException e) {
        ServiceError reason = stopReason.get();
        var foreign = reading == null ? Optional.<KustoException>empty() : reading.foreignFailure();
        var read = reading == null ? Set.<String>of() : reading.databasesRead();
        return failed(new KustoException(
                reason != null ? reason : foreign.map(KustoException::error)
                        .or(() -> DiskTrouble.ofReading(e, read)).orElseGet(() -> Errors.of(e)), e));
    }

    private KustoException failed(KustoException e) {
        failure = Optional.of(e);
        return e;
    }

    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            ServiceError reason = stopReason.get();
            if (reason != null) {
                entry.end(State.CANCELLED, reason.message());
            } else {
                entry.end(failure.isPresent() ? State.FAILED : State.COMPLETED,
                        failure.map(QueryRun::message).orElse(""));
            }
            lane.end(this::release);
        }
    }

    private static String message(Throwable failure) {
        return failure instanceof KustoException known ? known.getMessage() : failure.toString();
    }

    private void release() {
        try {
            closeResult();
            if (reading != null) {
                reading.close();
            }
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException | RuntimeException e) {
            System.getLogger(QueryRun.class.getName()).log(System.Logger.Level.WARNING, "a query did not close", e);
        } finally {
            kernels.end(kernelNumber);
            whenClosed.run();
        }
    }

    private void closeResult() throws SQLException {
        if (result != null) {
            result.close();
            result = null;
        }
        DuckDBPreparedStatement last = statement;
        if (last != null) {
            statement = null;
            last.close();
        }
    }

    private final class Table implements ResultTable {
        private final Planned planned;
        private final List<ColumnSchema> columns;
        private final DuckChunk chunk;
        private final int fixedBytes;
        private long tableRows;
        private boolean isCut;
        private boolean isEnded;

        Table(Planned planned) {
            this.planned = planned;
            columns = planned.statement().columns().stream().map(Column::schema).toList();
            List<Type> types = columns.stream().map(ColumnSchema::type).toList();
            chunk = new DuckChunk(types);
            fixedBytes = DuckChunk.fixedBytes(types);
        }

        @Override
        public String name() {
            return planned.name();
        }

        @Override
        public List<ColumnSchema> columns() {
            return columns;
        }

        @Override
        public Optional<Chunk> next() {
            if (isEnded) {
                return Optional.empty();
            }
            return onLane(this::read);
        }

        private Optional<Chunk> read() {
            checkNotStopped();
            if (isCut) {
                throw failed(new KustoException(Errors.tooManyRecords(options.rowsMax().orElseThrow())));
            }
            if (options.bytesMax().isPresent() && tableBytes() > options.bytesMax().getAsLong()) {
                throw failed(new KustoException(Errors.tooManyBytes(options.bytesMax().getAsLong())));
            }
            Optional<DuckDBDataChunkReader> batch = batch();
            if (batch.isEmpty()) {
                isEnded = true;
                return Optional.empty();
            }
            int count = visibleRows((int) batch.get().rowCount());
            if (count == 0) {
                isEnded = true;
                return Optional.empty();
            }
            chunk.show(batch.get(), count);
            tableRows += count;
            rows += count;
            bytes = tableBytes();
            return Optional.of(chunk);
        }

        private Optional<DuckDBDataChunkReader> batch() {
            try {
                while (result.nextChunk()) {
                    if (result.chunk().rowCount() > 0) {
                        return Optional.of(result.chunk());
                    }
                }
                return Optional.empty();
            } catch (RuntimeException e) {
                // The driver wraps what fails between chunks.
                throw e.getCause() instanceof SQLException cause ? failed(cause) : failed(new SQLException(e.getMessage(), e));
            }
        }

        private int visibleRows(int count) {
            OptionalLong taken = options.rowsTaken();
            long visible = taken.isPresent() ? Math.min(count, taken.getAsLong() - tableRows) : count;
            OptionalLong max = options.rowsMax();
            if (max.isPresent() && tableRows + visible > max.getAsLong()) {
                isCut = true;
                visible = max.getAsLong() - tableRows;
                if (visible == 0) {
                    throw failed(new KustoException(Errors.tooManyRecords(max.getAsLong())));
                }
            }
            return (int) visible;
        }

        private long tableBytes() {
            return tableRows * fixedBytes + chunk.textBytesRead();
        }
    }
}
