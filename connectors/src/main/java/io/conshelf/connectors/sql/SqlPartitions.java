package io.conshelf.connectors.sql;

import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlRanges.Span;
import io.conshelf.connectors.sql.SqlTable.TableColumn;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Makes the queries that together read a source: one, one a partition of its table, or one a range of a column.
final class SqlPartitions {
    private static final Pattern CONDITION = token("AdfDynamicRangePartitionCondition");
    private static final Pattern PARTITION = token("AdfTabularPartitionName");
    private static final Pattern COLUMN = token("AdfRangePartitionColumnName");
    private static final Pattern UPPER = token("AdfRangePartitionUpbound");
    private static final Pattern LOWER = token("AdfRangePartitionLowbound");
    private static final String ALL = "(1 = 1)";

    private final SqlTarget target;
    private final Connection connection;
    private final SqlSource.From from;
    private final int wanted;

    SqlPartitions(SqlTarget target, Connection connection, SqlSource.From from, int wanted) {
        this.target = target;
        this.connection = connection;
        this.from = from;
        this.wanted = wanted;
    }

    private static Pattern token(String name) {
        return Pattern.compile("(?i)\\?" + name + "\\b");
    }

    List<Split> splits(SqlPartitioning partitioning) throws SQLException, StoreException {
        return switch (partitioning) {
            case SqlPartitioning.None _ -> List.of(new Split.OfQuery(whole()));
            case SqlPartitioning.Physical(List<String> names) -> physical(names);
            case SqlPartitioning.Ranges ranges -> ranges(ranges);
        };
    }

    private String whole() throws SQLException, StoreException {
        return switch (from) {
            case SqlSource.From.Query(String text, var _) -> {
                if (CONDITION.matcher(text).find() || PARTITION.matcher(text).find() || COLUMN.matcher(text).find()) {
                    throw StoreException.user("SqlInvalidDbQueryString", "The query asks for a partition, and 'partitionOption' names none; use DynamicRange");
                }
                yield text;
            }
            case SqlSource.From.Table(SqlTableName name) -> "SELECT * FROM " + SqlTable.require(connection, target, name).sql();
            case SqlSource.From.Procedure(SqlProcedure procedure) -> procedure.readText(connection, target);
        };
    }

    // ---- partitions of the table

    private List<Split> physical(List<String> names) throws SQLException, StoreException {
        SqlTableName name = from.table().orElseThrow(() -> StoreException.user("SqlParallelNoTable",
                "Partitions of a table are read, and the dataset names no table"));
        SqlTable table = SqlTable.require(connection, target, name);
        List<String> queries = switch (target.dialect()) {
            case POSTGRESQL -> postgresPartitions(table, names);
            case SQL_SERVER -> sqlServerPartitions(table, names);
        };
        return queries.isEmpty() ? List.of(new Split.OfQuery("SELECT * FROM " + table.sql())) : numbered(queries);
    }

    private List<String> postgresPartitions(SqlTable table, List<String> names) throws SQLException, StoreException {
        String columns = table.columns().stream().map(column -> table.dialect().quote(column.name())).collect(Collectors.joining(", "));
        List<String> partitions = texts("SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname), c.relname FROM pg_partition_tree(?::regclass) p "
                + "JOIN pg_class c ON c.oid = p.relid JOIN pg_namespace n ON n.oid = c.relnamespace WHERE p.isleaf AND p.level > 0 ORDER BY 1",
                List.of(table.sql()), names);
        List<String> queries = new ArrayList<>();
        for (String partition : partitions) {
            queries.add(switch (from) {
                case SqlSource.From.Query(String text, var _) -> PARTITION.matcher(text).replaceAll(Matcher.quoteReplacement(partition));
                case SqlSource.From.Table _, SqlSource.From.Procedure _ -> "SELECT " + columns + " FROM " + partition;
            });
        }
        if (partitions.isEmpty() && from instanceof SqlSource.From.Query(String text, var _)) {
            queries.add(PARTITION.matcher(text).replaceAll(Matcher.quoteReplacement(table.sql())));
        }
        return queries;
    }

    private List<String> sqlServerPartitions(SqlTable table, List<String> names) throws SQLException, StoreException {
        if (!names.isEmpty()) {
            throw StoreException.user("SqlParallelNoPartitionNames", "Partitions of SQL Server have numbers and no names; leave out 'partitionNames'");
        }
        if (from instanceof SqlSource.From.Query) {
            throw StoreException.user("SqlParallelNoTable", "With a query, use the partition option DynamicRange; PhysicalPartitionsOfTable reads the dataset's table");
        }
        List<String> conditions = texts(SQL_SERVER_PARTITIONS, List.of(table.sql()), List.of());
        return conditions.stream().map(condition -> "SELECT * FROM " + table.sql() + " WHERE " + condition).toList();
    }

