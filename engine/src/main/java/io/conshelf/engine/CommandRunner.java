package io.conshelf.engine;

import io.conshelf.engine.RunningQuery.Kind;
import io.conshelf.engine.command.CommandAnswer;
import io.conshelf.engine.command.CommandResult;
import io.conshelf.engine.command.CommandServices;
import io.conshelf.engine.command.Commands;
import io.conshelf.engine.command.ContinuousExportRuns;
import io.conshelf.engine.command.FunctionParameters;
import io.conshelf.engine.command.OperationLog;
import io.conshelf.engine.command.OperationRun;
import io.conshelf.engine.command.ResultChunk;
import io.conshelf.engine.command.ViewServices;
import io.conshelf.engine.duck.DuckInstance;
import io.conshelf.engine.external.WebFiles;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.external.OutsideRows.Origin;
import io.conshelf.engine.sql.PlanWriter;
import io.conshelf.engine.sql.QueryContext;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Reading;
import io.conshelf.engine.store.RowLevelSecurity;
import io.conshelf.engine.store.Storage;
import io.conshelf.engine.store.StoredFunction;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.bind.Bound;
import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.bind.Kql;
import io.conshelf.kql.bind.StoredGraph;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.command.CommandMatcher;
import io.conshelf.kql.plan.Column;
import io.conshelf.kql.plan.Plan;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.syntax.Diagnostic;
import io.conshelf.kql.syntax.Parser;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.Chunk;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.duckdb.DuckDBConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs management commands on lanes of their own, and is what their handlers need of the engine.
final class CommandRunner implements CommandServices {
    private static final Logger LOG = LoggerFactory.getLogger(CommandRunner.class);
    /// The name under which a plan reads the result of a command.
    private static final String COMMAND_RESULT = "command_result";
    private static final List<ColumnSchema> OPERATION = List.of(new ColumnSchema("OperationId", Type.GUID));

    private final EngineConfig config;
    private final Engine engine;
    private final DuckInstance duck;
    private final ExternalStorage external;
    private final ExternalTables externalTables;
    private final WebFiles webFiles;
    private final QueryRunner queries;
    private final Storage storage;
    private final Commands commands;
    private final OperationLog operations;
    private final ViewServices views;
    private final Capacity ingestions;
    private final Capacity exports;
    private final ContinuousExportRuns continuousExports;
    private final StreamingWatch streaming;
    private final QueuedLoads queued;

    CommandRunner(
            EngineConfig config, Engine engine, QueryRunner queries, Storage storage, DuckInstance duck, ExternalStorage external,
            ExternalTables externalTables, ViewServices views, StreamingWatch streaming) {
        this.views = views;
        this.duck = duck;
        this.externalTables = externalTables;
        this.webFiles = new WebFiles(config.live(), externalTables.callouts(), config.stagingFolder());
        this.external = externalTables.storage();
        this.config = config;
        this.engine = engine;
        this.queries = queries;
        this.storage = storage;
        this.commands = new Commands(storage, this);
        this.operations = new OperationLog(storage);
        this.ingestions = capacity(Capacity.Resource.INGESTIONS);
        this.exports = capacity(Capacity.Resource.EXPORTS);
        this.streaming = streaming;
        this.continuousExports = new ContinuousExportRuns(this, storage, config.clock());
        this.queued = new QueuedLoads(storage, operations, ingestions);
    }

    private Capacity capacity(Capacity.Resource resource) {
        return new Capacity(
                resource, () -> storage.clusterPolicies().policy(PolicyKind.CAPACITY), config.limits().queryQueueWait(),
                Runtime.getRuntime().availableProcessors());
    }

    /// Work that loads or writes much has places of its own, so that small commands find theirs.
    private Slots slots(OperationRun operation) {
        return switch (operation.weight()) {
            case INGESTION -> ingestions.of(operation.type());
            case EXPORT -> exports.of(operation.type());
            case SMALL -> queries.slots(Kind.COMMAND);
        };
    }

    QueuedLoads queued() {
        return queued;
    }

    Answer run(Request asked, String text) {
        var match = Commands.recognise(text);
        // An export may take an hour, unless its request says otherwise: what no request names is the default of commands.
        boolean isLong = match.command().name().startsWith("ExportTo") && asked.timeout().equals(config.limits().commandTimeout());
        var request = isLong ? asked.within(config.limits().timeoutMax()) : asked;
        if (match.has("async")) {
            return runAside(request, text, match);
        }
        var operation = operations.begin(UUID.randomUUID(), request, match);
        var result = onLane(operation, request, text, match);
        var query = Commands.answerQuery(match);
        if (query.isPresent()) {
            return queries.run(request, Kind.COMMAND, text,
                    (catalog, now) -> QueryParameters.bound(query.get(), catalog, request, now), Map.of());
        }
        return match.pipe().isPresent()
                ? pipe(request, text, match.pipe().getAsInt(), result)
                : new CommandAnswer(result);
    }

