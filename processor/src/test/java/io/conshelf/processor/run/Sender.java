package io.conshelf.processor.run;

import io.conshelf.processor.source.Source;
import io.conshelf.processor.source.SourceException;
import io.conshelf.processor.value.Value;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.TreeMap;

/// A sender as a broker of MQTT is one: so many deliveries are under way, each until it is acknowledged, and a connection that comes after another is first given
/// again what is under way.
final class Sender {
    private final int messages;
    private final int underwayMax;
    private final TreeMap<Integer, byte[]> underway = new TreeMap<>();
    private int sent;
    private int connection;
    private final List<Integer> acknowledged = new ArrayList<>();

    Sender(int messages, int underwayMax) {
        this.messages = messages;
        this.underwayMax = underwayMax;
    }

    synchronized Source connect() {
        return new Connection(++connection, new ArrayList<>(underway.keySet()));
    }

    /// Ends the connection, and takes the latest acknowledgements for not received.
    synchronized void cut(int lost) {
        connection++;
        for (int back = 0; back < lost && !acknowledged.isEmpty(); back++) {
            int number = acknowledged.removeLast();
            underway.put(number, payload(number));
        }
        acknowledged.clear();
        notifyAll();
    }

    synchronized boolean isDone() {
        return sent == messages && underway.isEmpty();
    }

    synchronized int sent() {
        return sent;
    }

    static byte[] payload(int number) {
        return (number % 97 == 13 ? "broken " + number : String.valueOf(number)).getBytes(StandardCharsets.UTF_8);
    }

    private final class Connection implements Source {
        private final int number;
        private final List<Integer> again;

        Connection(int number, List<Integer> again) {
            this.number = number;
            this.again = again;
        }

        @Override
        public List<Arrival> next() throws SourceException, InterruptedException {
            synchronized (Sender.this) {
                while (number == connection && again.isEmpty() && (sent == messages || underway.size() >= underwayMax)) {
                    Sender.this.wait();
                }
                if (number != connection) {
                    Sender.this.wait(5);
                    throw new SourceException("the connection is lost", new IllegalStateException());
                }
                List<Arrival> arrivals = new ArrayList<>();
                again.forEach(message -> arrivals.add(arrival(message, true)));
                again.clear();
                while (sent < messages && underway.size() < underwayMax && arrivals.size() < 10) {
                    underway.put(sent, payload(sent));
                    arrivals.add(arrival(sent++, false));
                }
                return arrivals;
            }
        }

        private Arrival arrival(int message, boolean isRepeated) {
            SequencedMap<String, Value> envelope = new LinkedHashMap<>();
            envelope.put("topic", Value.of("numbers/" + message % 5));
            return new Arrival(payload(message), envelope, new Delivery() {
                @Override
                public Identity identity() {
                    return new Identity(message, String.valueOf(message));
                }

                @Override
                public boolean isRepeated() {
                    return isRepeated;
                }

                @Override
                public void acknowledge() {
                    synchronized (Sender.this) {
                        if (number == connection && underway.remove(message) != null) {
                            acknowledged.add(message);
                            Sender.this.notifyAll();
                        }
                    }
                }
            });
        }

        @Override
        public void close() {}
    }
}
