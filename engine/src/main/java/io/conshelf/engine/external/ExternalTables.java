package io.conshelf.engine.external;

import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.Errors;
import io.conshelf.engine.ExternalStorage;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.WebCalls;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.ingest.FileRows;
import io.conshelf.engine.ingest.FileRows.SourceFile;
import io.conshelf.engine.ingest.Format;
import io.conshelf.engine.sql.Relations.Relation;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ExternalTable.Files;
import io.conshelf.engine.store.ExternalTable.Headers;
import io.conshelf.engine.store.ExternalTable.Partition;
import io.conshelf.engine.store.ExternalTable.Rule;
import io.conshelf.engine.store.ExternalTable.Sql;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.Ticks;
import java.net.URI;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/// External tables as queries and commands use them.
public final class ExternalTables {
    /// More files than this are not listed: their names alone would fill the memory.
    private static final int FILES_MAX = 200_000;

    private static final int SAMPLES = 3;

    private final DuckInstance duck;
    private final ExternalStorage storage;
    private final Places places;
    private final CalloutPolicy callouts;
    private final SqlServers servers;
    private final OutsideRows outside;

    public ExternalTables(EngineConfig config, DuckInstance duck, Storage storage, ExternalStorage external) {
        this(config, duck, storage, external, WebCalls.NONE);
    }

    public ExternalTables(EngineConfig config, DuckInstance duck, Storage storage, ExternalStorage external, WebCalls calls) {
        this.duck = duck;
        this.callouts = new CalloutPolicy(() -> storage.clusterPolicies().policy(PolicyKind.CALLOUT), config.localCalls());
        this.servers = new SqlServers(config.live(), callouts);
        this.storage = new ReachedStorage(external, new AzureBlobs(config.live(), callouts, config.stagingFolder()));
        this.places = new Places(config.allowed(), this.storage);
        this.outside = new OutsideRows(config, duck, this, calls);
    }

    /// The storage that commands name by URI: what the engine was given, and what else may be reached.
    public ExternalStorage storage() {
        return storage;
    }

    /// What a file is called while it is written into the folder of an external table, which no query reads.
    public static String partialName(String name) {
        return "." + name + ".partial";
    }

    static boolean isPartial(String name) {
        return name.startsWith(".") && name.endsWith(".partial");
    }

    public CalloutPolicy callouts() {
        return callouts;
    }

    /// @throws KustoException when the callout policy keeps external tables from the storage
    public void checkCallout(StorageUri place) {
        checkCallout(place.location());
    }

    void checkCallout(URI place) {
        callouts.refusing(WebFiles.CALLOUT_TYPE, place).ifPresent(pattern -> {
            throw new KustoException(Errors.badRequest("the callout policy of the cluster forbids calls of the type '" + WebFiles.CALLOUT_TYPE
                    + "' to '" + place + "' (CalloutUriRegex '" + pattern + "')"));
        });
    }

    Places places() {
        return places;
    }

    /// Rows that queries name by where they lie.
    public OutsideRows outside() {
        return outside;
    }

    public SqlServers servers() {
        return servers;
    }

    /// What writes to the table of a SQL server that an external table is.
    public SqlExport sqlExport(Sql table) {
        return sqlExport(table, "");
    }

    /// @param token in place of user and password; empty where there is none
    public SqlExport sqlExport(Sql table, String token) {
        return new SqlExport(servers, SqlConnectionString.parse(table.dialect(), table.connection()), table, token);
    }

    /// A file of an external table.
    ///
    /// @param uri       without what opens it
    /// @param partition what its path says of each partition: a `String`, or ticks or a number as a `Long`
    public record Artifact(String uri, String path, Map<String, Object> partition, long sizeBytes) {}

    /// Something for `FROM`, valid while the reading is open.
    ///
    /// @param mapping    the name of one of the table's mappings; empty where fields go by position or name
    /// @param predicates rows may be left out that do not fulfil each of these
    public Relation relation(Reading reading, ExternalTable table, String mapping, List<Expr> predicates, long nowTicks) {
        return relation(reading, table, mapping, predicates, nowTicks, this::checkFile);
    }

    /// @param check of each file that is going to be read
    Relation relation(Reading reading, ExternalTable table, String mapping, List<Expr> predicates, long nowTicks, FileCheck check) {
        var columns = table.storageColumns();
        Map<String, String> ids = columns.stream().collect(Collectors.toMap(TableColumn::name, TableColumn::id));
        return new Relation(switch (table.source()) {
            case Files files -> files(reading, table, files, mapping, Bounds.of(predicates, nowTicks), check);
            case Sql sql -> {
                if (!mapping.isEmpty()) {
                    throw new KustoException(Errors.badRequest("external table '" + table.name() + "' is of the kind sql and has no mappings"));
                }
                var target = SqlConnectionString.parse(sql.dialect(), sql.connection());
                yield reading.relation(columns, new SqlRows(servers, target, sql, predicates));
            }
        }, ids, Map.of());
    }

