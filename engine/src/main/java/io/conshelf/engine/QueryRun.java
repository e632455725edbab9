package io.conshelf.engine;

import io.conshelf.engine.PreparedQuery.Asked;
import io.conshelf.engine.PreparedQuery.Known;
import io.conshelf.engine.PreparedQuery.Planned;
import io.conshelf.engine.RunningQuery.State;
import io.conshelf.engine.command.ResultChunk;
import io.conshelf.engine.duck.DuckChunk;
import io.conshelf.engine.duck.KernelCalls;
import io.conshelf.engine.duck.QueryConnection;
import io.conshelf.engine.duck.QueryConnections;
import io.conshelf.engine.duck.ResultTexts;
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
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.duckdb.DuckDBChunkedResult;
import org.duckdb.DuckDBDataChunkReader;
import org.duckdb.DuckDBPreparedStatement;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One query while it runs: its lane, its connection, and the tables read from it. Everything that touches DuckDB happens on
/// the lane; only interrupting does not.
final class QueryRun implements Answer, ActiveRequest.Work {
    private static final Logger LOG = LoggerFactory.getLogger(QueryRun.class);

    /// Rows of no more cells than this are taken out of DuckDB's vectors, and the next are asked for while they are written.
    private static final int CELLS_TAKEN_MAX = 256;

    /// The first rows of a query wait no longer for its end, to be sent together with it.
    private static final Duration AT_HAND = Duration.ofMillis(1);

    private final QueryConnections connections;
    private final KernelCalls kernels;
    private final long kernelNumber;
    private final Lane lane;
    private final RequestLog.Entry entry;
    private final ActiveRequest request;
    private final MemoryPatience patience;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final AtomicReference<ServiceError> stopReason = new AtomicReference<>();
    private final WriteStop elsewhere = new WriteStop();
    private final long startedNanos = System.nanoTime();

    // Set once, on the lane, before the answer is handed out.
    private Optional<QueryConnection> lent = Optional.empty();
    private Reading reading;
    private List<Planned> planned = List.of();
    private SortedMap<Integer, String> visualizations = Collections.emptySortedMap();
    private Optional<String> cursor = Optional.empty();
    private List<String> warnings = List.of();
    private Map<String, Object> settings = Map.of();
    private Optional<Table> first = Optional.empty();

    private int nextTable;
    private volatile DuckDBPreparedStatement statement;
    private DuckDBChunkedResult result;
    // Whether DuckDB has more of it: until all was taken its connection is in the middle of the query, whoever closes the result.
    private boolean hasUnread;
    private boolean hasTemporaries;
    // For good: each connection that the query goes on with is told so.
    private boolean isPlannedAsWritten;
    private volatile Optional<Throwable> failure = Optional.empty();

    private volatile Optional<MemoryBudget> memoryBudget = Optional.empty();
    private volatile long rows;
    private volatile long bytes;
    private volatile long cpuNanos;
    private volatile long memoryBytes;
    private volatile Scanned scanned = Scanned.NOTHING;

    QueryRun(QueryConnections connections, KernelCalls kernels, Lane lane, RequestLog.Entry entry, ActiveRequest request,
            MemoryPatience.Others others) {
        this.connections = connections;
        this.kernels = kernels;
        this.kernelNumber = kernels.begin(() -> stopReason.get() != null);
        this.lane = lane;
        this.entry = entry;
        this.request = request;
        this.patience = new MemoryPatience(others, () -> memoryBytes, () -> stopReason.get() != null);
        entry.isRunning(this::usage);
    }

    /// Prepares on a connection of the lane's own.
    interface Preparation {
        PreparedQuery prepare(Reading reading, Glance glance) throws SQLException;
    }

    /// Runs a small query while others are prepared.
    interface Glance {
        /// At most `rowsMax` rows, every cell as text, nulls as empty ones.
        List<List<String>> rows(Statement statement, int rowsMax);
    }

    /// What is to be read, as [io.conshelf.engine.store.Storage#readLazily] has it.
    interface Readings {
        Reading of(Reading.Source source) throws SQLException;
    }

    /// Prepares, starts the first table and reads its first rows, so that what fails early fails here.
    void start(Readings readings, Preparation preparation) {
        onLane(() -> {
            reading = opened(readings);
            try {
                begin(preparation);
            } catch (SQLException e) {
                if (!Errors.isOfOptimizer(e)) {
                    throw e;
                }
                LOG.warn("A query is planned as it is written, as DuckDB's optimizer fails: {}", Errors.withoutQuoted(e.getMessage()));
                isPlannedAsWritten = true;
                reopen(readings);
                begin(preparation);
            }
            if (!reading.isAsRemembered()) {
                // A commit came before the statement. Within a transaction everything is looked up.
                reopen(readings);
                reading.holdMoment();
                begin(preparation);
            }
            if (first.isPresent()) {
                first.get().readOn();
            }
            return null;
        });
    }