    private CommandResult onLane(OperationRun operation, Request request, String text, CommandMatch match) {
        try {
            return queries.runOnLane(
                    request, Kind.COMMAND, text, queries.counted(request, Kind.COMMAND, text, slots(operation)),
                    () -> operation.run(() -> commands.prepared(request, match)), operation::stopsBy);
        } catch (RuntimeException e) {
            // It may have been refused a place before it began, or stopped; otherwise this is known already.
            operation.fail(e);
            throw e;
        }
    }

    /// Answers with the operation's id at once. What is refused outright is told here; the rest is in the operation.
    private Answer runAside(Request request, String text, CommandMatch match) {
        commands.check(request, match);
        var id = UUID.randomUUID();
        var operation = operations.beginAside(id, request, match);
        Thread.ofVirtual().name("conshelf-operation-" + id).start(() -> {
            try {
                onLane(operation, request, text, match);
            } catch (RuntimeException e) {
                LOG.debug("operation {} failed, as its record says", id, e);
            }
        });
        return new CommandAnswer(CommandResult.of(OPERATION).row(id).done());
    }

    Answer pipe(Request request, String text, int start, CommandResult input) {
        Map<String, List<Chunk>> supplied = Map.of(COMMAND_RESULT, List.of(new ResultChunk(input)));
        return queries.run(request, Kind.COMMAND, text,
                (catalog, now) -> Kql.bindOperators(
                        text, Parser.parseOperators(text, start), COMMAND_RESULT, input.columns(), catalog,
                        QueryParameters.options(request, now)),
                supplied);
    }

    @Override
    public BatchIngestion.Result ingest(Request request, BatchIngestion ingestion) {
        return engine.ingestBatch(request, ingestion);
    }

    @Override
    public void carryOutPurges() {
        engine.purges().wake();
    }

    @Override
    public ContinuousExportRuns continuousExports() {
        return continuousExports;
    }

    @Override
    public <T> T inBackground(Request request, String text, Callable<T> work) {
        return queries.runOnLane(request, Kind.COMMAND, text, QueryRunner.uncounted(exports.of("ContinuousExport")), work, _ -> {});
    }

    @Override
    public List<TableId> tables(Request request, Database database, String csl) {
        return bind(request, database, csl, true).results().stream()
                .flatMap(result -> PlanWriter.tables(result.plan()).stream())
                .distinct()
                .toList();
    }

    @Override
    public ExternalTables externalTables() {
        return externalTables;
    }

    @Override
    public WebFiles webFiles() {
        return webFiles;
    }

    @Override
    public ExternalStorage external() {
        return external;
    }

    @Override
    public DuckDBConnection connect() throws SQLException {
        return duck.connect();
    }

    @Override
    public Path stagingFolder() {
        return config.stagingFolder();
    }

    @Override
    public AllowedFolders allowed() {
        return config.allowed();
    }

    @Override
    public List<RunningQuery> requests() {
        return Stream.concat(queries.log().running().stream(), queries.log().ended().stream()).toList();
    }

    @Override
    public int cancel(Principal principal, String clientRequestId) {
        return queries.cancel(principal, clientRequestId);
    }

    @Override
    public QuerySource source(Request request, String csl) {
        if (!CommandMatcher.isCommand(csl)) {
            return new QuerySource(csl, Optional.empty(), OptionalInt.empty(), 0);
        }
        var match = Commands.recognise(csl);
        return new QuerySource(csl, Optional.of(commands.runWithin(request, match)), match.pipe(), 0);
    }

