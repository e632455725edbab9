package io.conshelf.engine.duck;

import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;

/// The one DuckDB of an engine, locked down: it reads and writes the engine's own folders and nothing else. Databases are
/// attached to it, so that a query can span them.
public final class DuckInstance implements AutoCloseable {
    // Storage files are written in the oldest form this release promises to read, and the promise is tested.
    private static final String STORAGE_VERSION = "v1.4.0";

    private static final int EXPRESSION_DEPTH_MAX = 20_000;

    private static final String OPERATOR_MEMORY = "operator_memory_limit";
    private static final String OPTIMIZER = "enable_optimizer";

    private final DuckDBConnection root;
    private final KernelCalls kernelCalls;

    private DuckInstance(DuckDBConnection root, Limits limits) {
        this.root = root;
        this.kernelCalls = new KernelCalls(limits.kernelTextBytesMax());
    }

    public static DuckInstance open(EngineConfig config) {
        try {
            var properties = new Properties();
            properties.setProperty(DuckDBDriver.JDBC_STREAM_RESULTS, "true");
            var root = (DuckDBConnection) new DuckDBDriver().connect("jdbc:duckdb:", properties);
            NativeLibrary.unlinkTemporaryCopy();
            try {
                configure(root, config);
            } catch (SQLException | RuntimeException e) {
                root.close();
                throw e;
            }
            return new DuckInstance(root, config.limits());
        } catch (SQLException e) {
            throw new IllegalStateException("DuckDB did not open: " + e.getMessage(), e);
        }
    }

    /// A connection of its own, for one thread at a time; results stream.
    public DuckDBConnection connect() throws SQLException {
        return root.duplicate();
    }

