package io.conshelf.processor.format;

import io.conshelf.processor.definition.FormatDefinition;
import io.conshelf.processor.value.Value;
import java.io.ByteArrayOutputStream;
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

    /// A record of a batch, as the file of the batch holds it.
    default byte[] part(Value record) throws FormatException {
        return encode(record);
    }

    /// What the file of a batch of so many records has beside them.
    default Frame frame(int parts) {
        return Frame.NONE;
    }

    /// Records of a batch, as one file holds them.
    default byte[] encode(List<Value> records) throws FormatException {
        Frame frame = frame(records.size());
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.writeBytes(frame.before());
        for (int at = 0; at < records.size(); at++) {
            if (at > 0) {
                file.writeBytes(frame.between());
            }
            file.writeBytes(part(records.get(at)));
        }
        file.writeBytes(frame.after());
        return file.toByteArray();
    }

    /// What stands before the records of a file, between two of them, and behind the last. Only what is before them depends on how many they are.
    record Frame(byte[] before, byte[] between, byte[] after) {
        static final byte[] NOTHING = {};
        static final Frame NONE = new Frame(NOTHING, NOTHING, NOTHING);
    }
}