    @Override
    public BoundQuery bind(Request request, QuerySource source, Reading reading) {
        String csl = source.csl();
        long now = QueryNow.ticks(request);
        var database = reading.snapshot().database(request.database()).map(Database::name).orElse(request.database());
        var outside = new OutsideTables(externalTables.outside(), new Origin(request.clientRequestId(), false), reading.stop());
        if (source.answer().isPresent()) {
            var result = source.answer().get();
            if (source.pipe().isPresent()) {
                return bindPiped(request, csl, source.pipe().getAsInt(), result, reading,
                        context(request, now, database, reading, Map.of(COMMAND_RESULT, List.of(new ResultChunk(result))), outside), outside);
            }
            var columns = new ArrayList<Column>();
            for (var column : result.columns()) {
                columns.add(new Column(columns.size() + 1, column.name(), column.type()));
            }
            var context = context(
                    request, now, database, reading, Map.of(COMMAND_RESULT, List.of(new ResultChunk(result))), outside);
            return new BoundQuery(
                    result.columns(), written(new Plan.Supplied(COMMAND_RESULT, columns), context));
        }
        var context = context(request, now, database, reading, Map.of(), outside);
        var bound = QueryParameters.bound(csl, catalog(request, reading, context, outside), request, now);
        bound.problems().stream().findFirst().ifPresent(problem -> {
            throw new KustoException(Errors.of(problem, csl, source.before()));
        });
        QueryOptions.requireRun(request, bound.options());
        QueryParameters.requireRows(request, bound.options());
        if (bound.results().isEmpty()) {
            throw new KustoException(Errors.badRequest("The query after '<|' has no result."));
        }
        var first = bound.results().getFirst();
        var cursors = QueryCursors.of(request, bound.options(), cursor(database, reading));
        String elsewhere = PlanWriter.tables(first.plan()).stream()
                .filter(table -> OutsideTables.isOutside(table) || ExternalTable.isExternal(table))
                .map(TableId::name).findFirst().orElse("");
        return new BoundQuery(first.columns(), written(first.plan(), context.with(cursors)), elsewhere);
    }

    @Override
    public GraphQuery bind(Request request, StoredGraph.Model model, Reading reading) {
        long now = QueryNow.ticks(request);
        var outside = new OutsideTables(externalTables.outside(), new Origin(request.clientRequestId(), false), reading.stop());
        var context = context(request, now, model.database(), reading, Map.of(), outside);
        var bound = Kql.bindModel(model, catalog(request, reading, context, outside), QueryParameters.options(request, now));
        bound.problems().stream().findFirst().ifPresent(problem -> {
            throw new KustoException(Errors.badRequest("The graph model '" + model.name() + "' cannot be made: " + problem.message()));
        });
        var tables = bound.results().stream().map(result -> new BoundQuery(result.columns(), written(result.plan(), context))).toList();
        var reads = bound.results().stream().flatMap(result -> PlanWriter.tables(result.plan()).stream()).distinct().toList();
        return new GraphQuery(tables.getFirst(), tables.getLast(), reads);
    }

    /// The operators behind a command that is part of another.
    private BoundQuery bindPiped(
            Request request, String csl, int start, CommandResult input, Reading reading, QueryContext context, OutsideTables outside) {
        var bound = Kql.bindOperators(
                csl, Parser.parseOperators(csl, start), COMMAND_RESULT, input.columns(), catalog(request, reading, context, outside),
                QueryParameters.options(request, QueryNow.ticks(request)));
        bound.problems().stream().findFirst().ifPresent(problem -> {
            throw new KustoException(Errors.of(problem, csl));
        });
        var first = bound.results().getFirst();
        return new BoundQuery(first.columns(), written(first.plan(), context));
    }

    /// Some plugins make columns of what rows hold, and constants may be computed of them: rows of the moment that the command reads.
    private static CatalogWithData catalog(Request request, Reading reading, QueryContext context, OutsideTables outside) {
        return new CatalogWithData(
                new CatalogSnapshot(reading.snapshot(), context.database(), request.principal()),
                (plan, rowsMax) -> outside.looking(() -> Optional.of(texts(plan, rowsMax, reading, context))), outside);
    }

    private static List<List<String>> texts(Plan plan, int rowsMax, Reading reading, QueryContext context) {
        try {
            return reading.texts(written(plan, context), plan.columns().stream().map(Column::type).toList(), rowsMax);
        } catch (SQLException e) {
            throw WriteStop.current().reason().map(reason -> new KustoException(reason, e))
                    .or(() -> reading.foreignFailure().map(cause -> new KustoException(cause.error(), e)))
                    .orElseGet(() -> new KustoException(Errors.of(e), e));
        }
    }

    /// As SQL whose kernels end with the command.
    private static String written(Plan plan, QueryContext context) {
        return WriteStop.current().marked(PlanWriter.write(plan, context).sql());
    }

    private QueryContext context(
            Request request, long now, String database, Reading reading, Map<String, List<Chunk>> supplied, OutsideTables outside) {
        return new QueryContext(
                now, database, request.principal(), QueryRunner.CLUSTER_URI,
                new StoredRelations(reading, externalTables, outside, now), supplied,
                QueryCursors.of(request, List.of(), cursor(database, reading)));
    }

