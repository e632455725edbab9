package io.conshelf.engine.external;

import io.conshelf.engine.AllowedFolders;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.WebCalls;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.external.CalloutPolicy.Target;
import io.conshelf.engine.external.Places.Content;
import io.conshelf.engine.external.Places.Found;
import io.conshelf.engine.ingest.FileRows;
import io.conshelf.engine.ingest.FileRows.SourceFile;
import io.conshelf.engine.ingest.Format;
import io.conshelf.engine.sql.Relations.Relation;
import io.conshelf.engine.store.ForeignRows;
import io.conshelf.engine.store.KeptRows;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.plan.Expr;
import io.conshelf.kql.type.ColumnSchema;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// Rows that queries name by where they lie, beyond the tables of the cluster. Anybody who may ask a query may ask for them, so the callout
/// policy must say yes to whatever is called; only what the server's own storage opens by a signature or key needs no entry.
public final class OutsideRows {
    private final AllowedFolders allowed;
    private final DuckInstance duck;
    private final ExternalTables tables;
    private final WebFiles web;
    private final WebRequests requests;
    private final StorageSchemas schemas;
    private final InstantSource clock;
    private final CalloutLimits limits;
    private final Path stagingFolder;

    OutsideRows(EngineConfig config, DuckInstance duck, ExternalTables tables, WebCalls calls) {
        this.allowed = config.allowed();
        this.duck = duck;
        this.tables = tables;
        this.web = new WebFiles(config.live(), tables.callouts(), config.stagingFolder());
        this.clock = config.clock();
        this.schemas = new StorageSchemas(duck, tables);
        this.requests = new WebRequests(config.live(), tables.callouts(), calls);
        this.limits = new CalloutLimits(Runtime.getRuntime().maxMemory(), config.limits().fetchedBytesMax());
        this.stagingFolder = config.stagingFolder();
    }

    /// Who asks, as those who are called are told.
    ///
    /// @param isQuery whether nothing is to be changed
    public record Origin(String clientRequestId, boolean isQuery) {}

    /// What one request has asked for so far: an answer of one row is kept until it ends, and so are the rows that a look tells the
    /// columns of the query by, so that nobody is asked the same twice.
    public final class Asking implements AutoCloseable {
        private final CalloutLimits.OfRequest taken = limits.new OfRequest();
        private final Map<Outside.Call, ForeignRows> answers = new HashMap<>();
        private final Map<Outside.Call, CosmosAnswer> described = new HashMap<>();
        private final List<KeptRows> kept = new ArrayList<>();
        private boolean isLooking;

        private Asking() {}

        /// Runs what only looks at rows that are going to be read again.
        public <T> T looking(Supplier<T> look) {
            boolean wasLooking = isLooking;
            isLooking = true;
            try {
                return look.get();
            } finally {
                isLooking = wasLooking;
            }
        }

        private ForeignRows known(Outside.Call call, ForeignRows rows) {
            answers.put(call, rows);
            return rows;
        }

        private ForeignRows keptIfLooked(Outside.Call call, ForeignRows rows, List<TableColumn> columns, WriteStop stop) {
            if (!isLooking) {
                return rows;
            }
            var once = new KeptRows(rows, columns, stagingFolder, stop);
            kept.add(once);
            return known(call, once);
        }

        @Override
        public void close() {
            kept.forEach(KeptRows::close);
            taken.close();
        }
    }

    public Asking asking() {
        return new Asking();
    }

