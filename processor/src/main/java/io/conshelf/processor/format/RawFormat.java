package io.conshelf.processor.format;

import io.conshelf.processor.value.Value;
import java.nio.charset.StandardCharsets;

/// Bytes as they are. Text is written in UTF-8.
public final class RawFormat implements MessageFormat {
    @Override
    public Value decode(byte[] payload) throws FormatException {
        FormatLimits.checkSize(payload, FormatLimits.BYTES_MAX);
        return new Value.Binary(payload);
    }

    @Override
    public byte[] encode(Value record) throws FormatException {
        return switch (record) {
            case Value.Binary(byte[] bytes) -> bytes;
            case Value.Text(String text) -> text.getBytes(StandardCharsets.UTF_8);
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Items _, Value.Members _ ->
                throw new FormatException("'raw' writes bytes and strings, found " + FormatLimits.kind(record));
        };
    }
}