    /// One condition a partition, by the partition function of the table's heap or clustered index.
    static final String SQL_SERVER_PARTITIONS = """
            SELECT '$PARTITION.' + QUOTENAME(f.name) + '(' + QUOTENAME(c.name) + ') = ' + CAST(p.partition_number AS varchar(10)), ''
            FROM sys.partitions p
            JOIN sys.indexes i ON i.object_id = p.object_id AND i.index_id = p.index_id
            JOIN sys.partition_schemes s ON s.data_space_id = i.data_space_id
            JOIN sys.partition_functions f ON f.function_id = s.function_id
            JOIN sys.index_columns ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id AND ic.partition_ordinal = 1
            JOIN sys.columns c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
            WHERE p.object_id = OBJECT_ID(?) AND p.index_id IN (0, 1)
            ORDER BY p.partition_number""";

    /// @param names of the second column to keep; all where none is given
    private List<String> texts(String sql, List<String> arguments, List<String> names) throws SQLException, StoreException {
        List<String> texts = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < arguments.size(); i++) {
                statement.setString(i + 1, arguments.get(i));
            }
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    seen.add(rows.getString(2));
                    if (names.isEmpty() || names.contains(rows.getString(2))) {
                        texts.add(rows.getString(1));
                    }
                }
            }
        }
        for (String name : names) {
            if (!seen.contains(name)) {
                throw StoreException.user("SqlParallelPartitionNotFound", "The table has no partition '" + name + "'; it has " + seen);
            }
        }
        return texts;
    }

    // ---- ranges of a column

    private List<Split> ranges(SqlPartitioning.Ranges ranges) throws SQLException, StoreException {
        Optional<SqlTable> table = from.table().isPresent() ? Optional.of(SqlTable.require(connection, target, from.table().get())) : Optional.empty();
        String query = switch (from) {
            case SqlSource.From.Query(String text, var _) -> text;
            case SqlSource.From.Table _ -> "SELECT * FROM " + table.orElseThrow().sql() + " WHERE ?AdfDynamicRangePartitionCondition";
            case SqlSource.From.Procedure _ -> throw StoreException.user("SqlParallelNoTable", "What a stored procedure selects is not divided; use the "
                    + "partition option None");
        };
        boolean filters = COLUMN.matcher(query).find() || UPPER.matcher(query).find() || LOWER.matcher(query).find();
        if (!filters && !CONDITION.matcher(query).find()) {
            throw StoreException.user("SqlInvalidDbQueryString", "A query that is read by ranges says where: write ?AdfDynamicRangePartitionCondition "
                    + "into its WHERE clause");
        }
        String stated = ranges.column().isPresent() ? ranges.column().get() : primaryKey(table);
        if (table.isPresent()) {
            query = PARTITION.matcher(query).replaceAll(Matcher.quoteReplacement(table.get().sql()));
        }
        String probe = filters ? query : CONDITION.matcher(query).replaceAll(ALL);
        Found column = find(stated, filters ? query : CONDITION.matcher(query).replaceAll("(%s IS NULL)"), table, ranges);
        Bounds bounds = bounds(ranges, column, filters && table.isPresent() ? "SELECT * FROM " + table.get().sql() : probe, filters);
        if (bounds.isEmpty()) {
            return numbered(List.of(filters ? filtered(query, column, new Span(0, 0)) : probe));
        }
        if (filters) {
            String text = query;
            return numbered(SqlRanges.spans(bounds.lower(), bounds.upper(), wanted).stream().map(span -> filtered(text, column, span)).toList());
        }
        List<Long> borders = bounds.isStated() ? SqlRanges.borders(bounds.lower(), bounds.upper(), wanted)
                : SqlRanges.bordersWithin(bounds.lower(), bounds.upper(), wanted);
        String text = query;
        return numbered(SqlRanges.conditions(column.sql(), column.kind(), borders).stream()
                .map(condition -> CONDITION.matcher(text).replaceAll(Matcher.quoteReplacement(condition))).toList());
    }

    private String primaryKey(Optional<SqlTable> table) throws SQLException, StoreException {
        List<String> key = table.isPresent() ? table.get().primaryKey(connection) : List.of();
        if (key.isEmpty()) {
            throw StoreException.user("SqlParallelFailedToDetectPartitionColumn", "No column to divide by was found: name 'partitionColumnName'");
        }
        return key.getFirst();
    }

    private static String filtered(String query, Found column, Span span) {
        String named = COLUMN.matcher(query).replaceAll(Matcher.quoteReplacement(column.sql()));
        String upper = UPPER.matcher(named).replaceAll(Matcher.quoteReplacement(column.kind().literal(span.to())));
        return LOWER.matcher(upper).replaceAll(Matcher.quoteReplacement(column.kind().literal(span.from())));
    }

    private record Found(String sql, RangeBound kind) {}

    /// The column in SQL and what it holds: of the table, of the query's result, or, where only the inside of the query knows it, as it is written.
    private Found find(String written, String query, Optional<SqlTable> table, SqlPartitioning.Ranges ranges) throws SQLException, StoreException {
        boolean isQuoted = written.startsWith("\"") || written.startsWith("[");
        String name = isQuoted ? SqlTableName.parse(written).table() : written;
        Optional<TableColumn> known = table.flatMap(found -> found.column(name));
        if (known.isEmpty() && from instanceof SqlSource.From.Query && !COLUMN.matcher(query).find()) {
            known = inResult(name, query);
        }
        if (known.isPresent()) {
            TableColumn column = known.get();
            return new Found(target.dialect().quote(column.name()), RangeBound.of(column).orElseThrow(() -> StoreException.user(
                    "SqlParallelInvalidPartitionColumn", "The column '" + column.name() + "' of type " + column.typeName()
                            + " cannot be divided into ranges; use one of whole numbers, dates or times")));
        }
        if (!isQuoted && !name.matches("[\\p{L}_][\\p{L}\\p{N}_$.]*") || ranges.lower().isEmpty()) {
            throw StoreException.user("SqlParallelFailedToDetectPartitionColumn", "The query returns no column '" + name
                    + "'; name one that it returns, or state both bounds");
        }
        return new Found(isQuoted ? target.dialect().quote(name) : name, ranges.lower().get().strip().matches("-?\\d+(\\.\\d*)?") ? RangeBound.NUMBER : RangeBound.MOMENT);
    }

    private Optional<TableColumn> inResult(String name, String query) throws SQLException {
        for (String spelled : List.of(target.dialect().quote(name), name)) {
            Optional<List<TableColumn>> columns = target.dialect() == SqlDialect.POSTGRESQL
                    ? SqlColumns.describe(connection, query.replace("%s", spelled)) : Optional.empty();
            Optional<TableColumn> found = columns.flatMap(all -> all.stream().filter(column -> column.name().equalsIgnoreCase(name)).findFirst());
            if (found.isPresent()) {
                return found;
            }
        }
        return Optional.empty();
    }

    /// @param isStated whether the definition says them, so that rows may lie beyond
    private record Bounds(long lower, long upper, boolean isStated, boolean isEmpty) {}

    private Bounds bounds(SqlPartitioning.Ranges ranges, Found column, String query, boolean filters) throws SQLException, StoreException {
        Optional<String> lower = ranges.lower();
        Optional<String> upper = ranges.upper();
        if (lower.isEmpty() || upper.isEmpty()) {
            String sql = "SELECT MIN(" + column.sql() + "), MAX(" + column.sql() + ") FROM (" + SqlColumns.inner(query) + ") q";
            try (Statement statement = connection.createStatement(); ResultSet row = statement.executeQuery(sql)) {
                row.next();
                if (row.getString(1) == null) {
                    return new Bounds(0, 0, false, true);
                }
                lower = lower.isPresent() ? lower : Optional.of(row.getString(1));
                upper = upper.isPresent() ? upper : Optional.of(row.getString(2));
            }
        }
        long from = column.kind().parse(lower.get());
        long to = column.kind().parse(upper.get());
        if (from > to) {
            throw StoreException.user("SqlParallelInvalidPartitionBound", "The lower bound " + lower.get() + " is above the upper bound " + upper.get());
        }
        return new Bounds(from, to, !filters && (ranges.lower().isPresent() || ranges.upper().isPresent()), false);
    }

    private static List<Split> numbered(List<String> queries) {
        List<Split> splits = new ArrayList<>();
        for (String query : queries) {
            splits.add(new Split.OfPartition(splits.size(), query, List.of()));
        }
        return splits;
    }
}