    /// Something for `FROM`, valid while the reading is open.
    ///
    /// @param schema     the columns that it was declared or told to have
    /// @param predicates rows may be left out that do not fulfil each of these
    public Relation relation(
            Reading reading, Outside wanted, List<ColumnSchema> schema, Asking asking, Origin origin, List<Expr> predicates, long nowTicks) {
        if (wanted instanceof Outside.Folders folders) {
            folders.places().forEach(this::checkPlace);
            return tables.relation(reading, InlineTable.of(folders), "", predicates, nowTicks, (place, file) -> {
                checkFile(place, file);
                return asking.taken.counted(file);
            });
        }
        var columns = new ArrayList<TableColumn>();
        schema.forEach(column -> columns.add(new TableColumn("c" + (columns.size() + 1), column.name(), column.type(), "")));
        Map<String, String> ids = columns.stream().collect(Collectors.toMap(TableColumn::name, TableColumn::id));
        return new Relation(switch (wanted) {
            case Outside.Files files -> files(reading, files, columns, asking.taken);
            case Outside.Folders _ -> throw new AssertionError("not read here");
            case Outside.Call call -> reading.relation(columns, called(reading, call, columns, asking, origin));
        }, ids, Map.of());
    }

    private ForeignRows called(Reading reading, Outside.Call call, List<TableColumn> columns, Asking asking, Origin origin) {
        ForeignRows known = asking.answers.get(call);
        if (known != null) {
            return known;
        }
        asking.taken.call();
        return switch (call.name()) {
            case "http_request", "http_request_post" -> {
                checkAnswer(call, columns, WebRequests.ANSWER);
                var request = requests.call(call, origin, asking.taken::take);
                yield asking.known(call, new OneRow(columns, () -> requests.cells(call.name(), request, reading.stop())));
            }
            case "infer_storage_schema", "infer_storage_schema_with_suggestions" -> {
                checkAnswer(call, columns, List.of(StorageSchemas.answer(call)));
                var options = StorageSchemas.Options.of(call);
                options.places().forEach(this::checkPlace);
                var row = schemas.row(reading, call, options, this::checkFile, asking.taken);
                yield asking.known(call, new OneRow(columns, () -> List.of(Optional.of(row))));
            }
            case "cosmosdb_sql_request" -> {
                var answer = Optional.ofNullable(asking.described.get(call)).orElseGet(() -> cosmos(call, asking.taken, reading.stop()));
                yield asking.keptIfLooked(call, answer, columns, reading.stop());
            }
            case "sql_request", "postgresql_request", "mysql_request" ->
                asking.keptIfLooked(call, new SqlAnswer(tables.servers(), sql(call), columns, asking.taken::fetched), columns, reading.stop());
            default -> throw new KustoException(Errors.notSupported("the plugin '" + call.name() + "'"));
        };
    }

    private CosmosAnswer cosmos(Outside.Call call, CalloutLimits.OfRequest taken, WriteStop stop) {
        var request = CosmosRequest.of(call);
        requests.requireReachable(call.name(), "cosmosdb", request.endpoint());
        return new CosmosAnswer(requests, request, taken, clock, stop);
    }

    private SqlRequest sql(Outside.Call call) {
        return SqlRequest.of(call, tables.servers(), tables.callouts());
    }

    /// The columns of what is asked for without saying them: whoever is asked tells them.
    ///
    /// @param stop ends the asking with its request
    public List<ColumnSchema> columns(Outside.Call call, Asking asking, WriteStop stop) {
        asking.taken.call();
        if (!call.name().equals("cosmosdb_sql_request")) {
            return SqlAnswer.columns(tables.servers(), sql(call), stop);
        }
        var answer = cosmos(call, asking.taken, stop);
        asking.described.put(call, answer);
        return answer.columns();
    }

    /// Refuses columns that a query declares and a plugin does not answer with.
    private static void checkAnswer(Outside.Call call, List<TableColumn> columns, List<ColumnSchema> answer) {
        if (!columns.stream().map(TableColumn::schema).toList().equals(answer)) {
            throw new KustoException(Errors.badRequest(call.name() + ": it answers with the columns ("
                    + answer.stream().map(ColumnSchema::toString).collect(Collectors.joining(", ")) + ")"));
        }
    }

