package io.conshelf.processor.definition;

import io.conshelf.processor.path.Path;
import java.util.Arrays;
import java.util.List;

/// A format and its settings.
///
/// @param path where what is written stands in the message, or where what is read goes; the whole where the stage has no say in it
public record FormatDefinition(Kind kind, Path path) {
    public static final FormatDefinition RAW = new FormatDefinition(Plain.RAW, Path.WHOLE);

    /// What HTTP calls it.
    public String contentType() {
        return switch (kind) {
            case Plain plain -> switch (plain) {
                case RAW -> "application/octet-stream";
                case JSON -> "application/json";
                case JSON_STREAM -> "application/x-ndjson";
                case MESSAGE_PACK -> "application/msgpack";
                case CBOR -> "application/cbor";
            };
            case Csv _ -> "text/csv";
            case Protobuf _ -> "application/x-protobuf";
        };
    }

    public sealed interface Kind {}

    /// Formats that have no settings.
    public enum Plain implements Kind { RAW, JSON, JSON_STREAM, MESSAGE_PACK, CBOR }

    public enum Header {
        /// The first line names the columns.
        FIRST_LINE, NONE
    }

    public record Csv(Header header, List<Column> columns) implements Kind {
        public Csv {
            columns = List.copyOf(columns);
        }
    }

    public enum CellType { STRING, FLOAT, INTEGER, BOOLEAN, BYTES }

    /// @param type of cells that are read; what is written has its own
    /// @param path in the record
    public record Column(String name, CellType type, Path path) {}

    /// @param descriptors a FileDescriptorSet as protoc writes it
    /// @param message     without its package
    public record Protobuf(byte[] descriptors, String packageName, String message) implements Kind {
        @Override
        public boolean equals(Object other) {
            return other instanceof Protobuf(byte[] bytes, String otherPackage, String otherMessage) && Arrays.equals(descriptors, bytes)
                    && packageName.equals(otherPackage) && message.equals(otherMessage);
        }

        @Override
        public int hashCode() {
            return Arrays.hashCode(descriptors) * 31 + message.hashCode();
        }

        @Override
        public String toString() {
            return "Protobuf[" + packageName + "." + message + "]";
        }
    }
}
