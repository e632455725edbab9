package io.conshelf.engine.command;

import io.conshelf.engine.AllowedFolders;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.external.ExternalTables;
import io.conshelf.engine.external.SqlConnectionString;
import io.conshelf.engine.external.SqlTable;
import io.conshelf.engine.ingest.Format;
import io.conshelf.engine.store.ExternalTable;
import io.conshelf.engine.store.ExternalTable.FileOptions;
import io.conshelf.engine.store.ExternalTable.Files;
import io.conshelf.engine.store.ExternalTable.Headers;
import io.conshelf.engine.store.ExternalTable.Partition;
import io.conshelf.engine.store.ExternalTable.PathPart;
import io.conshelf.engine.store.ExternalTable.PeriodKind;
import io.conshelf.engine.store.ExternalTable.Rule;
import io.conshelf.engine.store.ExternalTable.Sql;
import io.conshelf.engine.store.ExternalTable.SqlDialect;
import io.conshelf.engine.store.EntityNames;
import io.conshelf.kql.command.CommandArgument;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.TimeSpanText;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// Reads what `.create`, `.alter` and `.create-or-alter external table` say.
final class ExternalTableDefinition {
    /// What `with (…)` may say of files; other names are refused.
    static final Set<String> FILE_PROPERTIES = Set.of(
            "folder", "docstring", "compressed", "compressiontype", "includeheaders", "nameprefix", "fileextension", "encoding",
            "sampleuris", "filespreview", "validatenotempty", "dryrun");

    /// What it may say of a SQL table.
    static final Set<String> SQL_PROPERTIES = Set.of(
            "folder", "docstring", "sqldialect", "firetriggers", "createifnotexists", "primarykey");

    private static final Set<String> EXPORTED = Set.of("csv", "tsv", "json", "parquet");

    private final CommandContext context;
    private final String name;
    private final List<ColumnSchema> columns;

    private ExternalTableDefinition(CommandContext context) {
        this.context = context;
        name = EntityNames.checked("external table", context.match().text("ExternalTableName"));
        columns = TableCommands.columns(context.match());
        var names = new HashSet<String>();
        for (ColumnSchema column : columns) {
            EntityNames.checked("column", column.name());
            if (!names.add(column.name())) {
                throw bad("schema", "the column '" + column.name() + "' is declared twice");
            }
        }
    }

    static ExternalTable files(CommandContext context) {
        var definition = new ExternalTableDefinition(context);
        return definition.table(definition.files());
    }

    static ExternalTable sql(CommandContext context) {
        var definition = new ExternalTableDefinition(context);
        return definition.table(definition.sqlTable());
    }

    private ExternalTable table(ExternalTable.Source source) {
        return new ExternalTable(
                name, columns, source, context.property("folder").orElse(""), context.property("docstring").orElse(""), List.of());
    }

    // ---- files

    private Files files() {
        if (context.match().text("TableKind").equals("delta")) {
            throw new KustoException(Errors.notSupported("external tables of the kind 'delta'; name the files with kind=storage"));
        }
        if (context.match().find("CatalogExpression").isPresent()) {
            throw new KustoException(Errors.notSupported("'catalog' of an external table; declare its columns and partitions"));
        }
        var format = context.match().text("DataFormatKind");
        if (Format.find(format).isEmpty()) {
            throw new KustoException(Errors.notSupported("external tables of the format '" + format + "'"));
        }
        var connections = context.match().texts("StorageConnectionString");
        connections.forEach(this::checkPlace);
        var partitions = partitions();
        var path = path(partitions);
        var files = new Files(format, connections, partitions, path, options(format));
        ExternalTables.checkPath(files);
        return files;
    }

    /// The storage is not asked; what no storage can be is refused.
    private void checkPlace(String connection) {
        if (connection.isBlank()) {
            throw bad("connection string", "it is empty");
        }
        if (StorageUri.isUri(connection)) {
            context.services().externalTables().checkCallout(StorageUri.parse(connection));
        } else {
            context.services().allowed().requireReadable(AllowedFolders.path(connection));
        }
    }

