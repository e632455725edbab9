package io.conshelf.streams.format;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.value.Value;

/// Takes what is read.
public interface EventSink {
    void event(Value.Record event);

    void broken(DataError error);
}