    private void reopen(Readings readings) throws SQLException {
        closeReading();
        discardLent();
        reading = opened(readings);
        if (isPlannedAsWritten) {
            lent().planAsWritten();
        }
    }

    private Reading opened(Readings readings) throws SQLException {
        return elsewhere.call(() -> readings.of(() -> lent().connection()));
    }

    private void begin(Preparation preparation) throws SQLException {
        PreparedQuery prepared = preparation.prepare(reading, this::glance);
        planned = prepared.tables();
        scanned = reading.scanned();
        visualizations = prepared.visualizations();
        cursor = prepared.cursor();
        warnings = prepared.warnings();
        settings = prepared.settings();
        if (planned.size() > 1) {
            reading.holdMoment();
        }
        if (!planned.isEmpty()) {
            first = Optional.of(canBeginAnew(planned.getFirst()) ? patience.call(this::openFirst) : openFirst());
        }
    }

    private void discardLent() throws SQLException {
        if (lent.isPresent()) {
            connections.discard(lent.get());
            lent = Optional.empty();
        }
        hasUnread = false;
        hasTemporaries = false;
        memoryBudget = Optional.empty();
        rows = 0;
        bytes = 0;
    }

    private Table openFirst() throws SQLException {
        open(planned.getFirst());
        var table = new Table(planned.getFirst());
        table.readFirst();
        return table;
    }

    /// Not what others are to be of one moment with, nor what is told before it and would be told twice.
    private boolean canBeginAnew(Planned table) {
        return planned.size() == 1 && reading.isPlain() && !reading.holdsMoment() && !(table instanceof Asked asked && !asked.statement().before().isEmpty());
    }

    private QueryConnection lent() throws SQLException {
        if (lent.isEmpty()) {
            lent = Optional.of(connections.lend());
        }
        return lent.get();
    }

    private interface Step<T> {
        T run() throws SQLException;
    }

    /// Whatever a step fails with is how the query ended.
    private <T> T onLane(Step<T> step) {
        return lane.call(step(step));
    }

    private <T> Callable<T> step(Step<T> step) {
        return () -> {
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
        };
    }

    private List<List<String>> glance(Statement query, int rowsMax) {
        checkNotStopped();
        try {
            reading.holdMoment();
        } catch (SQLException e) {
            throw failed(e);
        }
        try (var prepared = lent().connection().prepare(KernelCalls.mark(query.sql(), kernelNumber))) {
            statement = prepared;
            return ResultTexts.of(prepared, query.columns().stream().map(Column::type).toList(), rowsMax);
        } catch (SQLException e) {
            throw failed(e);
        } finally {
            statement = null;
        }
    }

    private void open(Planned next) throws SQLException {
        closeResult();
        checkNotStopped();
        // Of those behind another it is never more: of several limits the least holds.
        OptionalLong most = next.options().memoryBytesMax();
        if (most.isPresent() && memoryBudget.filter(budget -> budget.bytesMax() == most.getAsLong()).isEmpty()) {
            // The first is open before anybody asks for it.
            lent().limitOperators(most.getAsLong());
            memoryBudget = Optional.of(new MemoryBudget(most.getAsLong(), nextTable == 0 ? 0 : nextTable - 1));
        }
        if (next instanceof Asked asked) {
            open(asked.statement());
        }
    }

    private void open(Statement next) throws SQLException {
        for (String before : next.before()) {
            hasTemporaries = true;
            checkNotStopped();
            try (var prepared = lent().connection().prepare(KernelCalls.mark(before, kernelNumber))) {
                statement = prepared;
                prepared.execute();
            } finally {
                statement = null;
            }
        }
        DuckDBPreparedStatement prepared = lent().ofText(KernelCalls.mark(next.sql(), kernelNumber));
        statement = prepared;
        hasUnread = true;
        result = prepared.query();
    }

    @Override
    public Optional<ResultTable> nextTable() {
        if (nextTable >= planned.size()) {
            return Optional.empty();
        }
        Planned table = planned.get(nextTable++);
        if (nextTable == 1) {
            return Optional.of(first.orElseThrow());
        }
        onLane(() -> {
            open(table);
            return null;
        });
        return Optional.of(new Table(table));
    }

    @Override
    public SortedMap<Integer, String> visualizations() {
        return visualizations;
    }

    @Override
    public Optional<String> cursor() {
        return cursor;
    }

    @Override
    public List<String> warnings() {
        return warnings;
    }

