package io.conshelf.processor.format;

import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.definition.FormatDefinition.Plain;

/// The formats that definitions name.
public final class Formats {
    private Formats() {}

    /// @throws FormatException where its settings are of no use, such as descriptors that do not hold the message
    public static MessageFormat of(FormatDefinition.Kind kind) throws FormatException {
        return switch (kind) {
            case Plain.RAW -> new RawFormat();
            case Plain.JSON -> new JsonFormat(JsonFormat.Documents.ONE);
            case Plain.JSON_STREAM -> new JsonFormat(JsonFormat.Documents.STREAM);
            case Plain.MESSAGE_PACK -> new MessagePackFormat();
            case Plain.CBOR -> new CborFormat();
            case FormatDefinition.Csv csv -> new CsvFormat(csv);
            case FormatDefinition.Protobuf(byte[] descriptors, String packageName, String message) -> new ProtobufFormat(descriptors, packageName, message);
        };
    }

    /// What HTTP calls it.
    public static String contentType(FormatDefinition.Kind kind) {
        return switch (kind) {
            case Plain.RAW -> "application/octet-stream";
            case Plain.JSON -> "application/json";
            case Plain.JSON_STREAM -> "application/x-ndjson";
            case Plain.MESSAGE_PACK -> "application/msgpack";
            case Plain.CBOR -> "application/cbor";
            case FormatDefinition.Csv _ -> "text/csv";
            case FormatDefinition.Protobuf _ -> "application/x-protobuf";
        };
    }
}
