package io.conshelf.processor.format;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import io.conshelf.processor.value.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/// Protocol Buffers: messages of one type. Fields have the names of the `.proto` file; those without presence are there with their default, others only where
/// they are set. A batch has before each message its length, as streams of messages have.
public final class ProtobufFormat implements MessageFormat {
    private static final int NESTING_MAX = 100;

    private final Descriptor type;

    /// @param descriptors a FileDescriptorSet with all that its files import
    /// @param packageName empty for none
    /// @throws FormatException where the descriptors are none, or have no such message
    public ProtobufFormat(byte[] descriptors, String packageName, String message) throws FormatException {
        this.type = ProtobufTypes.find(descriptors, packageName.isEmpty() ? message : packageName + "." + message);
    }

    @Override
    public Value decode(byte[] payload) throws FormatException {
        FormatLimits.checkSize(payload, FormatLimits.PROTOBUF_BYTES_MAX);
        CodedInputStream in = CodedInputStream.newInstance(payload);
        in.setRecursionLimit(NESTING_MAX);
        try {
            DynamicMessage message = DynamicMessage.newBuilder(type).mergeFrom(in).build();
            in.checkLastTagWas(0);
            return new ProtobufReading().members(message);
        } catch (InvalidProtocolBufferException e) {
            throw new FormatException("no message '%s': %s (byte %d)".formatted(type.getFullName(), e.getMessage(), in.getTotalBytesRead()));
        } catch (IOException e) {
            throw new FormatException("no message '%s': %s".formatted(type.getFullName(), e.getMessage()));
        }
    }

    @Override
    public byte[] encode(Value record) throws FormatException {
        return message(record).toByteArray();
    }

    @Override
    public byte[] part(Value record) throws FormatException {
        ByteArrayOutputStream part = new ByteArrayOutputStream();
        try {
            message(record).writeDelimitedTo(part);
        } catch (IOException e) {
            throw new FormatException("not written: " + e.getMessage());
        }
        return part.toByteArray();
    }

    private DynamicMessage message(Value record) throws FormatException {
        DynamicMessage message = ProtobufWriting.message(type, record, "");
        if (!message.isInitialized()) {
            throw new FormatException("fields of '%s' that are required have no value: %s".formatted(type.getFullName(),
                    String.join(", ", message.findInitializationErrors())));
        }
        return message;
    }
}