    @Override
    public Map<String, Object> settings() {
        return settings;
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

    /// How long DuckDB has been at work without giving rows; 0 while rows wait to be read, or this for memory.
    @Override
    public long busyNanos() {
        return patience.isWaiting() ? 0 : lane.busyNanos();
    }

    @Override
    public boolean hasWaitedLongForMemory() {
        return patience.hasWaitedLong();
    }

    @Override
    public long memoryBytes() {
        return memoryBytes;
    }

    @Override
    public long pagesTouched() {
        return lane.pagesTouched();
    }

    @Override
    public Optional<MemoryBudget> memoryBudget() {
        return memoryBudget;
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
            try {
                // Rows are still looked for that nobody will read.
                if (stopReason.get() == null && lane.isAtWork()) {
                    request.stop(Errors.cancelled());
                }
                ServiceError reason = stopReason.get();
                if (reason != null) {
                    entry.end(State.CANCELLED, reason.message());
                } else {
                    entry.end(failure.isPresent() ? State.FAILED : State.COMPLETED,
                            failure.map(QueryRun::message).orElse(""));
                }
            } finally {
                lane.end(this::release);
            }
        }
    }

    private static String message(Throwable failure) {
        return failure instanceof KustoException known ? known.getMessage() : failure.toString();
    }

    private void release() {
        try {
            boolean isClean = false;
            try {
                closeReading();
                // Whoever stops it has said so before looking for a statement, and finds none from here on.
                isClean = stopReason.get() == null && failure.isEmpty() && !hasUnread;
            } finally {
                giveBack(isClean);
            }
        } catch (SQLException | RuntimeException e) {
            LOG.warn("A query did not close", e);
        } finally {
            kernels.end(kernelNumber);
            request.end();
        }
    }

    private void closeReading() throws SQLException {
        try {
            closeResult();
        } finally {
            if (reading != null) {
                reading.close();
            }
        }
    }

    private void giveBack(boolean isClean) throws SQLException {
        if (lent.isEmpty()) {
            return;
        }
        boolean isTaken = false;
        try {
            if (isClean) {
                if (!reading.isPlain() || hasTemporaries) {
                    lent.get().forgetText();
                }
                connections.takeBack(lent.get());
                isTaken = true;
            }
        } finally {
            if (!isTaken) {
                connections.discard(lent.get());
            }
        }
    }

    private void closeResult() throws SQLException {
        statement = null;
        if (result != null) {
            result.close();
            result = null;
        }
    }

    private final class Table implements ResultTable {
        private final Planned planned;
        private final QueryOptions options;
        private final List<ColumnSchema> columns;
        private final DuckChunk chunk;
        private final int fixedBytes;
        private long tableRows;
        private boolean isCut;
        private boolean isEnded;
        private Optional<Chunk> read = Optional.empty();
        private Optional<CompletableFuture<Optional<Chunk>>> toCome = Optional.empty();

        Table(Planned planned) {
            this.planned = planned;
            options = planned.options();
            columns = planned.columns();
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

        /// Reads the first rows, on the lane.
        void readFirst() throws SQLException {
            read = read();
        }

        /// Goes on to the next rows while whoever asked is at work with few.
        void readOn() {
            if (!isEnded && read.isPresent() && read.get().rows() * columns.size() <= CELLS_TAKEN_MAX) {
                read = Optional.of(ResultChunk.copyOf(read.get(), columns));
                toCome = Optional.of(lane.begin(step(this::read)));
            }
        }

        @Override
        public Optional<Chunk> next() {
            if (read.isPresent()) {
                var now = read;
                read = Optional.empty();
                return now;
            }
            if (toCome.isPresent()) {
                var begun = toCome.get();
                toCome = Optional.empty();
                return lane.await(begun);
            }
            return isEnded ? Optional.empty() : onLane(this::read);
        }

        @Override
        public boolean isNextAtHand() {
            return toCome.map(begun -> Lane.endsWithin(AT_HAND, begun)).orElse(isEnded || read.isPresent());
        }

        private Optional<Chunk> read() throws SQLException {
            checkNotStopped();
            if (isCut) {
                throw failed(new KustoException(Errors.tooManyRecords(options.rowsMax().orElseThrow())));
            }
            if (options.bytesMax().isPresent() && tableBytes() > options.bytesMax().getAsLong()) {
                throw failed(new KustoException(Errors.tooManyBytes(options.bytesMax().getAsLong())));
            }
            Optional<Chunk> shown = switch (planned) {
                case Asked _ -> batch().flatMap(batch -> visible((int) batch.rowCount()).map(count -> {
                    chunk.show(batch, count);
                    return chunk;
                }));
                case Known known when tableRows == 0 -> visible(known.rows().rows().size()).map(_ -> new ResultChunk(known.rows()));
                case Known _ -> Optional.empty();
            };
            isEnded = shown.isEmpty();
            return shown;
        }

        private Optional<DuckDBDataChunkReader> batch() throws SQLException {
            while (ResultTexts.hasNext(result)) {
                if (result.chunk().rowCount() > 0) {
                    return Optional.of(result.chunk());
                }
            }
            hasUnread = false;
            return Optional.empty();
        }

        /// How many of so many rows are shown; nothing for none.
        private Optional<Integer> visible(int most) {
            int count = visibleRows(most);
            tableRows += count;
            rows += count;
            bytes = tableBytes();
            return count == 0 ? Optional.empty() : Optional.of(count);
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