    private static long cursor(String database, Reading reading) {
        return reading.snapshot().database(database).map(d -> reading.cursor(d.id())).orElse(0L);
    }

    @Override
    public CommandResult run(UUID operation, Request request, CommandMatch command) {
        return operations.begin(operation, request, command).run(() -> commands.prepared(request, command));
    }

    @Override
    public ViewServices views() {
        return views;
    }

    @Override
    public OperationLog operations() {
        return operations;
    }

    @Override
    public List<CapacityUse> capacities() {
        var queriesMax = config.limits().concurrentQueries();
        long running = requests().stream()
                .filter(r -> r.kind() == Kind.QUERY && r.state() == RunningQuery.State.RUNNING)
                .count();
        return List.of(
                ingestions.use(), exports.use(), views.use(), new CapacityUse("queries", queriesMax, running, "WorkloadGroup/default"));
    }

    @Override
    public StreamingRecords streaming() {
        return streaming;
    }

    @Override
    public Limits limits() {
        return config.limits();
    }

    @Override
    public List<ColumnSchema> columns(Request request, Database database, String csl) {
        // Whoever asks has it kept.
        return UpdatePolicyRuns.checked(bind(request, database, csl, true), csl);
    }

    @Override
    public Optional<String> problemOfClassification(Request request, String function) {
        return RequestClassification.problem(function, request);
    }

    @Override
    public List<String> propertiesForClassification(String function) {
        return RequestClassification.named(function);
    }

    @Override
    public void checkFunction(Request request, Database database, StoredFunction function) {
        // A table as argument: what it has is known when it is called, so its body is only parsed.
        String text = FunctionCall.check(function);
        // What cannot be run yet would be left out of all that reads views.
        Stream<Diagnostic> refusals = function.isView()
                ? check(request, database, FunctionCall.declared(function)).refusals().stream() : Stream.empty();
        Stream.concat(check(request, database, text).diagnostics().stream(), refusals)
                .filter(d -> d.isError())
                .findFirst()
                .ifPresent(problem -> {
                    throw new KustoException(Errors.of(problem, text, FunctionCall.BEFORE.length()));
                });
        if (function.isView() && check(request, database, FunctionCall.rows(function)).diagnostics().stream().anyMatch(d -> d.isError())) {
            throw new KustoException(Errors.badRequest("The view '" + function.name()
                    + "' gives no rows: a view is a query that does. Let its body end with one, or say view=false."));
        }
    }

    @Override
    public LogicalPlan plan(Request request, String csl) {
        var snapshot = storage.snapshot();
        var bound = bind(request, snapshot.existing(request.database()), csl, false);
        bound.problems().stream().findFirst().ifPresent(problem -> {
            throw new KustoException(Errors.of(problem, csl));
        });
        boolean isOfHiddenRows = bound.results().stream().flatMap(result -> PlanWriter.tables(result.plan()).stream())
                .anyMatch(id -> snapshot.databaseById(id.databaseId()).filter(database -> RowLevelSecurity.isOn(database, id)).isPresent());
        return new LogicalPlan(bound.results().stream().map(result -> result.plan().text()).collect(Collectors.joining("\n\n")), isOfHiddenRows);
    }

    @Override
    public Optional<String> schemaOf(Request request, Database database, StoredFunction function) {
        return outputOf(request, database, function).map(FunctionParameters::csl);
    }

    @Override
    public Optional<List<ColumnSchema>> outputOf(Request request, Database database, StoredFunction function) {
        return FunctionCall.of(function)
                .map(text -> check(request, database, text))
                .filter(bound -> bound.diagnostics().stream().noneMatch(d -> d.isError()) && !bound.results().isEmpty())
                .map(bound -> bound.results().getFirst().columns());
    }

    /// What is not going to be run: constants of it are not computed.
    private Bound check(Request request, Database database, String text) {
        var options = QueryParameters.options(request, QueryNow.ticks(request)).toCheck();
        return Kql.bind(text, new CatalogSnapshot(storage.snapshot(), database.name(), request.principal()), options);
    }

    private Bound bind(Request request, Database database, String text, boolean isKept) {
        Catalog catalog = new CatalogSnapshot(storage.snapshot(), database.name(), request.principal(), isKept);
        return Kql.bind(text, catalog, QueryParameters.options(request, QueryNow.ticks(request)));
    }
}