    /// Plans what the connection runs as it is written.
    static void planAsWritten(DuckDBConnection connection) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("SET SESSION " + OPTIMIZER + " = false");
        }
    }

    /// What the connection's sorts, joins and groups hold beyond this goes to disk.
    public static void limitOperators(DuckDBConnection connection, long bytes) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute("SET " + OPERATOR_MEMORY + " = '" + bytes / 1024 + "KiB'");
        }
    }

    /// What DuckDB holds of memory, asked again and again over one connection.
    public Memory memory() {
        try {
            return new Memory(connect());
        } catch (SQLException e) {
            throw new IllegalStateException("DuckDB does not tell what memory it holds: " + e.getMessage(), e);
        }
    }

    /// @param pinnedBytes of lists, texts and states of aggregates, which cannot be written to disk
    /// @param bytes       of all that queries made, without what tables keep in memory; 0 where it is not known
    /// @param allBytes    with what tables keep
    public record Held(long pinnedBytes, long bytes, long allBytes) {
        public static final Held NOTHING = new Held(0, 0, 0);

        /// There is none left for the question.
        public static final Held ALL_THERE_IS = new Held(Long.MAX_VALUE, 0, Long.MAX_VALUE);
    }

    /// For one thread at a time.
    public static final class Memory implements AutoCloseable {
        private static final String HELD = "SELECT CAST(coalesce(sum(memory_usage_bytes) FILTER (tag = 'ALLOCATOR'), 0) AS BIGINT),"
                + " CAST(coalesce(sum(memory_usage_bytes) FILTER (tag IN ('ALLOCATOR', 'HASH_TABLE', 'ORDER_BY', 'COLUMN_DATA', 'WINDOW',"
                + " 'CSV_READER', 'PARQUET_READER')), 0) AS BIGINT),"
                + " CAST(coalesce(sum(memory_usage_bytes), 0) AS BIGINT) FROM duckdb_memory()";

        private final DuckDBConnection connection;
        private Optional<PreparedStatement> asking = Optional.empty();

        private Memory(DuckDBConnection connection) {
            this.connection = connection;
        }

        public Held held() {
            try {
                return asked();
            } catch (SQLException e) {
                // Not even this could be had.
                return Held.ALL_THERE_IS;
            }
        }

        private Held asked() throws SQLException {
            // The driver closes a statement that failed, as this one does when there is no memory for it.
            if (asking.isEmpty() || asking.get().isClosed()) {
                asking = Optional.of(connection.prepareStatement(HELD));
            }
            try (var rows = asking.get().executeQuery()) {
                rows.next();
                return new Held(rows.getLong(1), rows.getLong(2), rows.getLong(3));
            }
        }

        @Override
        public void close() {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException("A connection did not close: " + e.getMessage(), e);
            }
        }
    }

    public KernelCalls kernelCalls() {
        return kernelCalls;
    }

    /// Attaches a database file, created where it is missing. `alias` is a generated id, never a user's name.
    public void attach(Path file, String alias) throws SQLException {
        execute("ATTACH " + Sql.text(file.toAbsolutePath().toString()) + " AS " + Sql.identifier(alias)
                + " (STORAGE_VERSION " + Sql.text(STORAGE_VERSION) + ")");
    }

    /// Where what was committed to a file stands until it is checkpointed, while it is, and while a start mends that. Mostly
    /// none of them is there.
    public static List<Path> writeAheadLogs(Path file) {
        return Stream.of(".wal", ".wal.checkpoint", ".wal.recovery")
                .map(suffix -> file.resolveSibling(file.getFileName() + suffix))
                .toList();
    }

    /// Attaches a database that ends with the process.
    public void attachInMemory(String alias) throws SQLException {
        execute("ATTACH ':memory:' AS " + Sql.identifier(alias));
    }

    public void detach(String alias) throws SQLException {
        execute("DETACH " + Sql.identifier(alias));
    }

    private void execute(String sql) throws SQLException {
        try (var connection = connect();
                var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() {
        try {
            root.close();
        } catch (SQLException e) {
            throw new IllegalStateException("DuckDB did not close: " + e.getMessage(), e);
        }
    }

    private static void configure(DuckDBConnection root, EngineConfig config) throws SQLException {
        Limits limits = config.limits();
        var settings = new ArrayList<String>();
        settings.add("memory_limit = '" + limits.memoryBytes() / 1024 + "KiB'");
        settings.add("threads = " + limits.duckThreads());
        settings.add("preserve_insertion_order = true");
        // A worker gives up its task now and then: the caller of a statement, who has taken none, spins until it gets one.
        settings.add("scheduler_process_partial = true");
        // The parser of KQL bounds nesting, and one KQL operator may be several of SQL's; lanes have the stack for it.
        settings.add("max_expression_depth = " + EXPRESSION_DEPTH_MAX);
        // Otherwise what a query had is kept for the next, and never given back to a machine that it was most of.
        settings.add("allocator_background_threads = true");
        settings.add("autoinstall_known_extensions = false");
        settings.add("autoload_known_extensions = false");
        settings.add("TimeZone = 'UTC'");
        settings.add("temp_directory = " + Sql.text(spillFolder(config).toString()));
        settings.add("max_temp_directory_size = '" + limits.spillBytesMax() / 1024 + "KiB'");
        // The order matters: once external access is off the list of folders is final.
        settings.add("allowed_directories = [" + String.join(", ", allowedFolders(config)) + "]");
        settings.add("enable_external_access = false");
        // What one query may be given less of, and how it is planned.
        settings.add("allowed_configs = ['" + OPERATOR_MEMORY + "', '" + OPTIMIZER + "']");
        settings.add("lock_configuration = true");
        try (var statement = root.createStatement()) {
            for (String setting : settings) {
                statement.execute("SET GLOBAL " + setting);
            }
        }
    }

    private static List<String> allowedFolders(EngineConfig config) {
        var folders = new ArrayList<Path>();
        folders.add(config.stagingFolder());
        config.dataFolder().ifPresent(folders::add);
        folders.addAll(config.allowedFolders());
        folders.add(spillFolder(config));
        return folders.stream().map(DuckInstance::realPath).map(Sql::text).toList();
    }

    // DuckDB compares paths as text, so symbolic links are resolved here.
    private static String realPath(Path folder) {
        try {
            Files.createDirectories(folder);
            return folder.toRealPath().toString();
        } catch (IOException e) {
            throw new UncheckedIOException("Folder '" + folder + "' cannot be used: " + e.getMessage(), e);
        }
    }

    private static Path spillFolder(EngineConfig config) {
        return Optional.of(config).flatMap(EngineConfig::dataFolder).orElse(config.stagingFolder()).resolve("spill");
    }
}
