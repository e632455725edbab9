package io.conshelf.processor.format;

import io.conshelf.processor.value.Value;
import java.util.List;

/// How a payload is written: raw, JSON, CSV and the others, with their settings. Safe for use by several threads.
public interface MessageFormat {
    /// @throws FormatException where the bytes are not of this format, with where in them
    Value decode(byte[] payload) throws FormatException;

    /// One record as a payload of its own.
    byte[] encode(Value record) throws FormatException;

    /// Records of a batch, as one file holds them.
    byte[] encode(List<Value> records) throws FormatException;
}
