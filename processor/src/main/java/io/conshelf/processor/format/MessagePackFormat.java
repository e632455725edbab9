package io.conshelf.processor.format;

import io.conshelf.processor.value.Value;

/// MessagePack. Its timestamps become text (RFC 3339), other extensions are refused; integers as keys are their text. A batch is an array.
public final class MessagePackFormat implements MessageFormat {
    @Override
    public Value decode(byte[] payload) throws FormatException {
        FormatLimits.checkSize(payload, FormatLimits.BYTES_MAX);
        return new MessagePackReading(payload).whole();
    }

    @Override
    public byte[] encode(Value record) throws FormatException {
        MessagePackWriting writing = new MessagePackWriting();
        writing.write(record);
        return writing.bytes();
    }

    /// An array of so many.
    @Override
    public Frame frame(int parts) {
        return new Frame(MessagePackWriting.array(parts), Frame.NOTHING, Frame.NOTHING);
    }
}