    private String files(Reading reading, ExternalTable table, Files files, String mapping, Bounds bounds, FileCheck check) {
        var columns = table.storageColumns();
        Format format = Format.named(files.format());
        FileRows rows = mapping.isEmpty()
                ? FileRows.of(format, columns, table.columns().size())
                : FileRows.of(format, columns, table.name(), table.mapping(mapping)
                        .orElseThrow(() -> new KustoException(StorageErrors.mappingNotFound(
                                format.mappingKind().kustoName(), mapping, table.name())))
                        .json());
        try (var inspector = duck.connect()) {
            Predicate<Map<String, Object>> pruning = pruning(inspector, files, bounds);
            var found = new ArrayList<PlacedFile>();
            list(files, file -> {
                if (pruning.test(file.partition())) {
                    found.add(new PlacedFile(file.place(), check.check(file.place(), file.file()), file.partition()));
                }
                if (found.size() > FILES_MAX) {
                    throw new KustoException(Errors.badRequest("external table '" + table.name() + "' has more than " + FILES_MAX
                            + " files that the query may need; narrow it by the table's partitions"));
                }
                return true;
            });
            return rows.relation(reading, inspector, sources(reading, files, found));
        } catch (SQLException e) {
            throw new KustoException(Errors.badRequest("external table '" + table.name() + "' cannot be read: " + e.getMessage()), e);
        }
    }

    /// Whether a file that was found may be read: an entry of the callout policy may be for what lies below a place alone.
    @FunctionalInterface
    interface FileCheck {
        /// @param place where it was found: a connection string
        /// @return the file as it is to be read
        /// @throws KustoException when it may not be read
        Places.Found check(String place, Places.Found file);
    }

    private Places.Found checkFile(String place, Places.Found file) {
        if (StorageUri.isUri(place)) {
            checkCallout(URI.create(file.uri()));
        }
        return file;
    }

    private record PlacedFile(String place, Places.Found file, Map<String, Object> partition) {
        String folder() {
            int slash = file.uri().lastIndexOf('/');
            return file.uri().substring(0, Math.max(0, slash));
        }

        String name() {
            return file.path().substring(file.path().lastIndexOf('/') + 1);
        }
    }

    /// The files of a table, as far as names tell.
    private void list(Files files, Predicate<PlacedFile> visitor) {
        var path = new PartitionPath(files);
        var options = files.options();
        for (String connection : files.connections()) {
            boolean[] goesOn = {true};
            places.list(connection, found -> {
                var values = path.isEmpty() ? Optional.of(Map.<String, Object>of()) : path.values(found.path());
                if (values.isPresent()) {
                    var file = new PlacedFile(connection, found, values.get());
                    boolean isOurs = file.name().startsWith(options.namePrefix())
                            && (options.fileExtension().isEmpty() || file.name().endsWith(options.fileExtension())
                                    || file.name().endsWith(options.fileExtension() + ".gz"));
                    goesOn[0] = !isOurs || visitor.test(file);
                }
                return goesOn[0];
            });
            if (!goesOn[0]) {
                return;
            }
        }
    }

    private static List<SourceFile> sources(Reading reading, Files files, List<PlacedFile> found) {
        boolean isPositional = files.options().headers() == Headers.FIRST_FILE;
        Set<String> folders = new HashSet<>();
        if (isPositional) {
            found.sort(Comparator.comparing(f -> f.file().uri()));
        }
        var sources = new ArrayList<SourceFile>();
        for (PlacedFile file : found) {
            boolean hasHeader = switch (files.options().headers()) {
                case NONE -> false;
                case ALL -> true;
                case FIRST_FILE -> folders.add(file.folder());
            };
            sources.add(new SourceFile(file.file().uri(), file.file().content(reading), hasHeader, virtual(files, file.partition())));
        }
        return sources;
    }

    /// What only the path has, as text.
    private static Map<String, String> virtual(Files files, Map<String, Object> partition) {
        Map<String, String> values = new HashMap<>();
        for (Partition declared : files.partitions()) {
            if (declared.rule() instanceof Rule.Virtual && partition.containsKey(declared.name())) {
                Object value = partition.get(declared.name());
                values.put(declared.name(), value instanceof Long ticks && declared.type() == Type.DATETIME
                        ? DateTimeText.format(ticks) : value.toString());
            }
        }
        return values;
    }

