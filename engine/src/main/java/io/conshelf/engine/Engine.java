package io.conshelf.engine;

import io.conshelf.engine.command.CommandResult;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.duck.KernelFunctions;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.ingest.Ingestion;
import io.conshelf.engine.RunningQuery.Kind;
import io.conshelf.engine.ingest.SchemaInference;
import io.conshelf.engine.store.Authorization;
import java.util.Optional;
import io.conshelf.engine.store.ClusterRoles.ClusterGrant;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.Grant;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.ServiceDocuments;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.function.Catalogue;
import io.conshelf.kql.type.ColumnSchema;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;

/// The cluster without its network: databases, queries, commands and ingestion behind one door.
public final class Engine implements AutoCloseable {
    private final EngineConfig config;
    private final DuckInstance duck;
    private final Storage storage;
    private final ExternalStorage external;
    private final QueryRunner queries;
    private final CommandRunner commands;
    private final Ingestion ingestion;
    private final Retention retention;
    private final ExtentMerges merges;
    private final Purges purges;
    private final ContinuousExports exports;
    private final MaterializedViews views;
    private final StreamingWatch streaming;

    private Engine(EngineConfig config, DuckInstance duck, Storage storage, ExternalStorage external, WebCalls calls) {
        this.config = config;
        this.duck = duck;
        this.storage = storage;
        var externalTables = new ExternalTables(config, duck, storage, external, calls);
        this.external = externalTables.storage();
        storage.derive(new UpdatePolicyRuns(storage, externalTables));
        this.ingestion = Ingestion.open(config, duck, storage);
        this.queries = new QueryRunner(config.limits(), duck, storage, externalTables);
        this.views = MaterializedViews.start(storage, duck, externalTables, config.clock());
        this.streaming = new StreamingWatch(storage, config.clock());
        this.commands =
                new CommandRunner(config, this, queries, storage, duck, external, externalTables, views, streaming);
        this.retention = Retention.start(storage, config.clock());
        this.merges = ExtentMerges.start(storage, config.clock());
        this.purges = Purges.start(storage, commands, config.clock());
        this.exports = ContinuousExports.start(commands.continuousExports());
    }

    public static Engine open(EngineConfig config) {
        return open(config, ExternalStorage.NONE);
    }

    /// @param external storage that commands may read and write by URI
    public static Engine open(EngineConfig config, ExternalStorage external) {
        return open(config, external, WebCalls.NONE);
    }

    /// @param external storage that commands may read and write by URI
    /// @param calls    how web services are called
    public static Engine open(EngineConfig config, ExternalStorage external, WebCalls calls) {
        DuckInstance duck = DuckInstance.open(config);
        try {
            try (var connection = duck.connect()) {
                KernelFunctions.register(connection, Catalogue.kernels(), duck.kernelCalls());
            }
            return new Engine(config, duck, Storage.open(config, duck), external, calls);
        } catch (SQLException e) {
            duck.close();
            throw new IllegalStateException("The engine did not open: " + e.getMessage(), e);
        } catch (RuntimeException | Error e) {
            duck.close();
            throw e;
        }
    }

    /// Runs a query. Its rows are produced while the answer is read.
    ///
    /// @throws KustoException when the text has errors, or something fails before the first row
    public Answer query(Request request, String csl) {
        return queries.run(resolved(request), Kind.QUERY, csl,
                (catalog, now) -> QueryParameters.bound(csl, catalog, request, now), Map.of());
    }

    /// Runs a management command; the result of `.show` may be piped into operators.
    ///
    /// @throws KustoException when the text is no command, its command is not built or not allowed, or it fails
    public Answer command(Request request, String csl) {
        requireRun(request);
        return commands.run(resolved(request), csl);
    }

    /// Refuses a command whose request asks for a check alone: it would be run.
    ///
    /// @throws KustoException when an option of the request says so
    public void requireRun(Request request) {
        QueryOptions.requireRun(request, List.of());
    }

    /// Refuses request options whose values are of another kind than the service's.
    ///
    /// @param options as [Request#options]
    /// @throws KustoException that names the first such option
    public void checkOptions(Map<String, Object> options) {
        RequestOption.checkValues(options);
    }

    /// Appends rows to a table; they are durable and visible when this returns.
    public StreamingIngestion.Result ingestStream(Request request, StreamingIngestion stream) {
        var resolved = resolved(request);
        return streaming.watched(
                resolved, stream, () -> queries.write(resolved, () -> ingestion.stream(resolved.principal(), stream)));
    }

