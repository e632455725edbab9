package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.orc.OrcFile;
import io.conshelf.engine.orc.OrcType;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.LogicalType;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileStream;
import org.apache.avro.generic.GenericDatumReader;

/// The columns of files that carry their schema, where it is not DuckDB that reads them.
final class FileColumns {
    private FileColumns() {}

    static List<ColumnSchema> ofAvro(Path path) {
        try (var content = Sources.inflated(Files.newInputStream(path));
                var file = new DataFileStream<>(new AvroBlocks(content, Long.MAX_VALUE), new GenericDatumReader<>())) {
            if (file.getSchema().getType() != Schema.Type.RECORD) {
                throw broken("Avro", "its values are no records");
            }
            return file.getSchema().getFields().stream().map(f -> new ColumnSchema(f.name(), type(f.schema()))).toList();
        } catch (IOException | AvroRuntimeException | IllegalArgumentException | IndexOutOfBoundsException | NegativeArraySizeException
                | UnsupportedOperationException e) {
            throw broken("Avro", AvroFeed.reason(e));
        } catch (OutOfMemoryError | StackOverflowError tooMuch) {
            throw broken("Avro", "it claims to be larger, or nested more deeply, than can be read");
        }
    }

    static List<ColumnSchema> ofOrc(Path path) {
        try (var file = OrcFile.open(path)) {
            if (file.schema().kind() != OrcType.Kind.STRUCT) {
                throw broken("ORC", "its values are no structs");
            }
            var columns = new ArrayList<ColumnSchema>();
            for (int i = 0; i < file.schema().children().size(); i++) {
                columns.add(new ColumnSchema(file.schema().names().get(i), type(file.schema().children().get(i))));
            }
            return columns;
        } catch (IOException e) {
            throw broken("ORC", String.valueOf(e.getMessage()));
        }
    }

    private static KustoException broken(String format, String reason) {
        return new KustoException(IngestionErrors.invalidBlob("it is no " + format + " file whose schema can be read: " + reason));
    }

    private static Type type(Schema schema) {
        if (schema.getType() == Schema.Type.UNION) {
            var others = schema.getTypes().stream().filter(s -> s.getType() != Schema.Type.NULL).toList();
            return others.size() == 1 ? type(others.getFirst()) : Type.DYNAMIC;
        }
        LogicalType logical = schema.getLogicalType();
        if (logical != null) {
            return switch (logical) {
                case LogicalTypes.Date _, LogicalTypes.TimestampMillis _, LogicalTypes.LocalTimestampMillis _,
                        LogicalTypes.TimestampMicros _, LogicalTypes.LocalTimestampMicros _, LogicalTypes.TimestampNanos _,
                        LogicalTypes.LocalTimestampNanos _ -> Type.DATETIME;
                case LogicalTypes.TimeMillis _, LogicalTypes.TimeMicros _ -> Type.TIMESPAN;
                case LogicalTypes.Decimal _ -> Type.DECIMAL;
                // The types are the library's open family: one that has no class of its own is told by its name.
                default -> switch (logical.getName()) {
                    case "uuid" -> Type.GUID;
                    case "duration" -> Type.TIMESPAN;
                    default -> plain(schema);
                };
            };
        }
        return plain(schema);
    }

    private static Type plain(Schema schema) {
        return switch (schema.getType()) {
            case BOOLEAN -> Type.BOOL;
            case INT -> Type.INT;
            case LONG -> Type.LONG;
            case FLOAT, DOUBLE -> Type.REAL;
            case STRING, ENUM, NULL -> Type.STRING;
            case BYTES, FIXED, ARRAY, MAP, RECORD, UNION -> Type.DYNAMIC;
        };
    }

    private static Type type(OrcType type) {
        return switch (type.kind()) {
            case BOOLEAN -> Type.BOOL;
            case BYTE, SHORT, INT -> Type.INT;
            case LONG -> Type.LONG;
            case FLOAT, DOUBLE -> Type.REAL;
            case STRING, VARCHAR, CHAR -> Type.STRING;
            case DECIMAL -> Type.DECIMAL;
            case DATE, TIMESTAMP, TIMESTAMP_INSTANT -> Type.DATETIME;
            case BINARY, LIST, MAP, STRUCT, UNION -> Type.DYNAMIC;
        };
    }
}