    /// A declaration is a name with a type; in the path a name stands alone.
    private List<Partition> partitions() {
        var partitions = new ArrayList<Partition>();
        var arguments = context.match().arguments();
        for (int i = 0; i + 1 < arguments.size(); i++) {
            if (arguments.get(i).name().equals("PartitionName") && arguments.get(i + 1).name().equals("PartitionType")) {
                partitions.add(partition(arguments.get(i).text(), arguments, i + 2));
            }
        }
        var names = new HashSet<String>();
        for (Partition partition : partitions) {
            if (!names.add(partition.name())) {
                throw bad("partition by", "the partition '" + partition.name() + "' is declared twice");
            }
            if (partition.rule() instanceof Rule.Virtual && columns.stream().anyMatch(c -> c.name().equals(partition.name()))) {
                throw bad("partition by", "'" + partition.name() + "' is a column of the schema: a virtual column has a name of its own, "
                        + "and a partition by a column says 'name:type = column'");
            }
        }
        return partitions;
    }

    /// @param next where what stands behind the type begins
    private Partition partition(String partition, List<CommandArgument> arguments, int next) {
        var type = Type.named(arguments.get(next - 1).text()).orElseThrow();
        var following = next < arguments.size() ? arguments.get(next).name() : "";
        return new Partition(partition, type, switch (following) {
            case "StringColumn" -> new Rule.Value(column(arguments.get(next).text(), Type.STRING));
            case "PartitionFunction" -> function(arguments, next);
            default -> new Rule.Virtual();
        });
    }

    private Rule function(List<CommandArgument> arguments, int at) {
        var column = arguments.get(at + 1).text();
        return switch (arguments.get(at).text()) {
            case "bin" -> new Rule.Period(column(column, Type.DATETIME), PeriodKind.BIN, bin(arguments.get(at + 2).text()));
            case "startofday" -> new Rule.Period(column(column, Type.DATETIME), PeriodKind.DAY, 0);
            case "startofweek" -> new Rule.Period(column(column, Type.DATETIME), PeriodKind.WEEK, 0);
            case "startofmonth" -> new Rule.Period(column(column, Type.DATETIME), PeriodKind.MONTH, 0);
            case "startofyear" -> new Rule.Period(column(column, Type.DATETIME), PeriodKind.YEAR, 0);
            case "hash" -> new Rule.Hash(column(column, Type.STRING), modulus(arguments.get(at + 2).text()));
            default -> throw new IllegalStateException("the grammar lets no other function pass");
        };
    }

    private String column(String wanted, Type type) {
        if (columns.stream().noneMatch(c -> c.name().equals(wanted) && c.type() == type)) {
            throw bad("partition by", "the schema has no column '" + wanted + "' of the type " + type);
        }
        return wanted;
    }

    private long bin(String text) {
        var ticks = TimeSpanText.parse(text.replaceFirst("(?i)^(?:timespan|time)\\((.*)\\)$", "$1"));
        if (ticks.isEmpty() || ticks.getAsLong() <= 0) {
            throw bad("partition by", "'" + text + "' is not a timespan greater than zero");
        }
        return ticks.getAsLong();
    }

    private long modulus(String text) {
        long modulus = Long.parseLong(text);
        if (modulus < 1) {
            throw bad("partition by", "the modulus of hash() is " + text + ", which is not greater than zero");
        }
        return modulus;
    }

    private List<PathPart> path(List<Partition> partitions) {
        var path = new ArrayList<PathPart>();
        var arguments = context.match().arguments();
        boolean isSeparated = true;
        for (int i = 0; i < arguments.size(); i++) {
            var argument = arguments.get(i);
            boolean isDeclared = i + 1 < arguments.size() && arguments.get(i + 1).name().equals("PartitionType");
            if (argument.name().equals("PathSeparator")) {
                path.add(new PathPart.Text(argument.text()));
                isSeparated = true;
            } else if (argument.name().equals("PartitionName") && !isDeclared) {
                if (!isSeparated) {
                    throw bad("pathformat", "a text such as \"/\" must stand between '" + argument.text() + "' and the partition before it");
                }
                boolean hasPattern = arguments.get(i - 1).name().equals("DateTimeFormat");
                path.add(part(partitions, argument.text(), hasPattern ? Optional.of(arguments.get(i - 1).text()) : Optional.empty()));
                isSeparated = false;
            }
        }
        if (!path.isEmpty()) {
            for (Partition partition : partitions) {
                if (path.stream().noneMatch(part -> isOf(part, partition.name()))) {
                    throw bad("pathformat", "the partition '" + partition.name() + "' is not part of the path");
                }
            }
        }
        return path;
    }

