package io.conshelf.engine.store;

import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A table whose rows lie elsewhere: in files, or in a table of a SQL server.
///
/// @param columns  as declared; [#schema] adds those that only the paths of files have
public record ExternalTable(
        String name,
        List<ColumnSchema> columns,
        Source source,
        String folder,
        String docString,
        List<Mapping> mappings) {
    private static final String ID_PREFIX = "external ";

    public ExternalTable {
        columns = List.copyOf(columns);
        mappings = List.copyOf(mappings);
    }

    /// Where the rows are.
    public sealed interface Source {}

    /// Files below one or several places.
    ///
    /// @param format      as commands write it, in lower case
    /// @param connections places with what opens them; never to be shown
    /// @param path        how partitions make folders; empty where there are none
    public record Files(
            String format, List<String> connections, List<Partition> partitions, List<PathPart> path, FileOptions options)
            implements Source {
        public Files {
            connections = List.copyOf(connections);
            partitions = List.copyOf(partitions);
            path = List.copyOf(path);
        }

        @Override
        public String toString() {
            return "Files[" + format + ", " + connections.size() + " places]";
        }
    }

    /// A table of a SQL server.
    ///
    /// @param table      as the command names it, with its schema or without
    /// @param connection with its password; never to be shown
    /// @param primaryKey of a table that an export makes; empty where none is named
    public record Sql(
            SqlDialect dialect, String table, String connection, boolean createsTable, String primaryKey, boolean firesTriggers)
            implements Source {
        @Override
        public String toString() {
            return "Sql[" + dialect.kustoName() + ", " + table + "]";
        }
    }

    public enum SqlDialect {
        SQL_SERVER("SqlServer"), POSTGRESQL("PostgreSQL"),
        /// Of requests alone, not of tables.
        MYSQL("MySQL");

        private static final List<SqlDialect> OF_TABLES = List.of(SQL_SERVER, POSTGRESQL);

        private final String kustoName;

        SqlDialect(String kustoName) {
            this.kustoName = kustoName;
        }

        public String kustoName() {
            return kustoName;
        }

        /// One that tables may have.
        public static Optional<SqlDialect> named(String name) {
            return OF_TABLES.stream().filter(d -> d.kustoName.equalsIgnoreCase(name)).findFirst();
        }
    }

    /// How files are named, read and written.
    ///
    /// @param compressionType in lower case; empty where exports do not compress
    /// @param namePrefix      empty where any will do
    /// @param fileExtension   with its dot; empty where any will do
    public record FileOptions(
            boolean isCompressed, String compressionType, Headers headers, String namePrefix, String fileExtension, boolean hasMark) {
        public static final FileOptions PLAIN = new FileOptions(false, "", Headers.NONE, "", "", false);
    }

    /// Which files of delimited text begin with the columns' names.
    public enum Headers {
        NONE("None"), ALL("All"), FIRST_FILE("FirstFile");

        private final String kustoName;

        Headers(String kustoName) {
            this.kustoName = kustoName;
        }

        public String kustoName() {
            return kustoName;
        }
    }

    /// What files are put apart by.
    public record Partition(String name, Type type, Rule rule) {}

    /// What a partition's value is.
    public sealed interface Rule {
        /// Only the path has it.
        record Virtual() implements Rule {}

        record Value(String column) implements Rule {}

        record Hash(String column, long modulus) implements Rule {}

        /// The beginning of the period that a moment lies in.
        record Period(String column, PeriodKind kind, long binTicks) implements Rule {}
    }

    public enum PeriodKind {
        BIN("Bin"), DAY("StartOfDay"), WEEK("StartOfWeek"), MONTH("StartOfMonth"), YEAR("StartOfYear");

        private final String kustoName;

        PeriodKind(String kustoName) {
            this.kustoName = kustoName;
        }

        public String kustoName() {
            return kustoName;
        }
    }

    /// A piece of the path that partitions make.
    public sealed interface PathPart {
        record Text(String text) implements PathPart {}

        record Value(String partition) implements PathPart {}

        /// @param pattern of .NET, as in `yyyy/MM/dd`
        record Moment(String partition, String pattern) implements PathPart {}
    }

    /// The columns that queries see: the declared ones, then the partitions that only the path has.
    public List<ColumnSchema> schema() {
        var all = new ArrayList<>(columns);
        if (source instanceof Files files) {
            files.partitions().stream()
                    .filter(p -> p.rule() instanceof Rule.Virtual)
                    .forEach(p -> all.add(new ColumnSchema(p.name(), p.type())));
        }
        return all;
    }

    /// [#schema] as columns of storage.
    public List<TableColumn> storageColumns() {
        var all = new ArrayList<TableColumn>();
        schema().forEach(c -> all.add(new TableColumn("c" + (all.size() + 1), c.name(), c.type(), "")));
        return all;
    }

    /// What plans call it.
    ///
    /// @param mapping how its files are to be read; empty where nothing is said
    public TableId id(String databaseId, String mapping) {
        return new TableId(databaseId, ID_PREFIX + name + "\n" + mapping, name);
    }

    public static boolean isExternal(TableId id) {
        return id.tableId().startsWith(ID_PREFIX);
    }

    /// The mapping that [#id] was given.
    public static String mappingOf(TableId id) {
        return id.tableId().substring(id.tableId().indexOf('\n') + 1);
    }

    public EntityId entity() {
        return new EntityId(EntityId.Kind.EXTERNAL_TABLE, name);
    }

    public Optional<Mapping> mapping(String mappingName) {
        return mappings.stream().filter(m -> m.name().equals(mappingName)).findFirst();
    }

    public ExternalTable withFolder(String changed) {
        return new ExternalTable(name, columns, source, changed, docString, mappings);
    }

    public ExternalTable withDocString(String changed) {
        return new ExternalTable(name, columns, source, folder, changed, mappings);
    }

    public ExternalTable withMappings(List<Mapping> changed) {
        return new ExternalTable(name, columns, source, folder, docString, changed);
    }
}
