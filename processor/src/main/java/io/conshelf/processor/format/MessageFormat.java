package io.conshelf.processor.format;

import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.value.Value;
import java.util.List;

/// How a payload is written: raw, JSON, CSV and the others, with their settings. Safe for use by several threads.
public interface MessageFormat {
    /// @throws FormatException where the settings do not hold together, such as a message that the descriptors do not have
    static MessageFormat of(FormatDefinition definition) throws FormatException {
        return switch (definition.kind()) {
            case FormatDefinition.Plain plain -> switch (plain) {
                case RAW -> new RawFormat();
                case JSON -> new JsonFormat(JsonFormat.Documents.ONE);
                case JSON_STREAM -> new JsonFormat(JsonFormat.Documents.STREAM);
                case MESSAGE_PACK -> new MessagePackFormat();
                case CBOR -> new CborFormat();
            };
            case FormatDefinition.Csv csv -> new CsvFormat(csv);
            case FormatDefinition.Protobuf(byte[] descriptors, String packageName, String message) -> new ProtobufFormat(descriptors, packageName, message);
        };
    }

    /// @throws FormatException where the bytes are not of this format, with where in them
    Value decode(byte[] payload) throws FormatException;

    /// One record as a payload of its own.
    byte[] encode(Value record) throws FormatException;

    /// Records of a batch, as one file holds them.
    byte[] encode(List<Value> records) throws FormatException;
}