    /// Ingests local files in one commit.
    public BatchIngestion.Result ingestBatch(Request request, BatchIngestion batch) {
        var resolved = resolved(request);
        Supplier<BatchIngestion.Result> load = () -> queries.write(resolved, () -> ingestion.batch(resolved.principal(), batch));
        // What is part of a command is remembered and counted with it.
        return WriteStop.isBound() ? load.get() : commands.queued().run(resolved, batch, load);
    }

    /// Tells of a batch that [#ingestBatch] will be asked for when those before it have ended.
    public void lookAhead(BatchIngestion batch) {
        ingestion.lookAhead(batch);
    }

    /// Remembers sources of queued ingestion that were given up outside of [#ingestBatch], as its own failures: `.show ingestion
    /// failures` tells of both. The database of the request may be one that there is not.
    public void givenUp(Request request, GivenUp givenUp) {
        commands.queued().givenUp(request, givenUp);
    }

    /// Roles on the cluster are looked up once, at the door.
    private Request resolved(Request request) {
        return request.by(storage.clusterRoles().resolve(request.principal()));
    }

    /// Goes on with the result of a `.show` command that was answered elsewhere.
    ///
    /// @param start where in the text the operators over it begin
    public Answer pipe(Request request, String text, int start, CommandResult input) {
        return commands.pipe(resolved(request), text, start, input);
    }

    /// Refuses whoever may not ingest into a table.
    ///
    /// @throws KustoException when the principal may not, or when there is no such database or table
    public void requireIngestor(Principal principal, String database, String table) {
        var found = storage.snapshot().existing(database);
        var resolved = storage.clusterRoles().resolve(principal);
        var target = found.table(table);
        if (target.isEmpty()) {
            // Whether there is one is for those who might make it.
            Authorization.require(resolved, found, Role.INGESTOR);
            throw new KustoException(StorageErrors.tableNotFound(table));
        }
        Authorization.require(resolved, found, target.get(), Role.INGESTOR);
    }

    /// Refuses whoever may neither ingest into a table nor read it. The table may be one that ingestion is yet to make.
    ///
    /// @throws KustoException when the principal may not, or when there is no such database
    public void requireIngestorOrViewer(Principal principal, String database, String table) {
        var found = storage.snapshot().existing(database);
        var resolved = storage.clusterRoles().resolve(principal);
        found.table(table).ifPresentOrElse(
                target -> Authorization.require(resolved, found, target, Role.INGESTOR, Role.VIEWER),
                () -> Authorization.require(resolved, found, Role.INGESTOR, Role.VIEWER));
    }

    /// Refuses whoever holds no role at all: storage that the cluster lends is for those who have something to do with it.
    ///
    /// @throws KustoException when the principal may not so much as know one of the databases
    public void requireAnyRole(Principal principal, String operation) {
        var resolved = storage.clusterRoles().resolve(principal);
        if (storage.snapshot().databases().stream().noneMatch(database -> Authorization.mayKnow(resolved, database))) {
            throw new KustoException(StorageErrors.forbidden(principal.fullyQualifiedName(), "any role on a database", operation));
        }
    }

    /// Refuses whoever may not ingest into a table, which may be one that ingestion is yet to make, of a database that may be missing:
    /// what is missing is told by the ingestion itself.
    ///
    /// @throws KustoException when the principal may not
    public void requireFutureIngestor(Principal principal, String database, String table) {
        var resolved = storage.clusterRoles().resolve(principal);
        storage.snapshot().database(database).ifPresent(found -> found.table(table).ifPresentOrElse(
                target -> Authorization.require(resolved, found, target, Role.INGESTOR),
                () -> Authorization.require(resolved, found, Role.INGESTOR)));
    }

    /// Whether a URI leads to another account's container, on this machine or where the configuration says `live`.
    public boolean isElsewhere(StorageUri blob) {
        return external.isFetched(blob);
    }

    /// All storage that may be reached: what the engine was opened with, and other accounts' containers.
    public ExternalStorage externalStorage() {
        return external;
    }

    /// Copies a blob that [#isElsewhere] into the staging folder, so that it can be ingested into a table, which may be one that
    /// ingestion is yet to make. Whoever asked deletes the copy.
    ///
    /// @throws KustoException when the principal may not ingest there, or the blob is not to be had
    public Path fetch(Principal principal, String database, String table, StorageUri blob) {
        storage.snapshot().existing(database);
        requireFutureIngestor(principal, database, table);
        return external.content(blob);
    }

