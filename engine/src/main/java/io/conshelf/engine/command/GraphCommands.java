package io.conshelf.engine.command;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.command.CommandServices.BoundQuery;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Database;
import io.conshelf.engine.store.EntityId;
import io.conshelf.engine.store.EntityNames;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.GraphDefinition;
import io.conshelf.engine.store.GraphModel;
import io.conshelf.engine.store.GraphModels;
import io.conshelf.engine.store.GraphSnapshot;
import io.conshelf.engine.store.Moments;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.bind.StoredGraph;
import io.conshelf.kql.command.CommandMatcher;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;

/// Graph models, and the graphs that are made by them and kept: two tables each, written in one transaction.
final class GraphCommands {
    private static final int MODELS_MAX = 5_000;
    /// Of all definitions that are kept: each change of the database writes them down again.
    private static final long CHARACTERS_MAX = 32L << 20;
    /// As documented.
    private static final int SNAPSHOTS_MAX = 5_000;
    /// What is made stays until it is dropped.
    private static final String RETENTION = "{\"SoftDeletePeriod\":\"365000.00:00:00\"}";
    private static final String NO_POLICY = "null";
    private static final String ALL = "*";

    private GraphCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("GraphModelCreateOrAlter", Access.onEntityOrToCreate(Role.ADMIN, Role.USER), GraphCommands::createOrAlter);
        registry.on("GraphModelShow", Access.onDatabase(Role.VIEWER), Set.of("id"), GraphCommands::showModel);
        registry.on("GraphModelsShow", Access.onDatabase(Role.VIEWER), Set.of("showall"), GraphCommands::showModels);
        registry.on("GraphModelDrop", Access.onEntity(Role.ADMIN), GraphCommands::dropModel);
        registry.on("GraphSnapshotMake", Access.onEntity(Role.ADMIN), GraphCommands::make);
        registry.on("GraphSnapshotShow", Access.onDatabase(Role.VIEWER), GraphCommands::showSnapshot);
        registry.on("GraphSnapshotsShow", Access.onDatabase(Role.VIEWER), GraphCommands::showSnapshots);
        registry.on("GraphSnapshotShowDataStatistics", Access.toLook(), context -> dataStatistics(context, List.of(named(context))));
        registry.on("GraphSnapshotsShowDataStatistics", Access.toLook(), context -> dataStatistics(context, wanted(context)));
        registry.on("GraphSnapshotDrop", Access.onEntity(Role.ADMIN), GraphCommands::dropSnapshot);
        registry.on("GraphSnapshotsDrop", Access.onEntity(Role.ADMIN), GraphCommands::dropSnapshots);
    }

    // ---- models

    private static CommandResult createOrAlter(CommandContext context) {
        String name = EntityNames.checked("graph model", argument(context, "name"));
        String definition;
        try {
            definition = GraphDefinition.oneLine(argument(context, "string"));
            GraphDefinition.read(context.database().name(), name, definition);
        } catch (IllegalArgumentException e) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "definition", String.valueOf(e.getMessage())), e);
        }
        var model = new EntityId(EntityId.Kind.GRAPH_MODEL, name);
        var made = context.change(transaction -> {
            var version = new GraphModel.Version(UUID.randomUUID(), transaction.now(), definition);
            var before = transaction.database().graphs();
            if (before.model(name).isEmpty()) {
                if (before.byName().size() >= MODELS_MAX) {
                    throw new KustoException(Errors.badRequest("a database has at most " + MODELS_MAX + " graph models"));
                }
                transaction.setGraphs(graphs -> graphs.with(new GraphModel(name, List.of(version), new TreeMap<>())));
                context.own(transaction, model);
            } else {
                // Another may have made it since this command was let in.
                Authorization.require(context.request().principal(), transaction.database(), model, Role.ADMIN);
                transaction.setGraphs(graphs -> graphs.with(existing(graphs, name).with(version)));
            }
            if (transaction.database().graphs().characters() > CHARACTERS_MAX) {
                throw new KustoException(Errors.badRequest("the graph models of a database have at most " + CHARACTERS_MAX
                        + " characters, with the versions that are kept: drop some"));
            }
            return existing(transaction.database().graphs(), name);
        });
        return CommandResult.of(context.match().command())
                .row(name, Moments.ticks(made.newest().createdOn()), made.newest().id(), (long) made.snapshotsByName().size(), definition, RETENTION, NO_POLICY)
                .done();
    }

    private static CommandResult showModel(CommandContext context) {
        var model = existing(context.database().graphs(), argument(context, "graph_model"));
        var wanted = context.property("id");
        var versions = wanted.isEmpty() ? List.of(model.newest())
                : model.versions().stream().filter(v -> wanted.get().equals(ALL) || v.id().toString().equalsIgnoreCase(wanted.get())).toList();
        if (versions.isEmpty()) {
            throw new KustoException(StorageErrors.entityNotFound("GraphModel", model.name() + "' of the id '" + wanted.orElse("")));
        }
        var columns = new ArrayList<>(versionColumns(Type.STRING));
        boolean isDetailed = context.match().has("details");
        if (isDetailed) {
            columns.addAll(List.of(new ColumnSchema("SnapshotCount", Type.LONG), new ColumnSchema("Model", Type.DYNAMIC)));
        }
        var rows = CommandResult.of(columns);
        for (var version : versions) {
            var cells = new ArrayList<Object>(List.of(model.name(), Moments.ticks(version.createdOn()), version.id().toString()));
            if (isDetailed) {
                cells.addAll(List.of((long) model.snapshotsByName().size(), version.definition()));
            }
            rows.row(cells.toArray());
        }
        return rows.done();
    }

    private static CommandResult showModels(CommandContext context) {
        boolean isDetailed = context.match().has("details");
        var columns = new ArrayList<>(versionColumns(Type.GUID));
        if (isDetailed) {
            columns.add(new ColumnSchema("SnapshotsCount", Type.LONG));
            for (var name : List.of("Model", "AuthorizedPrincipals", "RetentionPolicy")) {
                columns.add(new ColumnSchema(name, Type.DYNAMIC));
            }
        }
        var rows = CommandResult.of(columns);
        for (var model : context.database().graphs().byName().values()) {
            for (var version : context.isTrue("showall") ? model.versions() : List.of(model.newest())) {
                var cells = new ArrayList<Object>(List.of(model.name(), Moments.ticks(version.createdOn()), version.id()));
                if (isDetailed) {
                    cells.addAll(List.of((long) model.snapshotsByName().size(), version.definition(), principals(context, model), RETENTION));
                }
                rows.row(cells.toArray());
            }
        }
        return rows.done();
    }

    private static List<ColumnSchema> versionColumns(Type id) {
        return List.of(new ColumnSchema("Name", Type.STRING), new ColumnSchema("CreationTime", Type.DATETIME), new ColumnSchema("Id", id));
    }

    private static String principals(CommandContext context, GraphModel model) {
        var all = JsonNodeFactory.instance.arrayNode();
        context.database().rules(new EntityId(EntityId.Kind.GRAPH_MODEL, model.name())).grants().forEach(grant -> all.addObject()
                .put("DisplayName", grant.displayName()).put("FQN", grant.principal()).put("Notes", grant.notes()));
        return all.toString();
    }

    private static CommandResult dropModel(CommandContext context) {
        String name = argument(context, "graph_model");
        existing(context.database().graphs(), name);
        var dropped = context.change(transaction -> {
            var model = existing(transaction.database().graphs(), name);
            model.snapshotsByName().values().forEach(transaction::discard);
            transaction.setGraphs(graphs -> graphs.without(name));
            transaction.dropRules(new EntityId(EntityId.Kind.GRAPH_MODEL, name));
            return model;
        });
        return CommandResult.of(context.match().command())
                .row(name, Moments.ticks(dropped.newest().createdOn()), dropped.newest().id()).done();
    }

    // ---- snapshots

    private static CommandResult make(CommandContext context) {
        String name = EntityNames.checked("graph snapshot", argument(context, "name"));
        String modelName = argument(context, "graph_model");
        var database = context.database();
        requireRoom(database.graphs(), modelName, name);
        // Two that make one snapshot wait for each other.
        String table = "graph('" + modelName + "', '" + name + "')";
        var lock = new TableId(database.id(), table, table);
        var made = context.writer().loadAlone(lock, transaction -> {
            var graphs = transaction.database().graphs();
            requireRoom(graphs, modelName, name);
            var version = existing(graphs, modelName).newest();
            var snapshot = snapshot(context, transaction, table, GraphDefinition.read(database.name(), modelName, version.definition()), name, version);
            // The model may have been dropped meanwhile, or another snapshot made of it.
            transaction.setGraphs((then, now) -> {
                requireRoom(now, modelName, name);
                requireOpen(then, modelName, snapshot.reads());
                return now.with(existing(now, modelName).with(snapshot));
            });
            return snapshot;
        });
        return CommandResult.of(context.match().command())
                .row(name, Moments.ticks(made.madeOn()), modelName, made.modelId(), Moments.ticks(made.modelCreatedOn()), made.nodeCount(),
                        made.edgeCount(), RETENTION, NO_POLICY)
                .done();
    }

    private static GraphSnapshot snapshot(CommandContext context, Transaction transaction, String table, StoredGraph.Model model, String name,
            GraphModel.Version version) throws SQLException {
        try (var reading = context.storage().readWithin(transaction)) {
            var query = context.services().bind(context.request(), model, reading);
            requireOpen(transaction.database(), model.name(), query.reads());
            var nodes = transaction.graphRows(table + " nodes", query.nodes().columns());
            var edges = transaction.graphRows(table + " edges", query.edges().columns());
            long edgeCount = write(transaction, edges, query.edges()).rowCount();
            long nodeCount = write(transaction, nodes, query.nodes()).rowCount();
            return new GraphSnapshot(name, transaction.now(), version.id(), version.createdOn(), nodes, edges, nodeCount, edgeCount,
                    PassingBy.origins(transaction.database(), query.reads()));
        }
    }

    /// Whoever reads the database reads the snapshot, past what hides rows from him.
    private static void requireOpen(Database database, String model, List<TableId> reads) {
        PassingBy.refusal(PassingBy.Reader.GRAPH_SNAPSHOT, database, reads).ifPresent(problem -> {
            throw new KustoException(Errors.badRequest("The graph model '" + model + "' cannot be made: " + problem));
        });
    }

    private static Extent write(Transaction transaction, Table table, BoundQuery query) throws SQLException {
        var extent = transaction.extents().open(table, Set.of(), transaction.now());
        extent.append(query.sql(), table.columns(), 0);
        extent.measure();
        return extent.extent();
    }

    private static void requireRoom(GraphModels graphs, String model, String snapshot) {
        if (existing(graphs, model).snapshot(snapshot).isPresent()) {
            throw new KustoException(StorageErrors.entityExists("GraphSnapshot", model + "." + snapshot));
        }
        if (graphs.snapshotCount() >= SNAPSHOTS_MAX) {
            throw new KustoException(Errors.badRequest("a database has at most " + SNAPSHOTS_MAX + " graph snapshots: drop some"));
        }
    }

    private static CommandResult showSnapshot(CommandContext context) {
        var found = named(context);
        return snapshots(context, List.of(found));
    }

    private static CommandResult showSnapshots(CommandContext context) {
        return snapshots(context, wanted(context));
    }

    private static CommandResult dropSnapshot(CommandContext context) {
        return dropped(context, List.of(named(context)));
    }

    private static CommandResult dropSnapshots(CommandContext context) {
        return dropped(context, wanted(context));
    }

    private static CommandResult dropped(CommandContext context, List<Found> all) {
        if (!all.isEmpty()) {
            context.change(transaction -> {
                for (var one : all) {
                    var model = transaction.database().graphs().model(one.model());
                    // Another may have its name by now.
                    if (model.flatMap(m -> m.snapshot(one.snapshot().name())).filter(one.snapshot()::equals).isPresent()) {
                        transaction.setGraphs(graphs -> graphs.with(existing(graphs, one.model()).withoutSnapshot(one.snapshot().name())));
                        transaction.discard(one.snapshot());
                    }
                }
                return all;
            });
        }
        return snapshots(context, all);
    }

    private record Found(String model, GraphSnapshot snapshot) {}

    /// The one that `Model.Snapshot` names.
    private static Found named(CommandContext context) {
        String path = argument(context, "graph_model_snapshot");
        int separator = path.lastIndexOf(CommandMatcher.PATH_SEPARATOR);
        if (separator < 0) {
            throw new KustoException(CommandErrors.badArgument(context.match(), "snapshot", "it is written Model.Snapshot, not '" + path + "'"));
        }
        var model = existing(context.database().graphs(), path.substring(0, separator));
        String name = path.substring(separator + 1);
        return new Found(model.name(), model.snapshot(name)
                .orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("GraphSnapshot", model.name() + "." + name))));
    }

    /// Those of one model or of all, by their names, then by their age.
    private static List<Found> wanted(CommandContext context) {
        String name = argument(context, "qualified_wildcarded_name");
        var graphs = context.database().graphs();
        var models = name.equals(ALL) ? List.copyOf(graphs.byName().values()) : List.of(existing(graphs, name));
        return models.stream().flatMap(model -> model.snapshotsByName().values().stream().map(snapshot -> new Found(model.name(), snapshot)))
                .sorted(Comparator.comparing((Found found) -> found.snapshot().name()).thenComparing(found -> found.snapshot().madeOn()))
                .toList();
    }

    private static CommandResult snapshots(CommandContext context, List<Found> all) {
        var columns = new ArrayList<>(context.match().command().output().orElseThrow());
        boolean isIdText = columns.stream().anyMatch(column -> column.name().equals("ModelId") && column.type() == Type.STRING);
        boolean isDetailed = context.match().has("details");
        if (isDetailed) {
            columns.addAll(List.of(new ColumnSchema("NodesCount", Type.LONG), new ColumnSchema("EdgesCount", Type.LONG),
                    new ColumnSchema("RetentionPolicy", Type.DYNAMIC)));
        }
        var rows = CommandResult.of(columns);
        for (var found : all) {
            var snapshot = found.snapshot();
            var id = snapshot.modelId();
            var cells = new ArrayList<Object>(List.of(snapshot.name(), Moments.ticks(snapshot.madeOn()), found.model(),
                    isIdText ? id.toString() : id, Moments.ticks(snapshot.modelCreatedOn())));
            if (isDetailed) {
                cells.addAll(List.of(snapshot.nodeCount(), snapshot.edgeCount(), RETENTION));
            }
            rows.row(cells.toArray());
        }
        return rows.done();
    }

    /// How large nodes and edges are. There is no structure beside them.
    private static CommandResult dataStatistics(CommandContext context, List<Found> all) {
        double storedPart = context.storage().storedPart(context.database());
        var rows = CommandResult.of(context.match().command());
        for (var found : all) {
            addSize(rows, context, found, "Nodes", found.snapshot().nodes(), found.snapshot().nodeCount(), storedPart);
            addSize(rows, context, found, "Edges", found.snapshot().edges(), found.snapshot().edgeCount(), storedPart);
        }
        return rows.done();
    }

    private static void addSize(CommandResult.Rows rows, CommandContext context, Found found, String kind, Table table, long count, double storedPart) {
        long original = context.storage().extents(table).stream().mapToLong(Extent::originalBytes).sum();
        long stored = (long) (original * storedPart);
        rows.row(context.database().name(), found.model(), found.snapshot().name(), kind, stored, original, stored, 0L,
                stored == 0 ? 0.0 : (double) original / stored, count);
    }

    // ---- names

    private static String argument(CommandContext context, String kind) {
        return context.match().arguments().stream().filter(a -> a.kind().equals(kind)).findFirst().orElseThrow().text();
    }

    private static GraphModel existing(GraphModels graphs, String name) {
        return graphs.model(name).orElseThrow(() -> new KustoException(StorageErrors.entityNotFound("GraphModel", name)));
    }
}
