package io.conshelf.engine.command;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.conshelf.engine.AllowedFolders;
import io.conshelf.engine.BatchIngestion;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ObfuscatedText;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.ingest.CreationTimes;
import io.conshelf.engine.ingest.Format;
import io.conshelf.engine.ingest.IngestionErrors;
import io.conshelf.engine.ingest.ValidationText;
import io.conshelf.engine.store.Authorization;
import io.conshelf.engine.store.Extent;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.Role;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.engine.store.Table;
import io.conshelf.engine.store.Transaction;
import io.conshelf.kql.command.CommandCatalogue;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.engine.store.Moments;
import io.conshelf.kql.value.TimeSpanText;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Data into tables by command: inline, from files, and from a query.
final class IngestCommands {
    // The documentation's samples write lists of tags with single quotes.
    private static final JsonMapper MAPPER = JsonMapper.builder().enable(JsonReadFeature.ALLOW_SINGLE_QUOTES).build();
    private static final String INGEST_BY = "ingest-by:";

    /// What each `with (…)` property does; a name that is not here is refused.
    private static final Set<String> FILE_PROPERTIES = Set.of(
            "format", "ingestionmapping", "ingestionmappingreference", "mapping", "mappingreference", "csvmapping", "jsonmapping",
            "avromapping", "csvmappingreference", "jsonmappingreference", "avromappingreference", "ingestionmappingtype",
            "ingestionmappingkind", "ignorefirstrecord", "tags", "ingestifnotexists", "creationtime", "validationpolicy",
            "zippattern",
            // Whether a file is compressed is told by its bytes, so this changes nothing here.
            "treatgzasuncompressed",
            // Acted on by the log of operations.
            "persistdetails");

    private static final Set<String> QUERY_PROPERTIES = Set.of(
            "tags", "ingestifnotexists", "creationtime", "folder", "docstring", "extend_schema", "recreate_schema",
            "policy_ingestiontime",
            // One node runs everything, so this changes nothing here.
            "distributed",
            // Acted on by the log of operations.
            "persistdetails");

    private IngestCommands() {}

    static void register(CommandRegistry registry) {
        registry.on("IngestInlineIntoTable", Access.onTable(Role.INGESTOR, Role.ADMIN), FILE_PROPERTIES, IngestCommands::inline);
        registry.on("IngestIntoTable", Access.onTable(Role.INGESTOR, Role.ADMIN), FILE_PROPERTIES, IngestCommands::fromFiles);
        registry.on("SetTable", Access.onDatabase(Role.USER), QUERY_PROPERTIES, c -> fromQuery(c, Target.NEW));
        registry.on("AppendTable", Access.onTable(Role.INGESTOR, Role.ADMIN), QUERY_PROPERTIES, c -> fromQuery(c, Target.EXISTING));
        registry.on("SetOrAppendTable", Access.onTableOrToCreate(Role.INGESTOR, Role.USER), QUERY_PROPERTIES, c -> fromQuery(c, Target.EITHER));
        registry.on("SetOrReplaceTable", Access.onTableOrToCreate(Role.ADMIN, Role.USER), QUERY_PROPERTIES, c -> fromQuery(c, Target.REPLACED));
        registry.on("ReplaceTableLegacy", Access.onTable(Role.ADMIN), c -> fromQuery(c, Target.REPLACED_EXISTING));
    }

    // ---- inline and files

    private static CommandResult inline(CommandContext context) {
        var data = context.match().text("Data");
        boolean isBracketed = context.match().find("Data").orElseThrow().kind().equals("bracketed_input_data");
        var lines = isBracketed ? String.join("\n", data.split("\\]\\s*\\[")) : data.replaceFirst("^[ \\t]*\\r?\\n", "");
        var properties = fileProperties(context);
        var file = context.services().stagingFolder().resolve("inline-" + UUID.randomUUID());
        try {
            Files.writeString(file, isBracketed ? lines : lines.stripLeading(), StandardCharsets.UTF_8);
            var source = new BatchIngestion.Source("inline", file, false, Files.size(file));
            var outcome = ingest(context, properties, properties.getOrDefault("format", "csv"), List.of(source), true).getFirst();
            return CommandResult.of(context.match().command()).row(extentId(outcome)).done();
        } catch (IOException e) {
            throw new KustoException(StorageErrors.failed("The inline data cannot be staged", e), e);
        } finally {
            deleted(file);
        }
    }

