package io.conshelf.streams.input;

import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.value.Ticks;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/// Events that stand in the definition itself.
record RawInput(String payload, InputFormat format) implements EventInput {
    @Override
    public int partitionsMax() {
        return 1;
    }

    @Override
    public boolean isBounded() {
        return true;
    }

    @Override
    public boolean tellsArrival() {
        return false;
    }

    @Override
    public List<String> partitions() {
        return List.of("0");
    }

    @Override
    public EventPartition open(String partition, Start start) {
        return new EventPartition() {
            private boolean isEnded = start instanceof Start.At(byte[] position) && position.length > 0;

            @Override
            public void poll(Duration wait, Events out) {
                if (!isEnded) {
                    ReadEvents events = new ReadEvents(out);
                    events.of(Ticks.of(Instant.now()), UnaryOperator.identity());
                    byte[] message = payload.getBytes(StandardCharsets.UTF_8);
                    out.read(1, message.length);
                    format.reader().message(message, format.input(), events);
                    isEnded = true;
                }
            }

            @Override
            public byte[] position() {
                return isEnded ? new byte[] {1} : new byte[0];
            }

            @Override
            public boolean isEnded() {
                return isEnded;
            }

            @Override
            public long backlog() {
                return isEnded ? 0 : 1;
            }

            @Override
            public void close() {}
        };
    }

    @Override
    public String toString() {
        return "RawInput[" + format.input() + "]";
    }
}