    private PathPart part(List<Partition> partitions, String partition, Optional<String> pattern) {
        var declared = partitions.stream().filter(p -> p.name().equals(partition)).findFirst()
                .orElseThrow(() -> bad("pathformat", "there is no partition '" + partition + "'"));
        if (pattern.isPresent() && declared.type() != Type.DATETIME) {
            throw bad("pathformat", "datetime_pattern is for partitions of the type datetime, '" + partition + "' is " + declared.type());
        }
        return pattern.<PathPart>map(text -> new PathPart.Moment(partition, text)).orElseGet(() -> new PathPart.Value(partition));
    }

    private static boolean isOf(PathPart part, String partition) {
        return switch (part) {
            case PathPart.Text _ -> false;
            case PathPart.Value(String of) -> of.equals(partition);
            case PathPart.Moment(String of, _) -> of.equals(partition);
        };
    }

    private FileOptions options(String format) {
        var headers = oneOf("includeheaders", "none", "none", "all", "firstfile");
        var compression = oneOf("compressiontype", "", "", "gzip", "snappy", "lz4_raw", "brotli", "zstd");
        if (!compression.isEmpty() && !compression.equals("gzip") && !format.equals("parquet")) {
            throw bad("compressionType", "'" + compression + "' is for parquet; files of other formats are compressed by gzip alone");
        }
        var extension = context.property("fileextension").orElse("");
        if (!extension.isEmpty() && !extension.matches("\\.[A-Za-z0-9._-]{1,30}")) {
            throw bad("fileExtension", "'" + extension + "' is not an extension such as '.csv'");
        }
        var prefix = context.property("nameprefix").orElse("");
        if (!prefix.matches("[\\p{L}\\p{N} _.=-]{0,200}") || prefix.contains("..")) {
            throw bad("namePrefix", "'" + prefix + "' may have letters, digits and any of ' _.=-'");
        }
        return new FileOptions(
                context.isTrue("compressed"), compression, Headers.values()[List.of("none", "all", "firstfile").indexOf(headers)],
                prefix, extension, oneOf("encoding", "utf8nobom", "utf8nobom", "utf8bom").equals("utf8bom"));
    }

    private String oneOf(String property, String otherwise, String... allowed) {
        var value = context.property(property).map(text -> text.toLowerCase(Locale.ROOT)).orElse(otherwise);
        if (!List.of(allowed).contains(value)) {
            throw bad(property, "'" + value + "' is none of " + String.join(", ", allowed));
        }
        return value;
    }

    /// Whether exports can write the format.
    static boolean isExported(String format) {
        return EXPORTED.contains(format);
    }

    // ---- SQL

    private Sql sqlTable() {
        var named = context.property("sqldialect").orElse(SqlDialect.SQL_SERVER.kustoName());
        var dialect = SqlDialect.named(named).orElseThrow(() -> new KustoException(Errors.notSupported(
                "SQL external tables of the dialect '" + named + "'; supported are SqlServer and PostgreSQL")));
        var table = context.match().find("SqlTableName").map(CommandArgument::text)
                .orElseThrow(() -> bad("table", "the SQL table is not named, as in 'kind=sql table=T'"));
        SqlTable.checkName(table);
        var connection = context.match().text("SqlConnectionString");
        context.services().externalTables().servers().check(SqlConnectionString.parse(dialect, connection));
        var key = context.property("primarykey").orElse("");
        boolean creates = context.isTrue("createifnotexists");
        if (creates && columns.stream().noneMatch(c -> c.name().equals(key))) {
            throw bad("primarykey", "'createifnotexists' needs the primary key's column, which '" + key + "' is not");
        }
        return new Sql(dialect, table, connection, creates, key, context.isTrue("firetriggers"));
    }

    private KustoException bad(String argument, String problem) {
        return new KustoException(CommandErrors.badArgument(context.match(), argument, problem));
    }
}