    /// Whether a file may have rows that are wanted, by the values of its partitions.
    private static Predicate<Map<String, Object>> pruning(Connection inspector, Files files, Bounds bounds) throws SQLException {
        Predicate<Map<String, Object>> pruning = _ -> true;
        var path = new PartitionPath(files);
        for (Partition partition : files.partitions()) {
            String name = partition.name();
            switch (partition.rule()) {
                case Rule.Virtual _ when partition.type() == Type.DATETIME -> {
                    var range = bounds.moments(name);
                    if (range.isPresent()) {
                        pruning = pruning.and(values -> !(values.get(name) instanceof Long ticks) || range.get().meets(ticks, ticks));
                    }
                }
                case Rule.Virtual _ -> pruning = pruning.and(among(bounds, name, name));
                case Rule.Value(String column) -> pruning = pruning.and(among(bounds, column, name));
                case Rule.Hash(String column, long modulus) -> {
                    var texts = bounds.texts(column);
                    if (texts.isPresent()) {
                        var hashes = hashes(inspector, texts.get(), modulus);
                        pruning = pruning.and(values -> !values.containsKey(name) || hashes.contains(values.get(name)));
                    }
                }
                case Rule.Period period -> {
                    var range = bounds.moments(period.column());
                    long width = path.width(partition);
                    if (range.isPresent()) {
                        pruning = pruning.and(values -> !(values.get(name) instanceof Long ticks)
                                || range.get().meets(ticks, ticks + width - 1));
                    }
                }
            }
        }
        return pruning;
    }

    private static Predicate<Map<String, Object>> among(Bounds bounds, String column, String partition) {
        var texts = bounds.texts(column);
        return texts.isEmpty() ? _ -> true : values -> !values.containsKey(partition) || texts.get().contains(values.get(partition));
    }

    /// What `hash(text, modulus)` gives for each text.
    private static Set<Object> hashes(Connection inspector, Set<String> texts, long modulus) throws SQLException {
        Set<Object> hashes = new HashSet<>();
        try (var query = inspector.prepareStatement("SELECT kql_modulo(kql_hash_text(?), " + modulus + ")")) {
            for (String text : texts) {
                query.setString(1, text);
                try (var rows = query.executeQuery()) {
                    rows.next();
                    hashes.add(rows.getLong(1));
                }
            }
        }
        return hashes;
    }

    /// The files that a query over all of a table would read.
    ///
    /// @param max how many are wanted at most
    public List<Artifact> artifacts(ExternalTable table, long max) {
        if (!(table.source() instanceof Files files)) {
            throw new KustoException(Errors.badRequest("external table '" + table.name() + "' is of the kind sql and has no files"));
        }
        var artifacts = new ArrayList<Artifact>();
        if (max > 0) {
            list(files, file -> {
                artifacts.add(new Artifact(file.file().uri(), file.file().path(), file.partition(), file.file().sizeBytes()));
                return artifacts.size() < Math.min(max, FILES_MAX);
            });
        }
        return artifacts;
    }

    /// Refuses patterns of a path that cannot be written and read.
    public static void checkPath(Files files) {
        new PartitionPath(files);
    }

    /// Where files of a table would lie, for some values of its partitions.
    public List<String> sampleUris(ExternalTable table, Instant now) {
        if (!(table.source() instanceof Files files)) {
            return List.of();
        }
        var path = new PartitionPath(files);
        var uris = new ArrayList<String>();
        for (int i = 0; i < SAMPLES; i++) {
            Map<String, Object> values = new HashMap<>();
            for (Partition partition : files.partitions()) {
                values.put(partition.name(), switch (partition.type()) {
                    case DATETIME -> Moments.ticks(now) - i * Ticks.DAY;
                    case LONG -> (long) i;
                    case BOOL, INT, REAL, DECIMAL, TIMESPAN, STRING, GUID, DYNAMIC -> "sample" + i;
                });
            }
            String folder = Places.masked(files.connections().get(i % files.connections().size())).replaceFirst("[?;].*$", "");
            String extension = files.options().fileExtension().isEmpty() ? "." + files.format() : files.options().fileExtension();
            String below = path.isEmpty() ? "" : path.of(values) + "/";
            uris.add(folder + (folder.endsWith("/") ? "" : "/") + below.replace("//", "/") + files.options().namePrefix() + "file" + i + extension);
        }
        return uris;
    }

    /// A connection string as others may see it.
    public static String masked(String connection) {
        return Places.masked(connection);
    }
}