    /// As [#fetch], where a blob of more than so many bytes is refused with the code `BadRequest_FileTooLarge`.
    public Path fetch(Principal principal, String database, String table, StorageUri blob, long bytesMax) {
        storage.snapshot().existing(database);
        requireFutureIngestor(principal, database, table);
        return external.content(blob, bytesMax);
    }

    /// The ingestion batching policy that holds for a table, as JSON text: its own, its database's, or the default.
    ///
    /// @throws KustoException when there is no such database or table
    public String batchingPolicy(String database, String table) {
        var found = storage.snapshot().existing(database);
        var target = found.table(table).orElseThrow(() -> new KustoException(StorageErrors.tableNotFound(table)));
        return storage.clusterPolicies().effective(found, target, PolicyKind.INGESTION_BATCHING).orElse("{}");
    }

    /// The names of all databases.
    public List<String> databases() {
        return storage.snapshot().databases().stream().map(Database::name).toList();
    }

    /// A database's own policy, as JSON text.
    ///
    /// @throws KustoException when there is no such database
    public Optional<String> databasePolicy(String database, PolicyKind kind) {
        return storage.snapshot().existing(database).policy(kind);
    }

    /// Who holds which role on a database.
    ///
    /// @throws KustoException when there is no such database
    public List<Grant> databaseGrants(String database) {
        return storage.snapshot().existing(database).grants();
    }

    /// Copies all databases and the system store, while they are used, into an empty folder inside an allowed one. Only an
    /// administrator of all databases may.
    public void backup(Request request, Path target) {
        Authorization.requireAdministrator(request.principal(), "a backup of the cluster");
        queries.write(request, () -> {
            storage.backup(target);
            return 0;
        });
    }

    /// Takes away what a principal leaves behind that is no more, so that nobody gets it with the name.
    ///
    /// @throws KustoException when a database cannot be used now; of the others it is taken away all the same
    public void forget(Principal departed) {
        storage.forget(departed);
    }

    /// Whom somebody made administrators of all databases, as they were named.
    public List<String> administrators() {
        return storage.clusterRoles().grants().stream().filter(grant -> grant.role() == ClusterRole.ALL_DATABASES_ADMIN)
                .map(ClusterGrant::principal).toList();
    }

    /// The principal with the roles that it holds on the whole cluster.
    public Principal withClusterRoles(Principal principal) {
        return storage.clusterRoles().resolve(principal);
    }

    /// The columns of a file in an allowed folder, told from its content.
    ///
    /// @param format as [SchemaInference] lists
    public List<ColumnSchema> inferSchema(Path file, String format) {
        return SchemaInference.infer(duck, file, format);
    }

    QueryRunner queries() {
        return queries;
    }

    /// Stops the queries and commands with this client request id.
    ///
    /// @return how many there were
    public int cancel(Principal principal, String clientRequestId) {
        return queries.cancel(storage.clusterRoles().resolve(principal), clientRequestId);
    }

    /// Stops the request with this activity: nobody waits for its answer any more.
    public void abandon(UUID activityId) {
        queries.log().abandon(activityId);
    }

    public List<RunningQuery> runningQueries() {
        return queries.log().running();
    }

    /// The last queries and commands that ended, the latest first.
    public List<RunningQuery> endedQueries() {
        return queries.log().ended();
    }

    /// What a service beside the cluster keeps in the one system store.
    public ServiceDocuments documentsOf(String service) {
        return storage.system().documentsOf(service);
    }

    Storage storage() {
        return storage;
    }

    MaterializedViews views() {
        return views;
    }

    Purges purges() {
        return purges;
    }

    ContinuousExports continuousExports() {
        return exports;
    }

    /// Requests whose work has not ended, even where nobody waits for it any more.
    int requestsInWork() {
        return queries.inWork();
    }

    ExtentMerges merges() {
        return merges;
    }

    Retention retention() {
        return retention;
    }

    public Limits limits() {
        return config.limits();
    }

    @Override
    public void close() {
        retention.close();
        merges.close();
        purges.close();
        exports.close();
        views.close();
        queries.close();
        ingestion.close();
        streaming.close();
        storage.close();
        duck.close();
    }
}
