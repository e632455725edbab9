package io.conshelf.connectors.sql;

import io.conshelf.connectors.CsvRecords;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowSource;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/// The rows of a query or a table.
public record SqlSource(SqlDatabase database, From from, SqlReading reading, SqlPartitioning partitioning) implements RowSource {

    /// What is read.
    public sealed interface From {
        /// @param table of the dataset, whose partitions or key the query may be divided by
        record Query(String text, Optional<SqlTableName> table) implements From {}

        record Table(SqlTableName name) implements From {}

        /// What a stored procedure selects.
        record Procedure(SqlProcedure procedure) implements From {}

        default Optional<SqlTableName> table() {
            return switch (this) {
                case Query query -> query.table;
                case Table(SqlTableName name) -> Optional.of(name);
                case Procedure _ -> Optional.empty();
            };
        }
    }

    @Override
    public List<Split> splits(int wanted) throws StoreException {
        if (from instanceof From.Query(String text, var _) && partitioning instanceof SqlPartitioning.None && !text.contains("?")) {
            return List.of(new Split.OfQuery(text));
        }
        try (SqlDatabase.Session session = reading.begin(database)) {
            return new SqlPartitions(database.target(), session.connection(), from, Math.max(1, wanted)).splits(partitioning);
        } catch (SQLException failure) {
            throw SqlFailure.running(database.target(), "Finding the partitions", failure);
        }
    }

    @Override
    public RowReader open(Split split) throws StoreException {
        return SqlRows.open(database, query(split), reading);
    }

    @Override
    public Optional<CsvRecords> csv(Split split) throws StoreException {
        return database.dialect() == SqlDialect.POSTGRESQL ? PostgresCopy.open(database, query(split), reading) : Optional.empty();
    }

    private static String query(Split split) {
        return switch (split) {
            case Split.OfQuery(String text) -> text;
            case Split.OfPartition(int _, String text, var _) -> text;
            case Split.OfFile _, Split.OfPages _ -> throw new IllegalArgumentException("a database is read by queries, not by " + split);
        };
    }
}
