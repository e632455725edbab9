package io.conshelf.streams.format;

import io.conshelf.streams.input.DataError;
import io.conshelf.streams.value.Value;
import java.util.function.Consumer;

/// Takes what is read.
public interface EventSink {
    void event(Value.Record event);

    void broken(DataError error);

    /// Takes events, and lets go what is broken.
    static EventSink ofEvents(Consumer<Value.Record> events) {
        return new EventSink() {
            @Override
            public void event(Value.Record event) {
                events.accept(event);
            }

            @Override
            public void broken(DataError error) {}
        };
    }
}
