package io.conshelf.streams.format;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.format.AvroReader;
import io.conshelf.connectors.format.ParquetReader;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import io.conshelf.streams.value.Value.DateTime;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Events of formats that describe themselves, Avro and Parquet, read by what copies read them with. Parquet is read from its end, so it is put aside in a
/// file first.
final class FileEvents implements EventReader {
    enum Kind { AVRO, PARQUET }

    private final Kind kind;
    private final Broken broken;
    private final JsonNodeValues values;

    FileEvents(InputFormat format, Kind kind) {
        this.kind = kind;
        this.broken = Broken.of(format);
        this.values = new JsonNodeValues(format.level());
    }

    @Override
    public void message(byte[] message, String resource, EventSink out) {
        try (Events events = file(new ByteArrayInputStream(message), resource)) {
            while (events.next(out)) {
                // one after another
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public Events file(InputStream bytes, String resource) {
        return new Rows(bytes, resource);
    }

    private final class Rows implements Events {
        private final Watched bytes;
        private final String resource;
        /// What is put aside until it is read.
        private final List<Path> aside = new ArrayList<>();
        private RowReader rows;
        private List<Column> columns = List.of();
        private Shape shape = Shape.EMPTY;
        private boolean isEnded;

        Rows(InputStream bytes, String resource) {
            this.bytes = new Watched(bytes);
            this.resource = resource;
        }

        @Override
        public boolean next(EventSink out) throws IOException {
            if (isEnded) {
                return false;
            }
            Optional<List<JsonNode>> row;
            try {
                if (rows == null) {
                    begin();
                }
                row = rows.next();
            } catch (StoreException failure) {
                if (bytes.failure != null) {
                    throw bytes.failure;
                }
                isEnded = true;
                out.broken(broken.data(resource, failure.getMessage(), ""));
                return true;
            }
            if (row.isEmpty()) {
                isEnded = true;
                return false;
            }
            event(row.get(), out);
            return true;
        }

        private void begin() throws IOException, StoreException {
            rows = switch (kind) {
                case AVRO -> new AvroReader(resource, bytes);
                case PARQUET -> {
                    Path file = Files.createTempFile("conshelf-events-", ".parquet");
                    aside.add(file);
                    Files.copy(bytes, file, StandardCopyOption.REPLACE_EXISTING);
                    yield new ParquetReader(resource, file);
                }
            };
            columns = rows.columns();
            shape = values.shape(columns.stream().map(Column::name).toList());
        }

        private void event(List<JsonNode> row, EventSink out) {
            Value[] cells = new Value[columns.size()];
            try {
                for (int i = 0; i < cells.length; i++) {
                    cells[i] = cell(columns.get(i).type(), row.get(i));
                }
            } catch (JsonNodeValues.NoValue noValue) {
                out.broken(broken.data(resource, noValue.getMessage(), row.toString()));
                return;
            }
            out.event(new Value.Record(shape, cells));
        }

        private Value cell(ValueType type, JsonNode cell) throws JsonNodeValues.NoValue {
            if (type == ValueType.DATETIME && cell.isTextual()) {
                long ticks = Ticks.parse(cell.textValue());
                return ticks == Ticks.NONE ? Value.of(cell.textValue()) : new DateTime(ticks);
            }
            return values.of(cell);
        }

        @Override
        public void close() throws IOException {
            try {
                if (rows != null) {
                    rows.close();
                }
            } catch (StoreException failure) {
                throw new IOException(failure.getMessage(), failure);
            } finally {
                bytes.close();
                for (Path file : aside) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /// Remembers whether it was the store that failed, and not what it gave.
    private static final class Watched extends FilterInputStream {
        private IOException failure;

        Watched(InputStream bytes) {
            super(bytes);
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return super.read(into, offset, length);
            } catch (IOException broken) {
                failure = broken;
                throw broken;
            }
        }
    }
}