    private static void deleted(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new KustoException(StorageErrors.failed("A staged file cannot be deleted", e), e);
        }
    }

    private static CommandResult fromFiles(CommandContext context) {
        var properties = fileProperties(context);
        var fetched = new ArrayList<Path>();
        try {
            return fromFiles(
                    context, properties, context.match().texts("Path").stream().map(text -> opened(context, text, fetched)).toList());
        } finally {
            fetched.forEach(IngestCommands::deleted);
        }
    }

    private static CommandResult fromFiles(
            CommandContext context, Map<String, String> properties, List<BatchIngestion.Source> sources) {
        var rows = CommandResult.of(context.match().command());
        var operation = OperationRun.current().map(run -> run.begun().id()).orElseGet(UUID::randomUUID);
        // Each file is a commit.
        OperationRun.current().ifPresent(run -> run.willCommit(sources.size()));
        // Files of different formats go separately: a batch has one.
        for (var source : sources) {
            OperationRun.current().ifPresent(run -> run.ingests(source.id()));
            long started = System.nanoTime();
            var format = Optional.ofNullable(properties.get("format")).orElseGet(() -> formatOf(source.id()));
            for (var outcome : ingest(context, properties, format, List.of(source), false)) {
                var elapsed = (System.nanoTime() - started) / 100;
                rows.row(
                        extentId(outcome), source.id(), TimeSpanText.format(elapsed), "False", operation);
            }
        }
        return rows.done();
    }

    private static UUID extentId(BatchIngestion.Outcome outcome) {
        return outcome.extentId().map(UUID::fromString).orElse(Extent.NONE);
    }

    private static BatchIngestion.Source opened(CommandContext context, String text, List<Path> fetched) {
        OperationRun.current().ifPresent(run -> run.ingests(text));
        try {
            return source(context, text, fetched);
        } catch (KustoException e) {
            throw new KustoException(named(context, text, e.error()), e);
        }
    }

    /// Of several sources the error tells which one failed.
    private static ServiceError named(CommandContext context, String source, ServiceError error) {
        var name = ObfuscatedText.ofRequest(source);
        return context.match().texts("Path").size() <= 1 || error.message().contains(name)
                ? error
                : new ServiceError(error.httpStatus(), error.code(), error.type(), "Source '" + name + "': " + error.message(),
                        error.isPermanent(), error.inner());
    }

    /// @param fetched takes the files that are there for this command alone
    private static BatchIngestion.Source source(CommandContext context, String text, List<Path> fetched) {
        if (StorageUri.isUri(text)) {
            var uri = StorageUri.parse(text);
            var external = context.services().external();
            var web = context.services().webFiles();
            boolean isOfTheWeb = !external.isOurs(uri) && web.reaches(uri);
            var file = isOfTheWeb ? web.fetch(uri) : external.content(uri);
            if (isOfTheWeb || external.isFetched(uri)) {
                fetched.add(file);
            }
            return new BatchIngestion.Source(uri.toString(), file, isGzip(uri.fileName()), 0);
        }
        var path = AllowedFolders.path(text);
        var file = context.services().allowed().requireReadable(path);
        if (!Files.isRegularFile(file)) {
            throw new KustoException(Errors.badRequest("there is no file '" + path + "'"));
        }
        return new BatchIngestion.Source(path.toString(), file, isGzip(path.toString()), 0);
    }

    private static boolean isGzip(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(".gz");
    }

    /// By the extension, before that of a compression.
    private static String formatOf(String path) {
        var name = path.substring(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
                .toLowerCase(Locale.ROOT)
                .replaceFirst("\\.(gz|zip)$", "");
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "csv" : name.substring(dot + 1);
    }

    private static Map<String, String> fileProperties(CommandContext context) {
        var properties = new HashMap<String, String>();
        context.match().find("JsonProperties").ifPresent(json -> object(context, json.text())
                .properties()
                .forEach(p -> properties.put(
                        p.getKey().toLowerCase(Locale.ROOT), p.getValue().isTextual() ? p.getValue().asText() : p.getValue().toString())));
        context.match().properties().forEach((name, argument) -> properties.put(name, argument.text()));
        known(context, properties.keySet(), FILE_PROPERTIES);
        return properties;
    }

    private static JsonNode object(CommandContext context, String json) {
        try {
            return MAPPER.readTree(json);
        } catch (JacksonException e) {
            throw new KustoException(CommandErrors.badArgument(
                    context.match(), "with", "the text is not JSON: " + e.getOriginalMessage()), e);
        }
    }

    private static void known(CommandContext context, Set<String> names, Set<String> known) {
        for (var name : names) {
            if (!known.contains(name)) {
                throw new KustoException(Errors.notSupported(
                        "the property '" + name + "' of " + context.match().command().name()));
            }
        }
    }


    private static List<BatchIngestion.Outcome> ingest(
            CommandContext context, Map<String, String> properties, String format, List<BatchIngestion.Source> sources,
            boolean isInline) {
        var inline = first(properties, "ingestionmapping", "mapping", "csvmapping", "jsonmapping", "avromapping");
        var named = first(
                properties, "ingestionmappingreference", "mappingreference", "csvmappingreference", "jsonmappingreference",
                "avromappingreference");
        if (inline.isPresent() && named.isPresent()) {
            throw new KustoException(IngestionErrors.duplicateMapping());
        }
        first(properties, "ingestionmappingtype", "ingestionmappingkind").ifPresent(kind -> Format.named(format).checkMappingKind(kind));
        BatchIngestion.Mapping mapping = inline.<BatchIngestion.Mapping>map(BatchIngestion.Mapping.Inline::new)
                .or(() -> named.map(BatchIngestion.Mapping.Named::new))
                .orElseGet(BatchIngestion.Mapping.Identity::new);
        var policy = Optional.ofNullable(properties.get("validationpolicy"));
        // Text that somebody typed is taken as it is, unless they ask for more.
        var validation = isInline && policy.isEmpty() ? BatchIngestion.Validation.NONE : ValidationText.parse(policy);
        var ingestion = new BatchIngestion(
                context.database().name(), context.table().name(), format, sources, mapping,
                texts(context, properties, "tags"), texts(context, properties, "ingestifnotexists"),
                creationTime(context, Optional.ofNullable(properties.get("creationtime"))),
                isHeaderIgnored(properties.getOrDefault("ignorefirstrecord", "false")),
                validation, Optional.empty(), Optional.ofNullable(properties.get("zippattern")));
        var outcomes = context.services().ingest(context.request(), ingestion).outcomes();
        outcomes.forEach(outcome -> outcome.error().ifPresent(error -> {
            throw new KustoException(named(context, outcome.sourceId(), error));
        }));
        boolean isSkipped = context.match().texts("Path").size() <= 1
                && outcomes.stream().allMatch(outcome -> outcome.status() == BatchIngestion.Status.SKIPPED);
        if (isSkipped) {
            OperationRun.current().ifPresent(run -> run.skip("The table has one of the 'ingest-by:' tags already"));
        }
        return outcomes;
    }

    private static boolean isHeaderIgnored(String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "true", "1" -> true;
            case "false", "0", "" -> false;
            default -> throw new KustoException(IngestionErrors.malformedProperty(
                    "ignoreFirstRecord", "is true or false, found '" + text + "'"));
        };
    }

    private static Optional<String> first(Map<String, String> properties, String... names) {
        for (var name : names) {
            if (properties.containsKey(name)) {
                return Optional.of(properties.get(name));
            }
        }
        return Optional.empty();
    }

    private static Set<String> texts(CommandContext context, Map<String, String> properties, String name) {
        var texts = new LinkedHashSet<String>();
        if (properties.containsKey(name)) {
            String given = properties.get(name);
            JsonNode array;
            try {
                array = MAPPER.readTree(given.replaceFirst("^dynamic\\((.*)\\)$", "$1"));
            } catch (JacksonException e) {
                array = MissingNode.getInstance();
            }
            if (!array.isArray() || array.valueStream().anyMatch(element -> !element.isTextual())) {
                throw new KustoException(CommandErrors.badArgument(
                        context.match(), name, "is a JSON array of strings, such as '[\"a\"]', found '" + given + "'"));
            }
            array.forEach(element -> texts.add(element.textValue()));
        }
        return texts;
    }

    private static Optional<Instant> creationTime(CommandContext context, Optional<String> text) {
        return text.map(t -> {
            var ticks = DateTimeText.parse(t.replaceFirst("(?i)^datetime\\((.*)\\)$", "$1"));
            if (ticks.isEmpty()) {
                throw new KustoException(CommandErrors.badArgument(
                        context.match(), "creationTime", "'" + t + "' is not a datetime"));
            }
            return Moments.instant(ticks.getAsLong());
        });
    }

    // ---- from a query

    /// What a command may find under the table's name, and what it does with what is there.
    private enum Target {
        NEW, EXISTING, EITHER, REPLACED, REPLACED_EXISTING;

        boolean replaces() {
            return this == REPLACED || this == REPLACED_EXISTING;
        }
    }

    private static CommandResult fromQuery(CommandContext context, Target target) {
        var name = context.tableName();
        boolean exists = context.findTable(name).isPresent();
        if (exists && (context.isTrue("extend_schema") || context.isTrue("recreate_schema"))) {
            Authorization.require(context.request().principal(), context.database(), context.table(), Role.ADMIN);
        }
        if (target == Target.NEW && exists) {
            throw new KustoException(StorageErrors.entityExists("Table", name));
        }
        if ((target == Target.EXISTING || target == Target.REPLACED_EXISTING) && !exists) {
            throw new KustoException(StorageErrors.tableNotFound(name));
        }
        var extent = write(context, target);
        return result(context, extent);
    }

    private static CommandResult result(CommandContext context, Optional<Extent> extent) {
        var rows = CommandResult.of(context.match().command().output().isPresent()
                ? context.match().command().output().get()
                : CommandCatalogue.service().named("SetOrAppendTable").orElseThrow().output().orElseThrow());
        extent.filter(e -> e.rowCount() > 0).ifPresentOrElse(
                e -> rows.row(e.id(), e.originalBytes(), e.originalBytes(), e.originalBytes(), 0L, e.rowCount()),
                () -> rows.row(Extent.NONE, 0L, 0L, 0L, 0L, 0L));
        return rows.done();
    }

    /// The extent written; nothing where an `ingestIfNotExists` tag is there already.
    private static Optional<Extent> write(CommandContext context, Target target) {
        var properties = new HashMap<String, String>();
        context.match().properties().forEach((name, argument) -> properties.put(name, argument.text()));
        var tags = texts(context, properties, "tags");
        var unless = texts(context, properties, "ingestifnotexists");
        var created = creationTime(context, Optional.ofNullable(properties.get("creationtime")));
        // A table that is yet to be made has no loads to wait for.
        var id = context.findTable(context.tableName()).map(Table::id)
                .orElseGet(() -> new TableId(context.database().id(), "", context.tableName()));
        var source = context.services().source(context.request(), context.match().text("QueryOrCommand"));
        return context.writer().loadAlone(id, transaction -> {
            // What the query reads is fixed before the first change, so that a table may be replaced by a query over itself.
            try (var reading = context.storage().readWithin(transaction)) {
                var found = transaction.database().table(context.tableName());
                for (var tag : unless) {
                    if (found.isPresent() && transaction.extents().hasTag(found.get(), INGEST_BY + tag)) {
                        OperationRun.current().ifPresent(run -> run.skip("The table has the tag '" + INGEST_BY + tag + "' already"));
                        return Optional.empty();
                    }
                }
                var query = context.services().bind(context.request(), source, reading);
                var table = shaped(context, transaction, target, found, query.columns(), properties);
                var writer = transaction.extents().open(table, tags, created.orElseGet(transaction::now));
                created.ifPresent(time -> CreationTimes.check(transaction, table, time));
                try {
                    writer.ingest(query.sql(), table.columns().subList(0, query.columns().size()));
                } catch (SQLException e) {
                    // What reading from elsewhere failed with says more than what DuckDB made of it.
                    throw reading.foreignFailure().orElseThrow(() -> e);
                }
                writer.measure();
                var made = Optional.of(writer.extent());
                OperationRun.current().ifPresent(run -> run.willAnswer(result(context, made)));
                return made;
            }
        });
    }

    /// The table ready to be written: created, emptied or extended as the command says. Columns go by position.
    private static Table shaped(
            CommandContext context, Transaction transaction, Target target, Optional<Table> found,
            List<ColumnSchema> columns, Map<String, String> properties) throws SQLException {
        if (found.isEmpty()) {
            var created = context.owned(transaction, transaction.createTable(
                    context.tableName(), columns, properties.getOrDefault("folder", ""), properties.getOrDefault("docstring", "")));
            return context.property("policy_ingestiontime").isPresent()
                    ? transaction.setPolicy(created, PolicyKind.INGESTION_TIME,
                            Optional.of("{\"IsEnabled\":" + context.isTrue("policy_ingestiontime") + "}"))
                    : created;
        }
        var table = found.get();
        if (properties.containsKey("folder")) {
            table = transaction.setFolder(table, properties.get("folder"));
        }
        if (properties.containsKey("docstring")) {
            table = transaction.setDocString(table, properties.get("docstring"));
        }
        if (target.replaces() && context.isTrue("recreate_schema")) {
            return transaction.setColumns(transaction.clearRows(table), columns);
        }
        int shared = Math.min(columns.size(), table.columns().size());
        var differences = new ArrayList<String>();
        for (int i = 0; i < shared; i++) {
            if (table.columns().get(i).type() != columns.get(i).type()) {
                differences.add("column " + (i + 1) + " of the query ('" + columns.get(i).name() + "') is " + columns.get(i).type()
                        + ", that of the table ('" + table.columns().get(i).name() + "') is " + table.columns().get(i).type());
            }
        }
        boolean extends_ = context.isTrue("extend_schema");
        if (columns.size() != table.columns().size() && !(extends_ && columns.size() > table.columns().size())) {
            differences.add("the query has " + columns.size() + " columns, the table has " + table.columns().size());
        }
        if (!differences.isEmpty()) {
            throw new KustoException(Errors.badRequest("Query schema does not match table schema: '"
                    + table.name() + "': " + String.join("; ", differences) + ". Columns are matched by position"));
        }
        var shaped = columns.size() > shared ? transaction.addColumns(table, columns.subList(shared, columns.size())) : table;
        return target.replaces() ? transaction.clearRows(shaped) : shaped;
    }
}