    private String files(Reading reading, Outside.Files wanted, List<TableColumn> columns, CalloutLimits.OfRequest taken) {
        Map<Format, List<SourceFile>> byFormat = new LinkedHashMap<>();
        for (String place : wanted.places()) {
            Found found = taken.counted(file(place));
            Format format = wanted.format().isEmpty() ? Format.ofFileName(found.path()).orElse(Format.CSV) : Format.named(wanted.format());
            byFormat.computeIfAbsent(format, _ -> new ArrayList<>())
                    .add(new SourceFile(found.uri(), found.content(reading), wanted.ignoresFirst(), Map.of()));
        }
        Function<Format, FileRows> rows = format -> wanted.mapping().isEmpty()
                ? FileRows.of(format, columns, columns.size())
                : FileRows.of(format, columns, wanted.name(), wanted.mapping());
        String ids = columns.stream().map(TableColumn::id).collect(Collectors.joining(", "));
        try (var inspector = duck.connect()) {
            if (byFormat.isEmpty()) {
                return rows.apply(Format.CSV).relation(reading, inspector, List.of());
            }
            var parts = new ArrayList<String>();
            byFormat.forEach((format, files) -> parts.add("SELECT " + ids + " FROM " + rows.apply(format).relation(reading, inspector, files)));
            return "(" + String.join(" UNION ALL ", parts) + ")";
        } catch (SQLException e) {
            throw new KustoException(Errors.badRequest("'" + wanted.name() + "' cannot read its files: " + e.getMessage()), e);
        }
    }

    /// One file by its connection string. A URI that opens by itself or by its query is asked for as any web server's is; what
    /// opens by the key of an account is asked for as that account's.
    private Found file(String place) {
        if (!StorageUri.isUri(place)) {
            return fileOfThisMachine(AllowedFolders.path(place));
        }
        var uri = StorageUri.parse(place);
        var storage = tables.storage();
        if (uri.location().getRawUserInfo() != null && !"abfss".equalsIgnoreCase(uri.location().getScheme())) {
            throw new KustoException(Errors.storage("BadRequest_InvalidBlobUri", "a URI names no user and password before its host"));
        }
        boolean isOfTheWeb = !storage.isOurs(uri) && web.reaches(uri);
        if (isOfTheWeb || storage.isFetched(uri)) {
            tables.callouts().requireForQueries(WebFiles.CALLOUT_TYPE, Target.of(uri.location()));
            return new Found(uri.toString(), uri.fileName(), 0, Instant.EPOCH, new Content.Away(() -> isOfTheWeb ? web.fetch(uri) : storage.content(uri)));
        }
        tables.checkCallout(uri);
        return new Found(uri.toString(), uri.fileName(), 0, Instant.EPOCH, new Content.Here(() -> storage.content(uri)));
    }

    /// Whether queries may read what was found at a place.
    private Found checkFile(String place, Found file) {
        if (!StorageUri.isUri(place)) {
            checkFolder(Path.of(file.uri()));
        } else if (tables.storage().isFetched(StorageUri.parse(place))) {
            tables.callouts().requireForQueries(WebFiles.CALLOUT_TYPE, Target.of(URI.create(file.uri())));
        } else {
            tables.checkCallout(URI.create(file.uri()));
        }
        return file;
    }

    /// Whether queries may look for files there.
    private void checkPlace(String place) {
        if (!StorageUri.isUri(place)) {
            checkFolder(AllowedFolders.path(place));
            return;
        }
        var uri = StorageUri.parse(place);
        if (tables.storage().isFetched(uri)) {
            tables.callouts().requireForQueries(WebFiles.CALLOUT_TYPE, Target.of(uri.location()));
        } else {
            tables.checkCallout(uri);
        }
    }

    private void checkFolder(Path path) {
        tables.callouts().requireForQueries(WebFiles.CALLOUT_TYPE, Target.ofFile(path));
    }

    private Found fileOfThisMachine(Path path) {
        checkFolder(path);
        Path file = allowed.requireReadable(path);
        if (!Files.isRegularFile(file)) {
            throw new KustoException(Errors.storage("Download_SourceNotFound", "there is no file '" + path + "'"));
        }
        return new Found(path.toString(), path.getFileName().toString(), 0, Instant.EPOCH, new Content.Here(() -> allowed.requireReadable(file)));
    }
}
