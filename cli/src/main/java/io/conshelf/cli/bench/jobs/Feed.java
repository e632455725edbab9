package io.conshelf.cli.bench.jobs;

import io.conshelf.streams.input.EventInput;
import io.conshelf.streams.input.EventPartition;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// Events that are given one by one while a job runs, in this process. One feed at a time.
record Feed() implements EventInput {
    private static final LinkedBlockingQueue<Value.Record> EVENTS = new LinkedBlockingQueue<>();

    static void give(Value.Record event) {
        EVENTS.add(event);
    }

    @Override
    public List<String> partitions() {
        return List.of("0");
    }

    @Override
    public EventPartition open(String partition, Start start) {
        return new Open();
    }

    @Override
    public int partitionsMax() {
        return 1;
    }

    private static final class Open implements EventPartition {
        @Override
        public void poll(Duration wait, Events out) throws InterruptedException {
            for (Value.Record event = EVENTS.poll(wait.toMillis(), TimeUnit.MILLISECONDS); event != null; event = EVENTS.poll()) {
                out.event(event, Ticks.of(Instant.now()));
            }
        }

        @Override
        public byte[] position() {
            return new byte[0];
        }

        @Override
        public boolean isEnded() {
            return false;
        }

        @Override
        public long backlog() {
            return EVENTS.size();
        }

        @Override
        public void close() {}
    }
}
