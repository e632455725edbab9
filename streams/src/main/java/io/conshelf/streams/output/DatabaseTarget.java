package io.conshelf.streams.output;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.sql.SqlInserts;
import io.conshelf.connectors.sql.SqlInserts.OnRefusal;
import io.conshelf.connectors.sql.SqlServers;
import io.conshelf.connectors.sql.SqlTarget;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Value;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Appends rows to a table of PostgreSQL or SQL Server, by the names of its columns. At least once; rows whose unique key is there already are left out, so
/// that a table with one has each row once.
final class DatabaseTarget implements EventTarget {
    private final SqlServers servers;
    private final Settings settings;

    /// Says where the database is; done when it is first needed.
    interface Place {
        SqlTarget target() throws StoreException;
    }

    /// @param batch rows written at once
    record Settings(Place place, String table, int batch, OutputError policy, Compatibility level) {}

    DatabaseTarget(SqlServers servers, Settings settings) {
        this.servers = servers;
        this.settings = settings;
    }

    private SqlInserts inserts() throws OutputException {
        try {
            return SqlInserts.of(servers.database(settings.place().target()), settings.table());
        } catch (StoreException failure) {
            throw new OutputException(failure.getMessage(), failure);
        }
    }

    @Override
    public List<String> check(List<String> columns) throws OutputException {
        SqlInserts inserts = inserts();
        return columns.stream().filter(column -> inserts.column(column).isEmpty()).map(column -> "the table '" + settings.table() + "' has no column '" + column + "'")
                .toList();
    }

    @Override
    public Writer open(String writer) throws OutputException {
        return new Batches(inserts());
    }

    @Override
    public void close() {
        servers.close();
    }

    private final class Batches implements Writer {
        private final SqlInserts inserts;
        private final List<String[]> rows = new ArrayList<>();
        private List<String> names = List.of();
        private List<SqlInserts.Column> columns = List.of();
        private final List<Refused> refused = new ArrayList<>();

        private Batches(SqlInserts inserts) {
            this.inserts = inserts;
        }

        @Override
        public void write(Row row) throws OutputException {
            Value.Record record = row.event();
            if (!record.shape().names().equals(names)) {
                insertAll();
                List<SqlInserts.Column> found = new ArrayList<>();
                for (String name : record.shape().names()) {
                    Optional<SqlInserts.Column> column = inserts.column(name);
                    found.add(column.orElseThrow(() -> new RowRefused("ColumnNameInvalid", "the table '" + settings.table() + "' has no column '" + name + "'")));
                }
                names = record.shape().names();
                columns = found;
            }
            String[] cells = new String[columns.size()];
            for (int i = 0; i < cells.length; i++) {
                cells[i] = cell(columns.get(i), record.values()[i]);
            }
            // Before the row is added: a row that failed with its batch would be written again, and be there twice.
            if (rows.size() >= settings.batch()) {
                insertAll();
            }
            rows.add(cells);
        }

        private String cell(SqlInserts.Column column, Value value) throws RowRefused {
            boolean isNested = value instanceof Value.Record || value instanceof Value.Array;
            // Before 1.2 the service writes but the word.
            if (isNested && !settings.level().isAtLeast(Compatibility.V1_2)) {
                return value instanceof Value.Record ? "Record" : "Array";
            }
            String text = Cells.text(value);
            boolean fits = text == null || switch (column.takes()) {
                case WHOLE_NUMBERS -> value instanceof Value.BigInt || value instanceof Value.Bit
                        || value instanceof Value.FloatingPoint(double number) && number == Math.rint(number) && Math.abs(number) < 1e18
                        || value instanceof Value.Text && text.strip().matches("[-+]?\\d{1,19}");
                case NUMBERS -> value instanceof Value.BigInt || value instanceof Value.Bit || value instanceof Value.FloatingPoint(double number) && Double.isFinite(number)
                        || value instanceof Value.Text && text.strip().matches("[-+]?(\\d{1,40}(\\.\\d{0,40})?|\\.\\d{1,40})([eE][-+]?\\d{1,3})?");
                case TIMES -> value instanceof Value.DateTime || value instanceof Value.Text;
                case FLAGS -> value instanceof Value.Bit || value instanceof Value.BigInt(long number) && (number == 0 || number == 1)
                        || value instanceof Value.Text && text.strip().matches("(?i)true|false|0|1");
                case TEXTS, OTHER -> true;
            };
            if (!fits) {
                throw new RowRefused("TypeConversionError", "a " + value.typeName() + " does not fit the column '" + column.name() + "' of the table '" + settings.table() + "'");
            }
            return text == null ? null : switch (column.takes()) {
                case WHOLE_NUMBERS -> switch (value) {
                    case Value.FloatingPoint(double number) -> new BigDecimal(number).toBigInteger().toString();
                    case Value.Bit(boolean bit) -> bit ? "1" : "0";
                    default -> text.strip();
                };
                case NUMBERS -> value instanceof Value.Bit(boolean bit) ? bit ? "1" : "0" : text.strip();
                case TIMES, FLAGS, TEXTS, OTHER -> text;
            };
        }

        private void insertAll() throws OutputException {
            if (rows.isEmpty()) {
                return;
            }
            try {
                SqlInserts.Outcome outcome = inserts.insert(columns.stream().map(SqlInserts.Column::name).toList(), rows,
                        settings.policy() == OutputError.DROP ? OnRefusal.SKIP : OnRefusal.FAIL);
                if (outcome.refused() > 0) {
                    refused.add(new Refused("TypeConversionError", "the table '%s' did not take %d rows, the first because of: %s".formatted(settings.table(),
                            outcome.refused(), outcome.reason().orElse("")), outcome.refused()));
                }
                rows.clear();
            } catch (StoreException failure) {
                throw new OutputException(failure.getMessage(), failure);
            }
        }

        @Override
        public List<Refused> refused() {
            List<Refused> told = List.copyOf(refused);
            refused.clear();
            return told;
        }

        @Override
        public byte[] prepare(long checkpoint) throws OutputException {
            insertAll();
            return new byte[0];
        }

        @Override
        public void commit(byte[] prepared) {
            // what was prepared is there
        }

        @Override
        public void close() {
            rows.clear();
        }
    }
}
