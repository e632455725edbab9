package io.conshelf.processor.run;

import io.conshelf.processor.destination.Destination;
import io.conshelf.processor.destination.DestinationException;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.value.Value;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/// A store that shows each batch once, as a cluster does by ingest-by tags, and at times does not answer.
final class Ledger {
    private final Map<String, List<Value>> uploaded = new HashMap<>();
    private final Map<String, List<Value>> shown = new HashMap<>();
    private final Random failing;

    Ledger(long seed) {
        this.failing = new Random(seed);
    }

    synchronized List<Value> rows() {
        return shown.values().stream().flatMap(List::stream).toList();
    }

    private synchronized void mayFail() throws DestinationException {
        if (failing.nextInt(5) == 0) {
            throw new DestinationException(Lasting.TRANSIENT, "busy", new IllegalStateException());
        }
    }

    private synchronized String upload(List<Value> rows) {
        String id = UUID.randomUUID().toString();
        uploaded.put(id, List.copyOf(rows));
        return id;
    }

    private synchronized void show(String id) {
        shown.put(id, uploaded.get(id));
    }

    Destination open() {
        return new Destination() {
            private final List<Value> rows = new ArrayList<>();
            private Instant due = Instant.MAX;

            @Override
            public void accept(Message message) throws DestinationException {
                mayFail();
                if (rows.isEmpty()) {
                    due = message.received().plus(Duration.ofMillis(10));
                }
                rows.add(((Value.Members) message.content()).member("payload"));
            }

            @Override
            public Optional<Instant> due() {
                return rows.isEmpty() ? Optional.empty() : Optional.of(due);
            }

            @Override
            public byte[] prepare(long checkpoint) throws DestinationException {
                mayFail();
                if (rows.isEmpty()) {
                    return new byte[0];
                }
                String id = upload(rows);
                rows.clear();
                return id.getBytes(StandardCharsets.UTF_8);
            }

            @Override
            public void commit(byte[] prepared) throws DestinationException {
                mayFail();
                show(new String(prepared, StandardCharsets.UTF_8));
            }

            @Override
            public void close() {}
        };
    }
}
