package io.conshelf.server;

import io.conshelf.engine.Answer;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ResultTable;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.value.Chunk;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// An answer of rows written down in a test; a failure may follow them.
final class GivenAnswer implements Answer {
    private final Iterator<Table> tables;
    private final Optional<String> visualization;

    GivenAnswer(Optional<String> visualization, Table... tables) {
        this.tables = Arrays.asList(tables).iterator();
        this.visualization = visualization;
    }

    static GivenAnswer of(Table... tables) {
        return new GivenAnswer(Optional.empty(), tables);
    }

    @Override
    public Optional<ResultTable> nextTable() {
        return tables.hasNext() ? Optional.of(tables.next()) : Optional.empty();
    }

    @Override
    public Optional<String> visualization() {
        return visualization;
    }

    @Override
    public Usage usage() {
        return new Usage(2, 16, 1_000, 10_000, 4_096);
    }

    @Override
    public void close() {}

    static final class Table implements ResultTable {
        private final String name;
        private final List<ColumnSchema> columns;
        private final Iterator<List<List<Object>>> chunks;
        private final Optional<KustoException> failure;

        Table(String name, List<ColumnSchema> columns, Optional<KustoException> failure, List<List<Object>> rows) {
            this.name = name;
            this.columns = columns;
            this.failure = failure;
            this.chunks = List.of(rows).iterator();
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public List<ColumnSchema> columns() {
            return columns;
        }

        @Override
        public Optional<Chunk> next() {
            if (chunks.hasNext()) {
                return Optional.of(new Rows(columns.size(), chunks.next()));
            }
            if (failure.isPresent()) {
                throw failure.get();
            }
            return Optional.empty();
        }
    }

    /// Rows as Java values; `Optional.empty()` is a null.
    private record Rows(int columns, List<List<Object>> values) implements Chunk {
        @Override
        public int rows() {
            return values.size();
        }

        @Override
        public boolean isNull(int column, int row) {
            return values.get(row).get(column) instanceof Optional<?>;
        }

        @Override
        public boolean bool(int column, int row) {
            return (Boolean) values.get(row).get(column);
        }

        @Override
        public int int32(int column, int row) {
            return (Integer) values.get(row).get(column);
        }

        @Override
        public long int64(int column, int row) {
            return (Long) values.get(row).get(column);
        }

        @Override
        public double float64(int column, int row) {
            return (Double) values.get(row).get(column);
        }

        @Override
        public BigDecimal decimal(int column, int row) {
            return (BigDecimal) values.get(row).get(column);
        }

        @Override
        public String text(int column, int row) {
            return (String) values.get(row).get(column);
        }

        @Override
        public UUID guid(int column, int row) {
            return (UUID) values.get(row).get(column);
        }
    }
}
